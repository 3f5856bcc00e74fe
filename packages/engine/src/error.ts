import type { ErrorCode as EngineErrorCode } from './generated/protocol.ts'

/**
 * Every `code` an {@link EngineError} can have: the engine's own catalogue, then what this package adds.
 *
 * - `addon_not_found`: no native library could be loaded; the message lists every place that was tried and why it failed.
 * - `connection_lost`: the engine behind the connection was gone before it answered; the next call looks for another, but in a
 *   page, where a new engine has to be made.
 * - `engine_closed`: the engine was closed before the call, or while it ran.
 * - `invalid_midi`: not a Standard MIDI File, or a damaged one; {@link EngineError.offset} is the byte where reading stopped.
 * - `invalid_session`: not a session document; {@link EngineError.path} is the JSON Pointer of the wrong value.
 * - `invalid_song`: song data that makes no song; {@link EngineError.path} is the JSON Pointer of the wrong value.
 * - `invalid_settings`: the settings file cannot be read, or a value that is to be written there is none that its key allows.
 * - `no_backend`: none of the back ends could be had; the message lists every attempt and why it failed.
 * - `not_supported`: the back end has no means for this.
 * - `request_timeout`: no reply came within the time that the caller gave.
 * - `server_unavailable`: no server could be reached or started; the message says why.
 * - `unsupported_version`: a session document of a later version than this package knows.
 * - `unknown_backend`: no back end has that name; the message lists those there are.
 * - `wasm_unavailable`: the WebAssembly module could not be loaded; the message says why.
 */
export type ErrorCode =
  | EngineErrorCode
  | 'addon_not_found'
  | 'connection_lost'
  | 'engine_closed'
  | 'invalid_midi'
  | 'invalid_session'
  | 'invalid_settings'
  | 'invalid_song'
  | 'no_backend'
  | 'not_supported'
  | 'request_timeout'
  | 'server_unavailable'
  | 'unknown_backend'
  | 'unsupported_version'
  | 'wasm_unavailable'

/** Where an {@link EngineError} comes from, beside its code and message. */
export interface EngineErrorDetails {
  /** JSON Pointer into the request or document. */
  path?: string | undefined
  /** Byte offset in a file, from 0. */
  offset?: number | undefined
  /** What caused it: the reason of an AbortSignal, or an error of the system. */
  cause?: unknown
}

/**
 * What every function of this package throws or rejects with when the engine says no.
 * The message is one sentence: what was expected and what came.
 */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  /** What went wrong, for programs. */
  readonly code: ErrorCode
  /** JSON Pointer to the wrong value in the request or document, when there is one. */
  declare readonly path?: string
  /** Byte offset in the file, when there is one. */
  declare readonly offset?: number

  constructor(code: ErrorCode, message: string, details: EngineErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    if (details.path !== undefined) this.path = details.path
    if (details.offset !== undefined) this.offset = details.offset
  }
}

/** Turns an error of the file system into an {@link EngineError} with code `io_error`. */
export function ioError(action: string, file: string, cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new EngineError('io_error', `Cannot ${action} ${file}: ${reason}`, { cause })
}

/** What calls of a closed engine reject with. */
export function closedError(): EngineError {
  return new EngineError('engine_closed', 'The engine is closed')
}
