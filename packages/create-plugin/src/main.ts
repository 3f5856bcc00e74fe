#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { configure } from './command.ts'
import { CreateError } from './failure.ts'

/** Tells of a failure and gives the exit code: 2 for a wrong command line, 130 for Ctrl-C, else 1. */
function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  if (!(error instanceof CreateError) && !(error instanceof CommanderError)) throw error
  const { code, hint } = error instanceof CreateError ? error : { code: 'usage', hint: 'see --help' }
  const message = error.message.replace(/^error: /, '')
  process.stderr.write(`✖ ${message} (${code})\n${hint ? `  ${hint}\n` : ''}`)
  if (json) process.stdout.write(`${JSON.stringify({ status: 'error', code, message, hint })}\n`)
  return code === 'usage' ? 2 : code === 'cancelled' ? 130 : 1
}

const program = new Command('create-plugin')
  .description('Start a plugin for Arranger.')
  .exitOverride()
  .configureOutput({ outputError: () => undefined })
configure(program)
try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error, process.argv.includes('--json'))
}
