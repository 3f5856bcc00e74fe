// SPDX-License-Identifier: MIT
import type { BackendName } from './backend-names.ts'
import type { EngineError } from './error.ts'

/** What becomes of the engine behind a connection. */
export type ConnectionChange =
  /** It is gone; whoever waited for a reply has the error. The next request looks for another. */
  | { state: 'lost'; error: EngineError }
  /**
   * There is one again. What was subscribed is not any more; `session`: whether it may still be the same session. `request`
   * sends before all requests that have waited for this.
   */
  | { state: 'restored'; session: 'new' | 'unknown'; request(json: string): Promise<string> }

/** A way to one engine: in this process, on a server, in a module. Who uses it needs not know which. */
export interface Connection {
  /** What stands behind it. */
  readonly backend: BackendName
  /**
   * Sends one request, gives its reply; both JSON text. Requests run in the order given; replies come as they are ready.
   * Rejects only when the engine cannot be reached. Requests with an `id` of their own have different ones while they run.
   */
  request(json: string): Promise<string>
  /** The same for a command with typed arrays in it, which are not written as text. Left out: there is no memory in common. */
  requestArrays?(command: object): Promise<string>
  /**
   * A function that sends this request with a `value`, which it lacks, and waits for nothing; it answers whether it has, which
   * it does not while requests before it wait. It throws what the engine refuses. Left out: there is no such way.
   */
  prepare?(json: string): (value: number) => boolean
  /** Where unasked events go; null takes the listener away. */
  onEvent(listener: ((json: string) => void) | null): void
  /**
   * Memory that the engine shows in what it plays, from now on and in no other; null: in none.
   * @throws EngineError `not_supported` where there is no memory in common.
   */
  share(memory: SharedArrayBuffer | null): void
  /** Whether the engine is gone, so that a request would look for another. Left out: never. */
  readonly isLost?: boolean
  /** Who is told what becomes of the engine; null: nobody. Left out by kinds that live as long as this process. */
  onChange?(listener: ((change: ConnectionChange) => void) | null): void
  /**
   * Waits for what was asked, then ends the connection; an engine of another thread or process that does not answer is left
   * after some seconds, and whoever waits has the error. A second call does nothing.
   */
  close(): Promise<void>
}
