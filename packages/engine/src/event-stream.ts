import { EngineError } from './error.ts'
import type { Listening, ListenOptions } from './event-hub.ts'

/** How events are iterated over. */
export interface EventStreamOptions extends ListenOptions {
  /** Ends it: what waits for an event then throws `cancelled`, its cause the signal's reason. */
  signal?: AbortSignal
  /** How many events wait for a loop that is slow, at least 1; beyond that the oldest are dropped. Default 256. */
  buffer?: number
}

type Listen<T> = (take: (event: T) => void, ended: (failure?: EngineError) => void) => Listening

interface Waiting<T> {
  resolve(result: IteratorResult<T, undefined>): void
  reject(error: unknown): void
}

const done = { done: true, value: undefined } as const

/**
 * Events one after the other, for `for await`. The engine is asked for them when the loop begins; they end with the loop,
 * however it ends, with the signal, or when the engine closes or is lost. A loop that waits keeps the process alive.
 */
export class EventStream<T> implements AsyncIterableIterator<T, undefined>, AsyncDisposable {
  readonly #listen: Listen<T>
  readonly #signal: AbortSignal | undefined
  readonly #most: number
  readonly #buffer: T[] = []
  readonly #waiting: Waiting<T>[] = []
  readonly #onAbort = () => void this.#end(cancelled(this.#signal))
  #listening: Listening | undefined
  #ended = false
  #failure: unknown
  #dropped = 0
  #alive: NodeJS.Timeout | undefined

  /** Use `engine.events`. */
  constructor(listen: Listen<T>, { signal, buffer = 256 }: EventStreamOptions) {
    if (!Number.isInteger(buffer) || buffer < 1)
      throw new EngineError('out_of_range', `Expected buffer to be a whole number from 1 but received ${buffer}`)
    this.#listen = listen
    this.#signal = signal
    this.#most = buffer
  }

  /** Events that were dropped since the loop began, the oldest first, because it was too slow. */
  get dropped(): number {
    return this.#dropped
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    this.#begin()
    const event = this.#buffer.shift()
    if (event !== undefined) return { done: false, value: event }
    if (this.#failure !== undefined) {
      const failure = this.#failure
      this.#failure = undefined
      throw failure
    }
    if (this.#ended) return done
    this.#alive ??= setInterval(() => {}, 2 ** 30)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#buffer.length = 0
    await this.#end()
    return done
  }

  async throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    await this.return()
    throw error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #begin(): void {
    if (this.#listening || this.#ended) return
    if (this.#signal?.aborted) {
      this.#onAbort()
      return
    }
    this.#listening = this.#listen(
      (event) => this.#take(event),
      (failure) => void this.#end(failure),
    )
    this.#listening.ready.catch((error: unknown) => this.#end(error))
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  #take(event: T): void {
    const waiting = this.#waiting.shift()
    if (!waiting) {
      this.#buffer.push(event)
      if (this.#buffer.length <= this.#most) return
      this.#buffer.shift()
      this.#dropped++
      return
    }
    this.#rest()
    waiting.resolve({ done: false, value: event })
  }

  /** Whoever waits gets the failure, the first of them; without one it is told the next time. */
  async #end(failure?: unknown): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    if (failure !== undefined) this.#buffer.length = 0
    this.#signal?.removeEventListener('abort', this.#onAbort)
    const [first, ...others] = this.#waiting.splice(0)
    this.#rest()
    if (failure === undefined) first?.resolve(done)
    else if (first) first.reject(failure)
    else this.#failure = failure
    for (const { resolve } of others) resolve(done)
    // What has ended it says more than that nobody could be told.
    const stopped = this.#listening?.stop()
    await (failure === undefined ? stopped : stopped?.catch(() => {}))
  }

  #rest(): void {
    if (this.#waiting.length > 0) return
    clearInterval(this.#alive)
    this.#alive = undefined
  }
}

function cancelled(signal: AbortSignal | undefined): EngineError {
  return new EngineError('cancelled', 'The signal was aborted', { cause: signal?.reason })
}
