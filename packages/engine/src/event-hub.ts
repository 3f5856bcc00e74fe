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
  /** Subscriptions change one after the other, so that the last one asked for is the one that holds. */
  #changes: Promise<unknown> = Promise.resolve()

  constructor(connection: Connection, send: (command: object) => Promise<unknown>) {
    this.#connection = connection
    this.#send = send
  }

  /** Calls the listener for every event of a name from now on. Gives the function that ends it. */
  async listen<E extends EventName>(name: E, listener: (event: Events[E]) => void): Promise<() => Promise<void>> {
    const all = this.#listeners.get(name) ?? new Set<Listener>()
    this.#listeners.set(name, all)
    all.add(listener)
    if (all.size === 1) await this.#change({ cmd: 'subscribe', events: [name], interval_ms: intervalMs })
    else await this.#changes
    return async () => {
      if (!all.delete(listener) || all.size > 0) return
      await this.#change({ cmd: 'unsubscribe', events: [name] })
    }
  }

  #change(command: { cmd: string; events: EventName[]; interval_ms?: number }): Promise<unknown> {
    this.#connection.onEvent((json) => this.#dispatch(json))
    const change = this.#changes.then(() => this.#settle(command))
    this.#changes = change.catch(() => {})
    return change
  }

  /** Skips a change that has been overtaken by another while it waited. */
  async #settle(command: { cmd: string; events: EventName[] }): Promise<void> {
    const wanted = command.events.some((name) => (this.#listeners.get(name)?.size ?? 0) > 0)
    if (wanted === (command.cmd === 'subscribe')) await this.#send(command)
  }

  #dispatch(json: string): void {
    const event = JSON.parse(json) as { event: EventName }
    for (const listener of [...(this.#listeners.get(event.event) ?? [])]) listener(event as never)
  }
}
