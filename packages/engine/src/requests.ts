// SPDX-License-Identifier: MIT
import { holdsArrays, withinText } from './arrays.ts'
import type { Connection } from './connection.ts'
import { EngineError, type ErrorCode } from './error.ts'
import { orAfter } from './time-limit.ts'

/** How long one waits for a reply. */
export interface SendOptions {
  /**
   * Ends the wait: the call rejects with `cancelled`, its cause the signal's reason. A render is cancelled; any other command
   * may still be carried out, unless it had not been sent.
   */
  signal?: AbortSignal | undefined
  /** Ends the wait after so many ms with `request_timeout`, in the same way. Default: none. */
  timeoutMs?: number | undefined
}

/** How long an engine that is left may take for its last replies, in ms; one that is alive takes far less. */
export const lastWordsMs = 5000

interface ErrorReply {
  status: 'error'
  code: ErrorCode
  message: string
  path?: string
}

/** Sends a command that has typed arrays in it: as they are where the connection can, as text where not. */
export function sendArrays(connection: Connection, command: object): Promise<string> {
  return connection.requestArrays?.(command) ?? connection.request(withinText(command))
}

/** Sends one command and gives its reply. @throws EngineError what the engine refuses; what the connection rejects with. */
export async function ask(connection: Connection, command: object): Promise<unknown> {
  const text = holdsArrays(command) ? sendArrays(connection, command) : connection.request(JSON.stringify(command))
  const reply = JSON.parse(await text) as { status: 'ok' } | ErrorReply
  if (reply.status === 'ok') return reply
  throw new EngineError(reply.code, reply.message, { path: reply.path })
}

/** What a wait that a signal has ended rejects with. */
export function abortError(signal: AbortSignal | undefined, message: string): EngineError {
  const reason: unknown = signal?.reason
  if (reason instanceof EngineError && reason.code === 'request_timeout') return reason
  return new EngineError('cancelled', message, { cause: reason })
}

/** Runs a task with one signal for both limits. @throws EngineError `out_of_range` */
export async function within<T>(
  { signal, timeoutMs }: SendOptions,
  task: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return task(signal)
  if (!(timeoutMs > 0 && timeoutMs < 2 ** 31))
    throw new EngineError('out_of_range', `Expected timeoutMs above 0 and below 2^31 but received ${timeoutMs}`)
  const limit = new AbortController()
  const timer = setTimeout(() => {
    limit.abort(new EngineError('request_timeout', `No reply came within ${timeoutMs} ms`))
  }, timeoutMs)
  try {
    return await task(signal ? AbortSignal.any([signal, limit.signal]) : limit.signal)
  } finally {
    clearTimeout(timer)
  }
}

/** Waits until all is over, however, but not for ever. @returns Whether it is. */
export function settledWithin(ms: number, all: Iterable<Promise<unknown>>): Promise<boolean> {
  const settled = Promise.allSettled(all).then(() => true)
  return orAfter(ms, settled, false)
}

/** A reply that a signal makes nobody wait for; it comes all the same, and is dropped. */
export async function abandonable<T>(signal: AbortSignal | undefined, send: () => Promise<T>): Promise<T> {
  const message = 'The request was cancelled'
  if (!signal) return send()
  if (signal.aborted) throw abortError(signal, message)
  const reply = send()
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(abortError(signal, message))
    signal.addEventListener('abort', onAbort, { once: true })
    const forget = () => signal.removeEventListener('abort', onAbort)
    reply.then(resolve, reject).finally(forget)
  })
}
