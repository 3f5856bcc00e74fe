import { EngineError, type ErrorCode } from './error.ts'
import type { EventHub, Listening } from './event-hub.ts'
import type { Events, LibraryFailedEvent, LibraryLoadedEvent, LibraryReloadedEvent } from './generated/protocol.ts'
import type { LocalFiles } from './local-files.ts'
import type { Send } from './midi-devices.ts'
import type { Warning } from './render.ts'

/** How a plugin library is loaded. */
export interface LoadLibraryOptions {
  /** Opens it in a child process first, where a crash harms nobody. Default true. */
  probe?: boolean
  /** Takes over ids that another library has, except those of built-in plugins. Default false: `duplicate_id`. */
  replace?: boolean
}

/** A plugin library as it was loaded. */
export interface LoadedLibrary {
  /** Its name among those loaded. */
  libraryId: string
  /** Absolute, symbolic links resolved. */
  path: string
  /** In the order in which it registered them. */
  pluginIds: string[]
  /** Counts the contents that its path has had, from 1. */
  generation: number
}

/** A plugin library of this process. */
export interface LibraryInfo extends LoadedLibrary {
  /** The instruction-set level that was opened. */
  isa: string
  /** Came with the engine. */
  builtin: boolean
}

/** A plugin library that could not be loaded. */
export interface FailedLibrary {
  path: string
  code: ErrorCode
  message: string
}

/** What became of several libraries. */
export interface LoadedLibraries {
  libraries: LoadedLibrary[]
  failed: FailedLibrary[]
}

/** A node that went over to the new code of its plugin. */
export interface ReloadedNode {
  nodeId: string
  pluginId: string
  /** Parameters that have their values still. */
  kept: string[]
  /** Parameters that the new code does not have. */
  dropped: string[]
  /** Parameters that the new code calls otherwise. */
  renamed: { from: string; to: string }[]
  /** It had a state of its own, and has it again. */
  state: boolean
  /** `restored`: what sounds goes on without a seam. Otherwise notes that sound begin again and tails end. */
  snapshot: 'none' | 'restored' | 'layout_differs'
}

/** What {@link Engine.reloadPluginLibrary} did. */
export interface ReloadedLibrary {
  /** What the library brings now. */
  pluginIds: string[]
  generation: number
  /** Ids of nodes with new instances. */
  rebuilt: string[]
  /** What each of them took over. */
  nodes: ReloadedNode[]
  /** What the new code forgave. */
  warnings: Warning[]
}

/** What is told while a library is watched. */
export interface WatchLibraryOptions {
  /** Ends the watch. */
  signal?: AbortSignal
  /** The library was not loaded and now is. */
  onLoaded?: (event: LibraryLoadedEvent) => void
  /** It was built anew, and plays. */
  onReloaded?: (event: LibraryReloadedEvent) => void
  /** What was built cannot be used; the one before plays on. */
  onFailed?: (event: LibraryFailedEvent) => void
}

/** The watch over one library. Unloading the library ends it, too. */
export interface LibraryWatch extends AsyncDisposable {
  /** The file, absolute, symbolic links resolved. */
  readonly path: string
  /** Ends it; the library stays loaded. A second call does nothing. */
  close(): Promise<void>
}

type LibraryEventName = 'library_loaded' | 'library_reloaded' | 'library_failed'

interface LibraryJson {
  library_id: string
  path: string
  plugin_ids: string[]
  generation: number
}

function fromJson({ library_id: libraryId, path, plugin_ids: pluginIds, generation }: LibraryJson): LoadedLibrary {
  return { libraryId, path, pluginIds, generation }
}

/**
 * The plugin libraries of the process, as one engine sees them. Paths are made absolute here: a server has another working
 * directory. {@link Engine} has its methods under longer names.
 */
export class Libraries {
  readonly #send: Send
  readonly #events: EventHub
  readonly #absolute: LocalFiles['absolute']
  readonly #spelled: LocalFiles['spelledAsLoaded']
  /** How many watches there are for each path: the engine knows only whether. */
  readonly #watches = new Map<string, number>()

  constructor(send: Send, events: EventHub, files: LocalFiles | undefined) {
    this.#send = send
    this.#events = events
    this.#absolute = files?.absolute ?? ((path) => path)
    this.#spelled = files?.spelledAsLoaded ?? ((path) => path)
  }

  async load(path: string, options: LoadLibraryOptions = {}): Promise<LoadedLibrary> {
    return fromJson(await this.#send({ cmd: 'load_plugin', path: this.#absolute(path), ...options }))
  }

  async list(): Promise<LibraryInfo[]> {
    const { libraries } = await this.#send({ cmd: 'list_libraries' })
    return libraries.map((library) => ({ ...fromJson(library), isa: library.isa, builtin: library.builtin }))
  }

  async #idOf(library: string): Promise<string> {
    const all = await this.list()
    if (all.some(({ libraryId }) => libraryId === library)) return library
    const path = this.#spelled(library)
    return all.find((one) => one.path === path)?.libraryId ?? library
  }

  async reload(library: string): Promise<ReloadedLibrary> {
    const command = { cmd: 'reload_plugin', library_id: await this.#idOf(library) } as const
    const { plugin_ids: pluginIds, generation, rebuilt, nodes, warnings } = await this.#send(command)
    const reloaded = nodes.map(({ node_id: nodeId, plugin_id: pluginId, ...rest }) => ({ nodeId, pluginId, ...rest }))
    return { pluginIds, generation, rebuilt, nodes: reloaded, warnings }
  }

  async unload(library: string, options: { force?: boolean } = {}): Promise<string[]> {
    const { muted } = await this.#send({ cmd: 'unload_plugin', library_id: await this.#idOf(library), ...options })
    return muted
  }

  async loadAll(paths: readonly string[], options: LoadLibraryOptions = {}): Promise<LoadedLibraries> {
    const { libraries, failed } = await this.#send({
      cmd: 'load_plugins',
      paths: paths.map((path) => this.#absolute(path)),
      ...options,
    })
    return { libraries: libraries.map(fromJson), failed: failed as FailedLibrary[] }
  }

  async watch(path: string, options: WatchLibraryOptions = {}): Promise<LibraryWatch> {
    const { signal, onLoaded, onReloaded, onFailed } = options
    const file = this.#spelled(path)
    const cancelled = () => new EngineError('cancelled', `Watching ${file} was cancelled`, { cause: signal?.reason })
    if (signal?.aborted) throw cancelled()
    const listening: Listening[] = []
    const listen = <E extends LibraryEventName>(name: E, tell: ((event: Events[E]) => void) | undefined) => {
      if (tell) listening.push(this.#events.listen(name, (event) => event.path === file && tell(event)))
    }
    listen('library_loaded', onLoaded)
    listen('library_reloaded', onReloaded)
    listen('library_failed', onFailed)
    const deafen = () => Promise.all(listening.map((one) => one.stop()))
    try {
      await Promise.all(listening.map(({ ready }) => ready))
      await this.#setWatched(file, 1)
    } catch (error) {
      await deafen()
      throw error
    }
    let closed: Promise<void> | undefined
    const close = () => {
      signal?.removeEventListener('abort', close)
      closed ??= deafen().then(() => this.#setWatched(file, -1))
      return closed
    }
    signal?.addEventListener('abort', close)
    if (signal?.aborted) {
      await close()
      throw cancelled()
    }
    return { path: file, close, [Symbol.asyncDispose]: close }
  }

  /** Counts the watches over a file: the engine ends with the last. It may be told twice to begin. */
  async #setWatched(path: string, change: 1 | -1): Promise<void> {
    const count = (this.#watches.get(path) ?? 0) + change
    this.#watches.set(path, count)
    if (change < 0 && count > 0) return
    try {
      await this.#send({ cmd: 'watch_library', path, enabled: change > 0 })
    } catch (error) {
      // With the engine its watches have ended.
      if (change < 0 && (error as EngineError).code === 'engine_closed') return
      this.#watches.set(path, (this.#watches.get(path) ?? 0) - change)
      throw error
    }
  }
}
