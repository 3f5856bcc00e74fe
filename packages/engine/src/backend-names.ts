// SPDX-License-Identifier: MIT
// Apart from what opens them: a page has an engine, and nothing of Node.js.
import { EngineError } from './error.ts'
import { nearestHint } from './nearest.ts'

/** What can stand behind an engine: the addon in this process, a server over a socket, the WebAssembly module. */
export type BackendName = 'binding' | 'server' | 'wasm'

/** All of them, in the order in which they are tried. */
export const backendNames: readonly BackendName[] = ['binding', 'server', 'wasm']

/** What is said of a name that is none of those there are. */
export function unknownBackend(name: string, names: readonly string[]): EngineError {
  const message = `There is no back end '${name}'${nearestHint(name, names)}; there is ${names.join(', ')}`
  return new EngineError('unknown_backend', message)
}

/** @throws EngineError `unknown_backend` */
export function checkBackendName(name: string): BackendName {
  const found = backendNames.find((known) => known === name)
  if (!found) throw unknownBackend(name, backendNames)
  return found
}
