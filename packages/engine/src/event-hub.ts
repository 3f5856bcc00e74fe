import type { Connection, ConnectionChange } from './connection.ts'
import { EngineError } from './error.ts'
import type { Events, MetersEvent } from './generated/protocol.ts'

/** The engine behind the connection is gone: a server or a module has ended. Loops over other events throw the same. */
export interface ConnectionLostEvent {
  event: 'connection_lost'
  message: string
}

/** The engine could be reached again, by the first call after the loss. Who listens goes on hearing. */
export interface ConnectionRestoredEvent {
  event: 'connection_restored'
  /** `new`: the engine knows nothing of what it was told before. `unknown`: others may have started it anew. */
  session: 'new' | 'unknown'
}

/** Events by name: those of the engine, and what becomes of the connection to it. */
export interface EngineEvents extends Events {
  connection_lost: ConnectionLostEvent
  connection_restored: ConnectionRestoredEvent
}

/** The name of an event that comes unasked. */
export type EventName = keyof EngineEvents

const isLoss = (error: unknown) => error instanceof EngineError && error.code === 'connection_lost'
const isOfConnection = (name: EventName) => name === 'connection_lost' || name === 'connection_restored'

/** How events are wanted. */
export interface ListenOptions {
  /** Least time between two events, in ms, 1..60000. Default 100. What happens in between is counted or measured, not lost. */
  intervalMs?: number
}

/** A listener that has been added. */
export interface Listening {
  /**
   * Resolves when the engine sends the events, or if it is gone when the next is to be asked for them; what is sent to the
   * engine from now on comes after that anyway.
   */
  ready: Promise<void>
  /** Ends it. A second call does nothing. */
  stop(): Promise<void>
}

type Listener<E extends EventName> = (event: EngineEvents[E]) => void

interface Entry {
  listener: Listener<never>
  intervalMs: number
  ended: ((failure?: EngineError) => void) | undefined
  last: number
  /** Measured since `last`, not told yet. */
  held: MetersEvent | undefined
}

/** Hands the engine's events to those who listen, and is subscribed only while somebody does. */
export class EventHub {
  readonly #connection: Connection
  readonly #send: (command: object) => Promise<unknown>
  readonly #entries = new Map<EventName, Entry[]>()
  /** The interval that the engine was last asked for, by event. */
  readonly #asked = new Map<EventName, number>()
  #closed = false

  constructor(connection: Connection, send: (command: object) => Promise<unknown>) {
    this.#connection = connection
    this.#send = send
    connection.onChange?.((change) => this.#changed(change))
  }

  /**
   * Calls the listener for every event of a name from now on.
   * @param ended Called when the engine closes, or with why it is gone.
   */
  listen<E extends EventName>(
    name: E,
    listener: Listener<E>,
    { intervalMs = 100 }: ListenOptions = {},
    ended?: (failure?: EngineError) => void,
  ): Listening {
    if (this.#closed) throw new EngineError('engine_closed', 'The engine is closed')
    if (!(intervalMs >= 1 && intervalMs <= 60_000))
      throw new EngineError('out_of_range', `Expected intervalMs between 1 and 60000 but received ${intervalMs}`)
    const entry: Entry = { listener, intervalMs, ended, last: -Infinity, held: undefined }
    this.#entries.set(name, [...this.#of(name), entry])
    // A loop waits for something; who only listens hears the engine that another call finds.
    const ready = this.#settle(name, ended !== undefined).catch(async (error: unknown) => {
      if (this.#closed || (!ended && isLoss(error))) return
      await this.#remove(name, entry)
      throw error
    })
    return { ready, stop: () => this.#remove(name, entry) }
  }

  /** Ends the listener of that name that was added last. */
  forget<E extends EventName>(name: E, listener: Listener<E>): Promise<void> {
    const entry = this.#of(name).findLast((one) => one.listener === listener)
    return entry ? this.#remove(name, entry) : Promise.resolve()
  }

  /** Asks another engine for all that is listened to. @param send Sends one command. */
  async subscribeAnew(send: (command: object) => Promise<unknown>): Promise<void> {
    const asked = [...this.#asked]
    await Promise.all(asked.map(([name, interval_ms]) => send({ cmd: 'subscribe', events: [name], interval_ms })))
  }

  /** Ends all listeners. */
  close(): void {
    this.#closed = true
    const entries = [...this.#entries.values()].flat()
    this.#entries.clear()
    for (const { ended } of entries) ended?.()
  }

  #of(name: EventName): Entry[] {
    return this.#entries.get(name) ?? []
  }

  #remove(name: EventName, entry: Entry): Promise<void> {
    if (!this.#of(name).includes(entry)) return Promise.resolve()
    this.#entries.set(
      name,
      this.#of(name).filter((other) => other !== entry),
    )
    // The engine may close meanwhile, or be lost: then it is over, too.
    return this.#settle(name).catch((error: unknown) => {
      if (!this.#closed && !isLoss(error)) throw error
    })
  }

  /**
   * Asks the engine for what the listeners of a name want together. Requests keep their order, so nobody has to wait.
   * @param seek Whether one that is gone is looked for; else the next one is asked when it is there.
   */
  async #settle(name: EventName, seek = false): Promise<void> {
    const entries = this.#of(name)
    const interval = entries.length > 0 ? Math.min(...entries.map(({ intervalMs }) => intervalMs)) : undefined
    if (isOfConnection(name) || interval === this.#asked.get(name)) return
    if (interval === undefined) {
      this.#asked.delete(name)
      if (this.#asked.size === 0) this.#connection.onEvent(null)
      if (!this.#connection.isLost) await this.#send({ cmd: 'unsubscribe', events: [name] })
      return
    }
    this.#asked.set(name, interval)
    this.#connection.onEvent((json) => this.#dispatch(json))
    if (this.#connection.isLost && !seek) return
    try {
      await this.#send({ cmd: 'subscribe', events: [name], interval_ms: interval })
    } catch (error) {
      if (this.#asked.get(name) === interval && !isLoss(error)) this.#asked.delete(name)
      throw error
    }
  }

  #changed(change: ConnectionChange): void {
    if (change.state === 'restored') {
      // One that is gone again says so to the request that brought it back.
      this.subscribeAnew((command) => change.request(JSON.stringify(command))).catch(() => {})
      this.#tell({ event: 'connection_restored', session: change.session })
      return
    }
    const { error } = change
    // Those that end have nothing left to take back from the engine.
    const ending = [...this.#entries].filter(([name]) => !isOfConnection(name)).flatMap(([, entries]) => entries)
    this.#tell({ event: 'connection_lost', message: error.message })
    for (const { ended } of ending) ended?.(error)
  }

  #dispatch(json: string): void {
    this.#tell(JSON.parse(json) as { event: EventName })
  }

  #tell(event: { event: EventName; [field: string]: unknown }): void {
    const name = event.event
    for (const entry of this.#of(name)) {
      const due = this.#due(name, entry, event)
      if (!due) continue
      try {
        entry.listener(due as never)
      } catch (error) {
        // The others hear it nevertheless; the error is the program's.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /** What this listener is told now: where somebody else wants a measured event more often, at its own interval. */
  #due(name: EventName, entry: Entry, event: object): object | undefined {
    if (name !== 'position' && name !== 'stats' && name !== 'meters') return event
    if (name === 'meters') entry.held = together(entry.held, event as MetersEvent)
    const now = performance.now()
    if (entry.intervalMs > (this.#asked.get(name) ?? 0) && now - entry.last < entry.intervalMs) return undefined
    entry.last = now
    const measured = entry.held ?? event
    entry.held = undefined
    return measured
  }
}

/** Two stretches of levels as one. */
function together(before: MetersEvent | undefined, after: MetersEvent): MetersEvent {
  if (!before) return after
  const frames = before.frames + after.frames
  const peak = (channel: number) => Math.max(linear(before.peak_dbfs[channel]), linear(after.peak_dbfs[channel]))
  const power = ({ rms_dbfs, frames }: MetersEvent, channel: number) => linear(rms_dbfs[channel]) ** 2 * frames
  return {
    event: 'meters',
    peak_dbfs: after.peak_dbfs.map((_, channel) => decibels(peak(channel))),
    rms_dbfs: after.rms_dbfs.map((_, channel) =>
      decibels(Math.sqrt((power(before, channel) + power(after, channel)) / frames)),
    ),
    frames,
  }
}

const linear = (dbfs: number | null | undefined) => (typeof dbfs === 'number' ? 10 ** (dbfs / 20) : 0)
const decibels = (level: number) => (level > 0 ? 20 * Math.log10(level) : null)
