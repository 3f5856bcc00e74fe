// SPDX-License-Identifier: MIT
import { type BackendName, backendNames, checkBackendName } from './backend-names.ts'
import { openBackend, openWithSettings, withoutDevice } from './backends.ts'
import { loadAlways, loadDiscovered, loadNamed } from './discovery/load.ts'
import { Engine } from './engine.ts'
import { EngineError } from './error.ts'
import { localFiles } from './local-files.ts'
import type { ServerOptions } from './server/connection.ts'
import { optionsOfSettings } from './settings/options.ts'

/** How an engine is made. */
export interface EngineOptions extends ServerOptions {
  /**
   * What is to stand behind the engine. One that is named is used or the call fails. `auto`, the default: what the environment
   * variable `ARRANGER_BACKEND` names, and that alone; else the setting `audio_backend`, and if that cannot be had the others
   * in the order binding, server, wasm. {@link Engine.attempts} says what became of each.
   */
  backend?: 'auto' | BackendName | undefined
  /** Plugin libraries to load first: files, or directories whose libraries are all loaded. */
  pluginPaths?: string[] | undefined
  /**
   * Loads every library that {@link discoverPlugins} finds, too. Default false: a program uses what it names. One that
   * cannot be loaded is a warning of the process (`process.on('warning')`, on stderr by default), no failure.
   */
  discover?: boolean | undefined
  /**
   * The user's settings hold where an option here is left out: those of this file, or none at all (`false`). Default: the file
   * that {@link settingsPath} tells.
   */
  settings?: false | string | undefined
}

const knownOptions = [
  'backend',
  'sampleRate',
  'blockSize',
  'threads',
  'outputDevice',
  'serverAddress',
  'pluginPaths',
  'discover',
  'settings',
]

/** The back ends to try. */
function candidates(named: string, preferred: BackendName): readonly BackendName[] {
  const exact = named === 'auto' ? process.env.ARRANGER_BACKEND || 'auto' : named
  if (exact !== 'auto') return [checkBackendName(exact)]
  return [preferred, ...backendNames.filter((name) => name !== preferred)]
}

/**
 * Makes an engine: in this process, or where that cannot be on a server (one that runs, else one that is started for it), or
 * in WebAssembly.
 * @throws EngineError `no_backend` with every attempt; of a back end that was named `addon_not_found`, `server_unavailable` or
 * `wasm_unavailable`; `unknown_backend`, `out_of_range`, `type_mismatch`, `invalid_request`, and what loading the `pluginPaths`
 * throws.
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  for (const option of Object.keys(options)) {
    if (!knownOptions.includes(option)) {
      const known = knownOptions.join(', ')
      throw new EngineError('invalid_request', `createEngine has no option '${option}'; it has ${known}`)
    }
  }
  const { backend = 'auto', pluginPaths = [], discover = false, settings, ...given } = options
  const { preferred, pluginPaths: always, ...rest } = await optionsOfSettings(settings)
  const config = { ...rest, ...withoutUndefined(given) }
  const names = candidates(backend, preferred)
  const { connection, used, ...origin } = await openWithSettings(names, config, given.outputDevice !== undefined)
  const open = (name: BackendName) => openBackend([name], name === 'wasm' ? withoutDevice(used) : used)
  const engine = new Engine(connection, { ...origin, open, files: localFiles })
  try {
    await loadNamed(engine, pluginPaths)
    await loadAlways(engine, always)
    if (discover) await loadDiscovered(engine, pluginPaths)
    return engine
  } catch (error) {
    await engine.close()
    throw error
  }
}

function withoutUndefined(options: ServerOptions): ServerOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
