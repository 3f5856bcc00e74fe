import type { Connection } from './connection.ts'
import type { Events } from './generated/protocol.ts'

/** The name of an event that the engine sends unasked. */
export type EventName = keyof Events
type Listener = (event: never) => void

/** Milliseconds between two events of one kind. */
const intervalMs = 100

/** Hands the engine's events to those who listen, and is subscribed only while somebody does. */
export class EventHub {
  readonly #connection: Connection
  readonly #send: (command: object) => Promise<unknown>
  readonly #listeners = new Map<EventName, Set<Listener>>()
  readonly #subscribed = new Set<EventName>()
  /** Subscriptions change one after the other. */
  #turns: Promise<void> = Promise.resolve()

  constructor(connection: Connection, send: (command: object) => Promise<unknown>) {
    this.#connection = connection
    this.#send = send
  }

  /** Calls the listener for every event of a name from now on. Gives the function that ends it. */
  async listen<E extends EventName>(name: E, listener: (event: Events[E]) => void): Promise<() => Promise<void>> {
    const all = this.#listeners.get(name) ?? new Set<Listener>()
    this.#listeners.set(name, all)
    all.add(listener)
    try {
      await this.#settle(name)
    } catch (error) {
      all.delete(listener)
      throw error
    }
    return async () => {
      all.delete(listener)
      await this.#settle(name)
    }
  }

  /** Makes the engine's subscription to a name what the listeners ask for by the time it is its turn. */
  #settle(name: EventName): Promise<void> {
    const turn = this.#turns.then(async () => {
      const wanted = (this.#listeners.get(name)?.size ?? 0) > 0
      if (wanted === this.#subscribed.has(name)) return
      if (wanted) {
        this.#connection.onEvent((json) => this.#dispatch(json))
        await this.#send({ cmd: 'subscribe', events: [name], interval_ms: intervalMs })
        this.#subscribed.add(name)
      } else {
        await this.#send({ cmd: 'unsubscribe', events: [name] })
        this.#subscribed.delete(name)
        if (this.#subscribed.size === 0) this.#connection.onEvent(null)
      }
    })
    this.#turns = turn.catch(() => {})
    return turn
  }

  #dispatch(json: string): void {
    const event = JSON.parse(json) as { event: EventName }
    for (const listener of [...(this.#listeners.get(event.event) ?? [])]) listener(event as never)
  }
}
