// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'

/** How a program ended. */
export interface Ended {
  /** null: a signal ended it. */
  code: number | null
  /** Standard output and standard error, in the order in which they came. */
  output: string
}

/** How a program is run. */
export interface RunOptions {
  cwd?: string
  /** Ends it, with all that it has started. */
  signal?: AbortSignal
  /** Whoever waits for something goes first. */
  background?: boolean
}

/**
 * Runs a program to its end.
 * @throws The system's error when it cannot be started, `ENOENT` when it is not there; the signal's reason.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, signal, background }: RunOptions = {},
): Promise<Ended> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    // What a compiler says is read here: it is not to be in another language.
    const env = { ...process.env, LC_ALL: 'C', CLICOLOR_FORCE: '0', NINJA_STATUS: '' }
    // A group of its own: a compiler is several processes, and the first does not take the others with it.
    const detached = process.platform !== 'win32'
    const child = spawn(program, args, { cwd, env, detached, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
    const kill = () => {
      if (child.pid === undefined || child.exitCode !== null) return
      if (detached) process.kill(-child.pid)
      else child.kill()
    }
    signal?.addEventListener('abort', kill, { once: true })
    if (background && child.pid !== undefined) lower(child.pid)
    let output = ''
    const take = (chunk: string) => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.once('error', reject)
    child.once('close', (code) => {
      signal?.removeEventListener('abort', kill)
      if (signal?.aborted) reject(signal.reason)
      else resolve({ code, output })
    })
  })
}

function lower(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // It is over already.
  }
}

/** Whether a program is there. */
export async function isThere(program: string): Promise<boolean> {
  return runProgram(program, ['--version']).then(
    ({ code }) => code === 0,
    () => false,
  )
}
