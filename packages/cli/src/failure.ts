import type { ErrorCode } from '@arranger/engine'

/** What the process ends with. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  pluginInvalid: 4,
  audioDevice: 5,
  buildFailed: 6,
  interrupted: 130,
} as const

/** An error of the command line itself. Errors of the engine keep their own class and code. */
export class CliError extends Error {
  override readonly name = 'CliError'

  /**
   * @param code What went wrong, for programs.
   * @param message One sentence: what was expected and what came.
   * @param hint A line that helps, such as the command that fixes it.
   * @param exitCode What the process ends with, where the code alone does not say it.
   */
  constructor(
    readonly code: 'usage' | 'not_found' | 'cancelled' | 'failed' | 'build_failed' | 'invalid_package' | ErrorCode,
    message: string,
    readonly hint?: string,
    readonly exitCode?: number,
  ) {
    super(message)
  }
}

/** How an error is shown and what the process ends with. */
export interface Failure {
  code: string
  message: string
  path?: string
  offset?: number
  hint?: string
  exitCode: number
}

const exitCodeOf: Record<string, number> = {
  usage: exitCodes.usage,
  not_found: exitCodes.notFound,
  unknown_plugin: exitCodes.notFound,
  device_unavailable: exitCodes.audioDevice,
  cancelled: exitCodes.interrupted,
  build_failed: exitCodes.buildFailed,
}

const hints: Record<string, string> = {
  addon_not_found: "'arranger doctor' shows what is missing",
  unknown_plugin: "'arranger plugins list' shows the plugins that are there",
}

function isMissingFile(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT'
}

/** What any thrown value means to the user. */
export function failureOf(thrown: unknown): Failure {
  // What was cancelled by Ctrl-C carries the interruption as its cause.
  const error = thrown instanceof Error && thrown.cause instanceof CliError ? thrown.cause : thrown
  if (!(error instanceof Error)) return { code: 'failed', message: String(error), exitCode: exitCodes.failure }
  const { code, path, offset, hint } = error as Error & {
    code?: unknown
    path?: unknown
    offset?: unknown
    hint?: unknown
  }
  const name = typeof code === 'string' ? code : 'internal'
  const decided = error instanceof CliError ? error.exitCode : undefined
  const missing = isMissingFile(error) || isMissingFile(error.cause)
  return {
    code: name,
    message: error.message,
    ...(typeof path === 'string' && !missing ? { path } : {}),
    ...(typeof offset === 'number' ? { offset } : {}),
    ...(typeof hint === 'string' ? { hint } : hints[name] ? { hint: hints[name] } : {}),
    exitCode: decided ?? (missing ? exitCodes.notFound : (exitCodeOf[name] ?? exitCodes.failure)),
  }
}
