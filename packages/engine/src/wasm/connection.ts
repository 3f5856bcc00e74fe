// SPDX-License-Identifier: MIT
import type { AudioEngineConfig } from '../addon.ts'
import type { Connection } from '../connection.ts'
import { EngineError } from '../error.ts'

/** An engine in a WebAssembly module, in a thread of its own. */
export const WasmConnection = {
  open(_config: AudioEngineConfig): Promise<Connection> {
    return Promise.reject(new EngineError('wasm_unavailable', 'The WebAssembly module was not built'))
  },
}
