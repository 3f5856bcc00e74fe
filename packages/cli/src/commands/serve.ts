// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Command } from 'commander'
import { CliError } from '../failure.ts'

/** Passed on, so that whoever manages this process manages the server. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function configure(command: Command): void {
  // Everything behind the name is for arranger-server, also --help and --version.
  command.parent?.enablePositionalOptions()
  command
    .argument('[flags...]', "flags of arranger-server; '--help' lists them")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((flags: string[]) => serve(flags))
}

async function serve(flags: readonly string[]): Promise<void> {
  const { serverProgram } = await import('@arranger/engine')
  const program = serverProgram()
  const child = spawn(program, flags, { stdio: 'inherit' })
  const forward = (signal: NodeJS.Signals) => void child.kill(signal)
  for (const signal of signals) process.on(signal, forward)
  try {
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', ({ message }) => reject(new CliError('failed', `${program} cannot be run: ${message}`)))
      // What a shell says of a program that a signal has ended.
      child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
    })
  } finally {
    for (const signal of signals) process.off(signal, forward)
  }
}
