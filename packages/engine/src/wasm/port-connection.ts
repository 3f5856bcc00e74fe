// SPDX-License-Identifier: MIT
import type { Connection } from '../connection.ts'
import { closedError, EngineError, type ErrorCode } from '../error.ts'
import { lastWordsMs, settledWithin } from '../requests.ts'
import type { FromService, ToService } from './service.ts'

/** The way to the thread that runs the module. */
export interface Port {
  post(message: ToService): void
  /** While replies are due, a process waits for them; at other times it may end. */
  hold(isHeld: boolean): void
  /** Ends the thread, whatever it does. */
  end(): Promise<void>
}

interface Due {
  resolve(reply: string): void
  reject(error: EngineError): void
}

/** An engine in a WebAssembly module, on another thread: in Node.js a worker, in a page an AudioWorklet. */
export class PortConnection implements Connection {
  readonly #port: Port
  readonly #encoder = new TextEncoder()
  readonly #decoder = new TextDecoder()
  readonly #due = new Map<number, Due>()
  #tag = 0
  #listener: ((json: string) => void) | null = null
  #lost: EngineError | undefined
  #idle: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(port: Port) {
    this.#port = port
  }

  /** What the thread said. */
  take(message: FromService): void {
    if (message.type === 'reply') this.#settle(message.tag)?.resolve(this.#decoder.decode(message.text))
    if (message.type === 'event') this.#listener?.(this.#decoder.decode(message.text))
    if (message.type === 'crashed') this.lose(message.message)
  }

  /** The thread is gone: who waits, or asks from now on, hears why. */
  lose(reason: string): void {
    this.#lost ??= new EngineError('connection_lost', `The engine's WebAssembly module has ended: ${reason}`)
    for (const tag of [...this.#due.keys()]) this.#settle(tag)?.reject(this.#lost)
  }

  get isLost(): boolean {
    return this.#lost !== undefined
  }

  request(json: string): Promise<string> {
    if (this.#closing) return Promise.reject(closedError())
    if (this.#lost) return Promise.reject(this.#lost)
    this.#tag = (this.#tag + 1) >>> 0
    const tag = this.#tag
    return new Promise((resolve, reject) => {
      this.#due.set(tag, { resolve, reject })
      this.#port.hold(true)
      this.#port.post({ type: 'request', tag, text: this.#encoder.encode(json) })
    })
  }

  onEvent(listener: ((json: string) => void) | null): void {
    if (!this.#closing) this.#listener = listener
  }

  share(memory: SharedArrayBuffer | null): void {
    if (this.#closing) throw closedError()
    this.#port.post({ type: 'share', memory })
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #finish(): Promise<void> {
    if (this.#due.size > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#idle = resolve
      })
      if (!(await settledWithin(lastWordsMs, [idle]))) this.lose('it did not answer')
    }
    this.#listener = null
    await this.#port.end()
  }

  #settle(tag: number): Due | undefined {
    const due = this.#due.get(tag)
    this.#due.delete(tag)
    if (this.#due.size === 0) {
      this.#port.hold(false)
      this.#idle?.()
    }
    return due
  }
}

/** What the module refused when it was made. */
export function refusal(code: string, message: string): EngineError {
  return new EngineError(code as ErrorCode, message)
}
