// SPDX-License-Identifier: MIT
import type { Connection, ConnectionChange } from '../connection.ts'
import { closedError, EngineError, type ErrorCode } from '../error.ts'
import { displayCells } from '../generated/display.ts'
import { lastWordsMs, settledWithin } from '../requests.ts'
import type { FromService, ToService } from './service.ts'

/** The way to the thread that runs the module. */
export interface Port {
  post(message: ToService): void
  /** While replies are due, a process waits for them; at other times it may end. */
  hold(isHeld: boolean): void
  /** Ends the thread, whatever it does. */
  end(): Promise<void>
  /** Set by who uses the port: called with what the thread says, its end included. */
  onMessage(message: FromService): void
}

interface Due {
  resolve(reply: string): void
  reject(error: EngineError): void
}

/**
 * An engine in a WebAssembly module, on another thread: in Node.js a worker, in a page an AudioWorklet. When the module has
 * ended, whoever waits gets `connection_lost`, and the next request starts another where that can be.
 */
export class PortConnection implements Connection {
  readonly backend = 'wasm'
  #port: Port
  readonly #startAnew: (() => Promise<Port>) | undefined
  readonly #encoder = new TextEncoder()
  readonly #decoder = new TextDecoder()
  readonly #due = new Map<number, Due>()
  #tag = 0
  #listener: ((json: string) => void) | null = null
  #onChange: ((change: ConnectionChange) => void) | null = null
  #memory: SharedArrayBuffer | null = null
  #lost: EngineError | undefined
  /** While another thread starts: what is sent to it then. */
  #waiting: ToService[] | undefined
  #idle: (() => void) | undefined
  #closing: Promise<void> | undefined

  /**
   * @param port To a thread whose engine is there.
   * @param startAnew Starts another such thread; left out: there is none after this.
   */
  constructor(port: Port, startAnew?: () => Promise<Port>) {
    this.#port = this.#hear(port)
    this.#startAnew = startAnew
  }

  #hear(port: Port): Port {
    // One that has ended may say so twice.
    port.onMessage = (message) => {
      if (port === this.#port && !this.#lost) this.#take(message)
    }
    return port
  }

  #take(message: FromService): void {
    if (message.type === 'reply') this.#settle(message.tag)?.resolve(this.#decoder.decode(message.text))
    if (message.type === 'event') this.#listener?.(this.#decoder.decode(message.text))
    if (message.type === 'crashed') this.#lose(message.message)
  }

  /** The thread is gone: who waits hears why. */
  #lose(reason: string): void {
    const advice = this.#startAnew ? '' : '; make another engine'
    const error = new EngineError('connection_lost', `The engine's WebAssembly module has ended: ${reason}${advice}`)
    this.#lost = error
    this.#detach()
    this.#rejectAll(error)
    if (!this.#closing) this.#onChange?.({ state: 'lost', error })
  }

  #rejectAll(error: EngineError): void {
    for (const tag of [...this.#due.keys()]) this.#settle(tag)?.reject(error)
  }

  get isLost(): boolean {
    return this.#lost !== undefined
  }

  request(json: string): Promise<string> {
    if (this.#closing) return Promise.reject(closedError())
    if (this.#lost && !this.#startAnew) return Promise.reject(this.#lost)
    this.#tag = (this.#tag + 1) >>> 0
    const tag = this.#tag
    return new Promise((resolve, reject) => {
      this.#due.set(tag, { resolve, reject })
      this.#send({ type: 'request', tag, text: this.#encoder.encode(json) })
    })
  }

  #send(message: ToService): void {
    if (this.#waiting) this.#waiting.push(message)
    else if (this.#lost) {
      this.#waiting = [message]
      void this.#restore()
    } else {
      this.#port.hold(true)
      this.#port.post(message)
    }
  }

  async #restore(): Promise<void> {
    try {
      const port = await this.#startAnew?.()
      if (!port) return
      // Nobody waits for it any more.
      if (this.#closing && this.#due.size === 0) return await port.end()
      const waiting = this.#waiting ?? []
      this.#waiting = this.#lost = undefined
      this.#port = this.#hear(port)
      if (this.#memory) port.post({ type: 'share', memory: this.#memory })
      // Who is told may send something first, such as what was subscribed: it is there when the others are carried out.
      const change = { state: 'restored', session: 'new', request: (json: string) => this.request(json) } as const
      if (!this.#closing) this.#onChange?.(change)
      for (const message of waiting) this.#send(message)
    } catch (error) {
      this.#waiting = undefined
      const message = `The engine's WebAssembly module has ended and cannot be started anew: ${(error as Error).message}`
      this.#lost = new EngineError('connection_lost', message, { cause: error })
      this.#rejectAll(this.#lost)
    }
  }

  onEvent(listener: ((json: string) => void) | null): void {
    if (!this.#closing) this.#listener = listener
  }

  onChange(listener: ((change: ConnectionChange) => void) | null): void {
    this.#onChange = listener
  }

  share(memory: SharedArrayBuffer | null): void {
    if (this.#closing) throw closedError()
    if (this.#lost && !this.#startAnew) throw this.#lost
    this.#memory = memory
    if (!this.#lost) this.#port.post({ type: 'share', memory })
  }

  /** A thread that has ended does not say in the memory that it writes there no more. */
  #detach(): void {
    if (this.#memory) Atomics.store(new Int32Array(this.#memory), displayCells.attached.offset / 4, 0)
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
      if (!(await settledWithin(lastWordsMs, [idle]))) this.#lose('it did not answer')
    }
    this.#listener = null
    await this.#port.end()
    this.#detach()
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
