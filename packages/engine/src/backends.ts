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

/** WebAssembly has no devices: unless it alone is wanted, one that is named is meant for the others. */
export function withoutDevice({ outputDevice, ...options }: ServerOptions): ServerOptions {
  return outputDevice === null ? { ...options, outputDevice } : options
}

/**
 * Opens back ends as {@link openBackend} does; a device of the settings that is not plugged in keeps no program from starting:
 * without it the default is used, with a warning.
 * @param settled Whether the caller has named the device; then it is that or none.
 * @returns Also the options that were used.
 */
export async function openWithSettings(
  names: readonly BackendName[],
  options: ServerOptions,
  settled = false,
): Promise<OpenedBackend & { used: ServerOptions }> {
  try {
    return { ...(await openBackend(names, options)), used: options }
  } catch (error) {
    const { code, message } = error as EngineError
    if (code !== 'device_unavailable' || settled || options.outputDevice === undefined) throw error
    process.emitWarning(`${message}; the default is used`, { type: 'SettingsWarning', code })
    const { outputDevice: _, ...used } = options
    return { ...(await openBackend(names, used)), used }
  }
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
      const isDeviceForOthers = backend === 'wasm' && names.length > 1
      const connection = await openers[backend](isDeviceForOthers ? withoutDevice(options) : options)
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
