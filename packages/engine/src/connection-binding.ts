// SPDX-License-Identifier: MIT
import { type AudioEngineConfig, AudioServer } from './addon.ts'
import { besideArrays, type NumberArray } from './arrays.ts'
import type { Connection } from './connection.ts'
import { closedError, EngineError, type ErrorCode } from './error.ts'

/** The addon, which knows no errors of ours, refuses a configuration as JavaScript itself would. */
function openAudioServer(config: AudioEngineConfig): AudioServer {
  try {
    return new AudioServer(config)
  } catch (error) {
    if (error instanceof RangeError) {
      const { code = 'out_of_range' } = error as { code?: ErrorCode }
      throw new EngineError(code, error.message, { cause: error })
    }
    if (error instanceof TypeError) throw new EngineError('type_mismatch', error.message, { cause: error })
    throw error
  }
}

/** An engine in this process. */
export class BindingConnection implements Connection {
  readonly backend = 'binding'
  readonly #server: AudioServer
  readonly #pending = new Set<Promise<string>>()
  #closed: Promise<void> | undefined

  constructor(config: AudioEngineConfig) {
    this.#server = openAudioServer(config)
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
      try {
        number ??= this.#server.prepare(json)
        this.#server.send(number, value)
      } catch (error) {
        const { code, message, path } = error as Error & { code?: ErrorCode; path?: string }
        throw code ? new EngineError(code, message, { path }) : error
      }
      return true
    }
  }

  #send(json: string, arrays: NumberArray[]): Promise<string> {
    if (this.#closed) return Promise.reject(closedError())
    const reply = this.#server.handleAsync(json, arrays)
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
    this.#server.shareMemory(memory && new Uint8Array(memory))
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
