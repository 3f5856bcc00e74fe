// SPDX-License-Identifier: MIT
/**
 * An engine in a web page: the WebAssembly module in an AudioWorklet. Nothing here needs Node.js.
 *
 * @packageDocumentation
 */

export type { Connection, ConnectionChange } from '../connection.ts'
export { Display, type DisplayState } from '../display.ts'
export { Engine } from '../engine.ts'
export { EngineError, type EngineErrorDetails, type ErrorCode } from '../error.ts'
export {
  createWorkletConnection,
  WorkletConnection,
  type WorkletContext,
  type WorkletNode,
  type WorkletOptions,
} from './worklet-connection.ts'
