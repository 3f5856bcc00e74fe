// SPDX-License-Identifier: MIT
import { copyOf } from './arrays.ts'
import type { BackendName } from './backend-names.ts'
import type { Connection, ConnectionChange } from './connection.ts'
import { sendArrays } from './requests.ts'

/** A connection that can be exchanged for another while it is used. Who holds this never holds a dead one. */
export class SwitchableConnection implements Connection {
  #present: Connection
  /** While a switch is on, requests wait for its end. */
  #switching: Promise<void> | undefined
  #listener: ((json: string) => void) | null = null
  #onChange: ((change: ConnectionChange) => void) | null = null
  /** What each connection is kept for. */
  readonly #kept = new Map<Connection, Set<Promise<unknown>>>()
  /** Connections that were left and still have something to do. */
  readonly #left = new Set<Promise<void>>()

  constructor(first: Connection) {
    this.#present = first
  }

  /** The connection in use. What belongs together, such as a render and its cancel, is sent to the same, also after a switch. */
  get present(): Connection {
    return this.#present
  }

  get backend(): BackendName {
    return this.#present.backend
  }

  /** Keeps a connection open, should it be left meanwhile, until something is over. */
  keep(connection: Connection, until: Promise<unknown>): void {
    const kept = this.#kept.get(connection) ?? new Set()
    this.#kept.set(connection, kept.add(until))
    const forget = () => kept.delete(until)
    until.then(forget, forget)
  }

  /** Over when no switch is on; undefined when none is. */
  get switching(): Promise<void> | undefined {
    return this.#switching
  }

  get isLost(): boolean {
    return this.#present.isLost ?? false
  }

  request(json: string): Promise<string> {
    return this.#switching ? this.#switching.then(() => this.#present.request(json)) : this.#present.request(json)
  }

  requestArrays(command: object): Promise<string> {
    if (!this.#switching) return sendArrays(this.#present, command)
    // What the caller writes into them meanwhile is no part of the command.
    const copy = copyOf(command)
    return this.#switching.then(() => sendArrays(this.#present, copy))
  }

  prepare(json: string): (value: number) => boolean {
    let of: Connection | undefined
    let send: ((value: number) => boolean) | undefined
    return (value) => {
      if (this.#switching) return false
      if (of !== this.#present) {
        of = this.#present
        send = of.prepare?.(json)
      }
      return send?.(value) ?? false
    }
  }

  onEvent(listener: ((json: string) => void) | null): void {
    this.#listener = listener
    this.#present.onEvent(listener)
  }

  onChange(listener: ((change: ConnectionChange) => void) | null): void {
    this.#onChange = listener
    this.#present.onChange?.(listener)
  }

  share(memory: SharedArrayBuffer | null): void {
    this.#present.share(memory)
  }

  /**
   * Uses another from now on, which a task makes and fills from the present one, while all other requests wait. If it fails,
   * the present one stays. The former ends when what runs there, such as a render, is over; its events are not heard.
   */
  async exchange(make: (present: Connection) => Promise<Connection>): Promise<void> {
    while (this.#switching) await this.#switching
    let end = () => {}
    this.#switching = new Promise((resolve) => {
      end = resolve
    })
    try {
      this.#use(await make(this.#present))
    } finally {
      this.#switching = undefined
      end()
    }
  }

  #use(next: Connection): void {
    const former = this.#present
    if (next === former) return
    former.onEvent(null)
    former.onChange?.(null)
    this.#present = next
    next.onEvent(this.#listener)
    next.onChange?.(this.#onChange)
    const end = this.#leave(former).catch(() => {})
    this.#left.add(end)
    void end.then(() => this.#left.delete(end))
  }

  async #leave(former: Connection): Promise<void> {
    await Promise.allSettled(this.#kept.get(former) ?? [])
    this.#kept.delete(former)
    await former.close()
  }

  async close(): Promise<void> {
    await Promise.all([this.#present.close(), ...this.#left])
  }
}
