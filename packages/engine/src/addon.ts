import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { debuglog } from 'node:util'
import type { Descriptor } from '@arranger/plugin-sdk'
import type { NumberArray } from './arrays.ts'
import { EngineError } from './error.ts'

const debug = debuglog('arranger')

/** How an engine is made. */
export interface AudioEngineConfig {
  /** In hertz. Default 44100; a device that refuses that then plays at its own. */
  sampleRate?: number
  /** Frames per block: of the clock, and what the latency of a device is chosen by. Default 512. */
  blockSize?: number
  /**
   * Threads that run a graph, 1..32; 0, the default, is as many as the processor has, up to 8. More than one run it where
   * that saves time; what is heard or rendered is the same.
   */
  threads?: number
  /**
   * Name of the output device; null is a clock without sound. Default: the device that the environment variable
   * `ARRANGER_OUTPUT_DEVICE` names, else the system's default, or the clock where there is none.
   */
  outputDevice?: string | null
}

/** What became of a plugin library that was to be loaded. */
export interface LoadResult {
  ok: boolean
  /** Names the library in later commands; null when it was not loaded. */
  libraryId: string | null
  /** The ids of the plugins it brought, in the order in which it registered them. */
  pluginIds: string[]
  /** Why it was not loaded, or null. */
  error: { code: string; message: string } | null
}

/** The engine object of the native library; {@link AudioServer} says what its methods do. */
interface NativeServer {
  handle(request: string, arrays?: readonly NumberArray[]): string
  handleAsync(request: string, arrays?: readonly NumberArray[]): Promise<string>
  prepare(request: string): number
  send(prepared: number, value: number): void
  onEvent(callback: ((event: string) => void) | null): void
  shareMemory(memory: Uint8Array | null): void
  close(): void
}

/** What the native library exports. */
export interface Addon {
  handle(request: string): string
  listPlugins(): Descriptor[]
  loadPluginLibrary(path: string): LoadResult
  AudioServer: new (config?: AudioEngineConfig) => NativeServer
}

interface Candidate {
  from: string
  file: string
}

/** Where the native library is looked for, first found wins. The variable, when set, is the only place. */
export function addonCandidates(environment: NodeJS.ProcessEnv = process.env): Candidate[] {
  const named = environment.ARRANGER_ADDON
  if (named) return [{ from: 'environment variable ARRANGER_ADDON', file: resolve(named) }]
  const local = fileURLToPath(new URL('../../../build/release/bin/arranger.node', import.meta.url))
  return [
    { from: 'platform package', file: `@arranger/engine-${process.platform}-${process.arch}` },
    { from: 'local build', file: local },
  ]
}

/**
 * Loads the native library from the first candidate that has it.
 * @throws EngineError `addon_not_found` with what was tried and why each failed.
 */
export function openAddon(candidates: Candidate[]): Addon {
  const require = createRequire(import.meta.url)
  const tried: string[] = []
  for (const { from, file } of candidates) {
    try {
      const addon = require(file) as Addon
      if (typeof addon.AudioServer !== 'function') throw new Error('not the native library of the engine')
      debug('addon loaded from %s (%s)', file, from)
      return addon
    } catch (error) {
      tried.push(`${from} ${file}: ${reasonOf(error, file)}`)
    }
  }
  throw new EngineError(
    'addon_not_found',
    `The native library arranger.node could not be loaded; build it with 'npm run build:native' or set ARRANGER_ADDON. ` +
      `Tried ${tried.length}:\n${tried.map((line) => `  ${line}`).join('\n')}`,
  )
}

function reasonOf(error: unknown, file: string): string {
  const missing = (error as NodeJS.ErrnoException | null)?.code === 'MODULE_NOT_FOUND'
  if (missing) return file.startsWith('@') ? 'not installed' : 'no such file'
  const message = error instanceof Error ? error.message : String(error)
  return existsSync(file) || file.startsWith('@') ? (message.split('\n')[0] ?? message) : 'no such file'
}

let loaded: Addon | undefined

/** The native library, loaded at the first call. It is one per process, also for workers. */
export function addon(): Addon {
  loaded ??= openAddon(addonCandidates())
  return loaded
}

/**
 * Runs one command on the default engine, which is made at the first call, and returns its reply. Both are JSON text.
 * Blocks the caller: use {@link createEngine} where the event loop matters.
 */
export function handle(request: string): string {
  return addon().handle(request)
}

/**
 * One engine behind the JSON contract, for callers that speak it themselves. Any number may exist at once; they share the
 * plugin registry of the process.
 */
export class AudioServer implements NativeServer {
  readonly #server: NativeServer
  #closed = false

  /** @throws EngineError `addon_not_found` */
  constructor(config?: AudioEngineConfig) {
    const { AudioServer: Native } = addon()
    this.#server = config === undefined ? new Native() : new Native(config)
  }

  /**
   * Runs one command and returns its reply, both as JSON text. Blocks the caller. Never throws for a bad request.
   * @param arrays Numbers that the request names by their place here, as `{"attachment":0}`, where it may have an array. They
   * are read without a copy, each once, before this returns.
   * @throws Error when it is closed; TypeError for arrays of another kind or without their memory.
   */
  handle(request: string, arrays?: readonly NumberArray[]): string {
    return arrays === undefined ? this.#server.handle(request) : this.#server.handle(request, arrays)
  }

  /**
   * A number for a request that is sent often with another `value` each time, which it is given without: `set_param`. The same
   * request has the same number, which is good until this is closed.
   * @throws Error with the engine's `code`, and the `path` of what is wrong.
   */
  prepare(request: string): number {
    return this.#server.prepare(request)
  }

  /**
   * Runs a prepared request with a value, as {@link handle} would, in a tenth of the time: in order with it, and from any thread.
   * @throws Error as of {@link prepare}, such as `unknown_node` while there is no node of that name.
   */
  send(prepared: number, value: number): void {
    this.#server.send(prepared, value)
  }

  /**
   * The same on a worker thread, with a copy of the arrays. Commands of one engine run in the order given; a render runs beside those after it.
   * Rejects where {@link handle} throws.
   */
  async handleAsync(request: string, arrays: readonly NumberArray[] = []): Promise<string> {
    return this.#server.handleAsync(request, arrays)
  }

  /**
   * Where the events go that `subscribe` asked for, as JSON text; null takes the callback away.
   * @throws Error when it is closed, as {@link handle} does.
   */
  onEvent(callback: ((event: string) => void) | null): void {
    // No event will ever come: to accept the callback would hide that.
    if (this.#closed) throw new Error('This AudioServer is closed')
    this.#server.onEvent(callback)
  }

  /**
   * Memory that the engine writes into by itself, over a `SharedArrayBuffer`: what it plays, laid out as `describe` says. It
   * is in use until other memory, or null, was given, or this is closed; {@link Display} reads it.
   * @throws TypeError; RangeError when it is too small; Error when this is closed, as {@link handle} does.
   */
  shareMemory(memory: Uint8Array | null): void {
    this.#server.shareMemory(memory)
  }

  /** Frees the engine. A second call does nothing. */
  close(): void {
    this.#closed = true
    this.#server.close()
  }
}
