// SPDX-License-Identifier: MIT
import type { Connection } from './connection.ts'
import { ask } from './requests.ts'

/** How a parameter goes to its values. */
export interface ParameterOptions {
  /** How long it takes to get there in a straight line. Default: as the parameter is smoothed. */
  rampMs?: number
}

/**
 * One parameter of a node, to be set often: with the binding it is set at once, in a fraction of a microsecond and without any
 * JSON; with other back ends, and while requests of this engine wait, in its turn among them. So the order of calls is kept.
 */
export class Parameter {
  readonly #connection: Connection
  readonly #command: { cmd: 'set_param'; node_id: string; param_id: string; ramp_ms?: number }
  readonly #quick: ((value: number) => boolean) | undefined
  readonly #waiting = new Set<Promise<unknown>>()
  #failed: { error: unknown } | undefined

  /** Use `engine.parameter`. */
  constructor(connection: Connection, node: string, param: string, { rampMs }: ParameterOptions = {}) {
    this.#connection = connection
    this.#command = {
      cmd: 'set_param',
      node_id: node,
      param_id: param,
      ...(rampMs !== undefined && { ramp_ms: rampMs }),
    }
    this.#quick = connection.prepare?.(JSON.stringify(this.#command))
  }

  /**
   * Sets the value, in the parameter's unit.
   * @throws EngineError `unknown_node`, `unknown_param`, `out_of_range`, `engine_closed`; `busy` when the audio thread has not
   * taken thousands of values before it. Where the value is only sent, {@link settled} tells.
   */
  set(value: number): void {
    if (!this.#quick?.(value)) this.#send(value)
  }

  /** When all values have arrived. @throws EngineError the first that was refused since the last call. */
  async settled(): Promise<void> {
    await Promise.all(this.#waiting)
    const failed = this.#failed
    this.#failed = undefined
    if (failed) throw failed.error
  }

  #send(value: number): void {
    // JSON has no NaN; null is refused as no number.
    const sent = ask(this.#connection, { ...this.#command, value }).catch((error: unknown) => {
      this.#failed ??= { error }
    })
    this.#waiting.add(sent)
    void sent.then(() => this.#waiting.delete(sent))
  }
}
