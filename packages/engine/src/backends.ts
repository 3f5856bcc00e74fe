// SPDX-License-Identifier: MIT
import type { BackendName } from './backend-names.ts'
import type { Connection } from './connection.ts'
import { EngineError } from './error.ts'
import type { ServerOptions } from './server/connection.ts'

/** What became of the attempt to have one back end. */
export interface BackendAttempt {
  backend: BackendName
  ok: boolean
  /** Why not; left out where it was ok. */
  reason?: string
  /** How long it took. */
  ms: number
}

/** A connection, and how it was come by. */
export interface OpenedBackend {
  connection: Connection
  backend: BackendName
  /** The last of them is `backend`. */
  attempts: BackendAttempt[]
}

/** What is wrong with what the caller wrote is so with every back end: no other is tried. */
const faultsOfTheCaller = ['out_of_range', 'type_mismatch', 'invalid_request', 'device_unavailable']

/** Each is loaded when it is tried: none is in the way of another. */
const openers: Record<BackendName, (options: ServerOptions) => Promise<Connection>> = {
  async binding({ serverAddress: _, ...config }) {
    const { BindingConnection } = await import('./connection-binding.ts')
    return new BindingConnection(config)
  },
  async server(options) {
    const { ServerConnection } = await import('./server/connection.ts')
    return ServerConnection.open(options)
  },
  async wasm({ serverAddress: _, ...config }) {
    const { WasmConnection } = await import('./wasm/connection.ts')
    return WasmConnection.open(config)
  },
}

/**
 * Opens one of several back ends, the first that can be had.
 * @throws EngineError Of one alone its own error; of several `no_backend`, with each attempt and why it failed.
 */
export async function openBackend(names: readonly BackendName[], options: ServerOptions): Promise<OpenedBackend> {
  const attempts: BackendAttempt[] = []
  for (const backend of names) {
    const start = performance.now()
    const took = () => Math.round(performance.now() - start)
    try {
      const connection = await openers[backend](options)
      attempts.push({ backend, ok: true, ms: took() })
      return { connection, backend, attempts }
    } catch (error) {
      if (names.length === 1 || faultsOfTheCaller.includes((error as EngineError).code)) throw error
      attempts.push({ backend, ok: false, reason: (error as Error).message, ms: took() })
    }
  }
  const lines = attempts.map(({ backend, reason }) => `  ${backend}: ${reason}`)
  throw new EngineError('no_backend', `None of ${names.length} back ends could be had:\n${lines.join('\n')}`)
}
