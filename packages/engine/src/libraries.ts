import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
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
  /** In the order in which it registered them. */
  pluginIds: string[]
  /** Counts the contents that its path has had, from 1. */
  generation: number
}

/** A plugin library of this process. */
export interface LibraryInfo extends LoadedLibrary {
  /** Absolute. */
  path: string
  /** The instruction-set level that was opened. */
  isa: string
  /** Came with the engine. */
  builtin: boolean
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

/** A path as the engine spells it: absolute, without symbolic links, also of a file that is not there yet. */
function spelledAsLoaded(path: string): string {
  const absolute = resolve(path)
  const parent = dirname(absolute)
  if (parent === absolute) return absolute
  try {
    return realpathSync.native(absolute)
  } catch {
    return join(spelledAsLoaded(parent), basename(absolute))
  }
}

/** The plugin libraries of the process, as one engine sees them. {@link Engine} has its methods under longer names. */
export class Libraries {
  readonly #send: Send

  constructor(send: Send) {
    this.#send = send
  }

  async load(path: string, options: LoadLibraryOptions = {}): Promise<LoadedLibrary> {
    const { library_id, plugin_ids, generation } = await this.#send({ cmd: 'load_plugin', path, ...options })
    return { libraryId: library_id, pluginIds: plugin_ids, generation }
  }

  async list(): Promise<LibraryInfo[]> {
    const { libraries } = await this.#send({ cmd: 'list_libraries' })
    return libraries.map(({ library_id: libraryId, plugin_ids: pluginIds, path, isa, generation, builtin }) => {
      return { libraryId, pluginIds, path, isa, generation, builtin }
    })
  }

  async #idOf(library: string): Promise<string> {
    const all = await this.list()
    if (all.some(({ libraryId }) => libraryId === library)) return library
    const path = spelledAsLoaded(library)
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
}
