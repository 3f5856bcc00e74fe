// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { AudioEngineConfig } from '../addon.ts'
import { EngineError, type ErrorCode } from '../error.ts'
import { orAfter } from '../time-limit.ts'
import { serverProgram } from './program.ts'

/** How long a server may take until it listens, in ms; on a busy machine it is far from a tenth of that. */
const startMs = 20_000
/** As much of what a server says to its standard error is kept. */
const keptTalk = 4096

/** A server that this process has started. */
export interface StartedServer {
  /** What it says of its end, once it has ended; undefined if it does not within that time. */
  end(withinMs: number): Promise<string | undefined>
}

function flagsOf({ sampleRate, blockSize, threads, outputDevice }: AudioEngineConfig): string[] {
  return [
    ...(sampleRate === undefined ? [] : ['--sample-rate', String(sampleRate)]),
    ...(blockSize === undefined ? [] : ['--block-size', String(blockSize)]),
    ...(threads === undefined ? [] : ['--threads', String(threads)]),
    ...(outputDevice === undefined ? [] : ['--device', outputDevice ?? 'none']),
  ]
}

/** Options that a server refuses are as wrong with any other back end, and are told with the same code. */
function refusalIn(talk: string): EngineError | undefined {
  const [, code, message] = /^arranger-server: (device_unavailable|out_of_range): (.*)$/m.exec(talk) ?? []
  return code && message ? new EngineError(code as ErrorCode, message) : undefined
}

/**
 * Starts a server that outlives this process if others use it, and ends when nobody does. Resolves when it listens.
 * @throws EngineError `server_unavailable` with what it said; what it refuses of the configuration.
 */
export async function startServer(address: string, config: AudioEngineConfig): Promise<StartedServer> {
  const program = serverProgram()
  // A process group of its own: Ctrl-C in a terminal is meant for this process, which may have something to finish.
  const child = spawn(program, ['--address', address, '--exit-when-unused', ...flagsOf(config)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  let talk = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    talk = (talk + text).slice(-keptTalk)
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    // `close` comes after all that it said.
    child.once('close', (code, signal) => {
      const end = signal ? `it was ended by ${signal}` : `it ended with ${code}`
      resolve(talk.trim() ? `${end}: ${talk.trim()}` : end)
    })
  })
  const listens = new Promise<undefined>((resolve) => {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-keptTalk)
      if (said.includes('listening on')) resolve(undefined)
    })
  })
  const begun = Promise.race([listens, ended])
  const failure = await orAfter(startMs, begun, `it did not listen within ${startMs / 1000} s`)
  if (failure !== undefined) {
    child.kill('SIGKILL')
    throw refusalIn(talk) ?? new EngineError('server_unavailable', `${program} could not be started: ${failure}`)
  }
  child.unref()
  for (const pipe of [child.stdout, child.stderr] as unknown as Socket[]) pipe.unref()
  // Whoever waits for the reason keeps the process alive for it.
  return { end: (withinMs) => orAfter(withinMs, ended, undefined) }
}
