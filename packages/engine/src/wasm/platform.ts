// SPDX-License-Identifier: MIT
// What Node.js and browsers both have, and TypeScript knows only with the types of a page.

/** A module that was compiled; it can be posted to another thread. */
export type CompiledModule = object

/** Functions that a module asks for. */
// biome-ignore lint/suspicious/noExplicitAny: a module calls them with whatever numbers it likes
export type Imports = Record<string, (...numbers: any[]) => unknown>

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<CompiledModule>
  Instance: new (module: CompiledModule, imports: Record<string, Imports>) => { exports: unknown }
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
