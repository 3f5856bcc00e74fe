// SPDX-License-Identifier: MIT
import { type ChildProcess, spawn } from 'node:child_process'
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
  let child: ChildProcess | undefined
  const forward = (signal: NodeJS.Signals) => void child?.kill(signal)
  // First: a signal that comes while the server starts would end this process alone. Its handler runs when there is a child.
  for (const signal of signals) process.on(signal, forward)
  try {
    const started = spawn(program, flags, { stdio: 'inherit' })
    child = started
    process.exitCode = await new Promise<number>((resolve, reject) => {
      started.once('error', ({ message }) => reject(new CliError('failed', `${program} cannot be run: ${message}`)))
      // What a shell says of a program that a signal has ended.
      started.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
    })
  } finally {
    for (const signal of signals) process.off(signal, forward)
  }
}
