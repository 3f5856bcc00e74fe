// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process'

/** How a program ended. */
export interface Ended {
  /** null: a signal ended it. */
  code: number | null
  /** Standard output and standard error, in the order in which they came. */
  output: string
}

/**
 * Runs a program to its end.
 * @throws The system's error when it cannot be started, `ENOENT` when it is not there.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { cwd?: string; signal?: AbortSignal } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // What a compiler says is read here: it is not to be in another language.
    const env = { ...process.env, LC_ALL: 'C', CLICOLOR_FORCE: '0', NINJA_STATUS: '' }
    const child = spawn(program, args, { ...options, env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
    let output = ''
    const take = (chunk: string) => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

/** Whether a program is there. */
export async function isThere(program: string): Promise<boolean> {
  return runProgram(program, ['--version']).then(
    ({ code }) => code === 0,
    () => false,
  )
}
