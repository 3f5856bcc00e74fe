import { type AudioEngineConfig, AudioServer } from './addon.ts'
import { EngineError, type ErrorCode } from './error.ts'

/** A way to one engine. What stands behind it (this process, a server) is nobody else's business. */
export interface Connection {
  /** Sends one request, gives its reply; both JSON text. Rejects only when the engine cannot be reached. */
  request(json: string): Promise<string>
  /** Where unasked events go; null takes the listener away. */
  onEvent(listener: ((json: string) => void) | null): void
  /** Memory that the engine shows in what it plays, from now on and in no other; null: in none. */
  share(memory: SharedArrayBuffer | null): void
  /** Ends the connection. A second call does nothing. */
  close(): Promise<void>
}

/** The addon, which knows no errors of ours, refuses a configuration as JavaScript itself would. */
function openServer(config: AudioEngineConfig): AudioServer {
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
export class InProcessConnection implements Connection {
  readonly #server: AudioServer
  readonly #pending = new Set<Promise<string>>()
  #closed: Promise<void> | undefined

  constructor(config: AudioEngineConfig) {
    this.#server = openServer(config)
  }

  request(json: string): Promise<string> {
    if (this.#closed) return Promise.reject(new EngineError('engine_closed', 'The engine is closed'))
    const reply = this.#server.handleAsync(json)
    this.#pending.add(reply)
    const forget = () => this.#pending.delete(reply)
    reply.then(forget, forget)
    return reply
  }

  onEvent(listener: ((json: string) => void) | null): void {
    if (!this.#closed) this.#server.onEvent(listener)
  }

  share(memory: SharedArrayBuffer | null): void {
    if (this.#closed) throw new EngineError('engine_closed', 'The engine is closed')
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
