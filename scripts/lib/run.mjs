// @ts-check
// Child processes and the one-line progress of a step, shared by the scripts.
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

const windows = process.platform === 'win32'
const tty = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR

/** A command that failed, with everything it said. */
export class CommandError extends Error {
  /** @param {string} command @param {number | string} code @param {string} output */
  constructor(command, code, output) {
    super(`\`${command}\` failed (${typeof code === 'number' ? `exit code ${code}` : code})`)
    this.code = code
    this.output = output
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] default: the repository's root
 * @property {Record<string, string | undefined>} [env] added to this process's environment
 * @property {(line: string) => void} [onLine] called with each line as it comes
 * @property {number} [timeoutSeconds] after it the whole process group is killed; default 1800
 */

/**
 * Runs a command with its standard input closed and collects what it prints.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number | string, output: string, stdout: string }>} code is a signal's name if one ended it
 */
export function tryRun(command, args, options = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a time-out ends what the command started, too.
      detached: !windows,
      // On Windows npm's commands are .cmd files, which only a shell starts.
      shell: windows,
    })
    let output = ''
    let stdout = ''
    let ended = ''
    const take = (/** @type {string} */ text) => {
      output += text
      for (const line of text.split(/\r?\n/)) if (line.trim()) options.onLine?.(line.trim())
    }
    const timer = setTimeout(
      () => {
        ended = 'timed out'
        if (child.pid) process.kill(windows ? child.pid : -child.pid, 'SIGKILL')
      },
      1000 * (options.timeoutSeconds ?? 1800),
    )
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      take(text)
    })
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', (error) => {
      clearTimeout(timer)
      done({ code: error.message, output, stdout })
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      done({ code: ended || (code ?? signal ?? 'unknown'), output, stdout })
    })
  })
}

/**
 * Like tryRun, but a failure is a CommandError.
 * @param {string} command @param {string[]} args @param {RunOptions} [options]
 */
export async function run(command, args, options = {}) {
  const { code, output, stdout } = await tryRun(command, args, options)
  if (code !== 0) throw new CommandError([command, ...args].join(' '), code, output)
  return stdout
}

/**
 * Runs one step of the set-up under a progress line, `✔ name  what happened (1.2 s)` when it is through.
 * @param {string} name
 * @param {(show: (line: string) => void) => Promise<string>} action resolves to what happened; `show` overwrites the
 *   line on a terminal and does nothing elsewhere
 */
export async function step(name, action) {
  const start = performance.now()
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`
  const label = name.padEnd(16)
  const width = () => (process.stdout.columns ?? 80) - 1
  const show = (/** @type {string} */ line) => {
    if (tty) process.stdout.write(`\r\x1b[K${`… ${label} ${line}`.slice(0, width())}`)
  }
  if (tty) show('')
  else process.stdout.write(`… ${label}\n`)
  try {
    const result = await action(show)
    process.stdout.write(`${tty ? '\r\x1b[K' : ''}✔ ${label} ${result} (${seconds()})\n`)
  } catch (error) {
    process.stdout.write(`${tty ? '\r\x1b[K' : ''}✖ ${label} failed (${seconds()})\n`)
    throw error
  }
}

/** Ends a script: prints the end of what the command that failed said, or the error, and sets the exit code. */
export function fail(/** @type {unknown} */ error) {
  if (error instanceof CommandError) {
    const end = error.output.trimEnd().split('\n').slice(-100).join('\n')
    process.stderr.write(`\n${end}\n\n${error.message}\n`)
  } else process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

/** Whether a script was started by itself, not imported. */
export const isMain = (/** @type {string} */ url) =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url)
