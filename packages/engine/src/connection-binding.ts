// SPDX-License-Identifier: MIT
import { type AudioEngineConfig, AudioServer } from './addon.ts'
import { besideArrays, type NumberArray } from './arrays.ts'
import type { Connection } from './connection.ts'
import { closedError, EngineError, type ErrorCode } from './error.ts'

/** The addon knows no errors of ours: it refuses as JavaScript itself would, or with a code. */
function engineError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof EngineError) return error
  const { code, path } = error as Error & { code?: ErrorCode; path?: string }
  const kind = error instanceof RangeError ? 'out_of_range' : error instanceof TypeError ? 'type_mismatch' : undefined
  const known = code ?? kind
  return known ? new EngineError(known, error.message, { path, cause: error }) : error
}

/** @throws EngineError what the addon refuses. */
function asked<T>(task: () => T): T {
  try {
    return task()
  } catch (error) {
    throw engineError(error)
  }
}

/** An engine in this process. */
export class BindingConnection implements Connection {
  readonly backend = 'binding'
  readonly #server: AudioServer
  readonly #pending = new Set<Promise<string>>()
  /** Whether no more requests can be prepared; the same text as before could, but is not worth the question. */
  #isFull = false
  #closed: Promise<void> | undefined

  constructor(config: AudioEngineConfig) {
    this.#server = asked(() => new AudioServer(config))
  }

  request(json: string): Promise<string> {
    return this.#send(json, [])
  }

  requestArrays(command: object): Promise<string> {
    const { json, arrays } = besideArrays(command)
    return this.#send(json, arrays)
  }

  prepare(json: string): (value: number) => boolean {
    let number: number | undefined
    return (value) => {
      if (this.#closed) throw closedError()
      if (this.#pending.size > 0) return false
      number ??= this.#prepared(json)
      if (number === undefined) return false
      try {
        this.#server.send(number, value)
      } catch (error) {
        throw engineError(error)
      }
      return true
    }
  }

  /** Its number; none for a long one, and once the engine has as many as it takes: it keeps all of them. */
  #prepared(json: string): number | undefined {
    if (this.#isFull) return undefined
    try {
      return this.#server.prepare(json)
    } catch (error) {
      const { code } = error as { code?: ErrorCode }
      if (code !== 'busy' && code !== 'message_too_large') throw engineError(error)
      this.#isFull = code === 'busy'
      return undefined
    }
  }

  #send(json: string, arrays: NumberArray[]): Promise<string> {
    if (this.#closed) return Promise.reject(closedError())
    const reply = this.#server.handleAsync(json, arrays).catch((error: unknown) => {
      throw engineError(error)
    })
    this.#pending.add(reply)
    const forget = () => this.#pending.delete(reply)
    reply.then(forget, forget)
    return reply
  }

  onEvent(listener: ((json: string) => void) | null): void {
    if (!this.#closed) this.#server.onEvent(listener)
  }

  share(memory: SharedArrayBuffer | null): void {
    if (this.#closed) throw closedError()
    asked(() => this.#server.shareMemory(memory && new Uint8Array(memory)))
  }

  close(): Promise<void> {
    this.#closed ??= this.#finish()
    return this.#closed
  }

  async #finish(): Promise<void> {
    await Promise.allSettled(this.#pending)
    this.#server.onEvent(null)
    this.#server.close()
  }
}
