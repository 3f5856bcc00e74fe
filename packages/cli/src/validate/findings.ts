import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ask } from '../ask.ts'
import { CliError, exitCodes } from '../failure.ts'
import { loadedAddon, programBeside } from '../native-program.ts'

/** What a check found of a library or of one of its plugins. */
export interface Finding {
  library: string
  /** The plugin's id; null of a check on the library itself. */
  plugin: string | null
  check: string
  /** `skipped`: it does not apply, for the reason that is given. */
  verdict: 'passed' | 'failed' | 'skipped'
  reason: string
  /** What to do; empty unless it failed. */
  remedy: string
  seconds: number
}

/** A check as arranger-validate describes it. */
export interface CheckDescription {
  check: string
  of: 'library' | 'plugin'
  /** The promise that is checked. */
  what: string
  remedy: string
}

/** What arranger-validate writes besides findings. */
interface OtherLine {
  error?: string
}

/** Starts arranger-validate; its lines come as they are written. */
function start(args: readonly string[], signal?: AbortSignal) {
  ask('ping') // loads the native library, beside which the program lies
  const program = programBeside(loadedAddon(), 'arranger-validate')
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], signal })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) => {
      if (signal?.aborted) return reject(signal.reason)
      const hint = "'arranger doctor' shows what is missing"
      reject(new CliError('failed', `${program} could not be started: ${cause.message}`, hint))
    })
    child.on('close', resolve)
  })
  ended.catch(() => undefined) // is told when it is awaited
  return { ended, lines: createInterface({ input: child.stdout }) }
}

/**
 * Checks a library; findings come in the order of the checks.
 * @throws CliError `usage`, `not_found`, or `failed` when the tool itself did.
 */
export async function* findingsOf(args: readonly string[], signal?: AbortSignal): AsyncGenerator<Finding> {
  const { ended, lines } = start(args, signal)
  let refusal: string | undefined
  for await (const line of lines) {
    const value = JSON.parse(line) as Finding & OtherLine
    if (value.error !== undefined) refusal = value.error
    if (value.check !== undefined) yield value
  }
  const code = await ended
  if (code === exitCodes.usage) throw new CliError('usage', refusal ?? 'The arguments were refused')
  if (code === exitCodes.notFound) throw new CliError('not_found', refusal ?? 'The library was not found')
  if (code !== exitCodes.ok && code !== exitCodes.pluginInvalid)
    throw new CliError('failed', `arranger-validate ended with ${code ?? 'a signal'}`)
}

/** All checks that there are. */
export async function listChecks(): Promise<CheckDescription[]> {
  const { ended, lines } = start(['--list'])
  let text = ''
  for await (const line of lines) text += line
  await ended
  return JSON.parse(text) as CheckDescription[]
}
