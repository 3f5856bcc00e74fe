import { existsSync } from 'node:fs'
import { type Engine, EngineError, type ErrorCode, loadPluginLibrary } from '@arranger/engine'
import { ask } from './ask.ts'
import { CliError, exitCodes } from './failure.ts'

/** A plugin library that is loaded. */
export interface LoadedLibrary {
  library_id: string
  path: string
  plugin_ids: string[]
  builtin: boolean
}

/** Every loaded library. The built-in ones are loaded by asking; `failed` says why one of them is not there. */
export function loadedLibraries(): { libraries: LoadedLibrary[]; failed: { code: string; message: string }[] } {
  return ask('list_libraries') as unknown as ReturnType<typeof loadedLibraries>
}

/**
 * Loads a plugin library into this process.
 * @returns The ids of its plugins.
 * @throws CliError `not_found`, or the engine's code and reason with exit code 4.
 */
export function loadLibrary(path: string): string[] {
  checkThere(path)
  const { pluginIds, error } = loadPluginLibrary(path)
  if (!error) return pluginIds
  throw new CliError(error.code as ErrorCode, error.message, undefined, exitCodes.pluginInvalid)
}

/** Loads a plugin library into an engine, wherever that is. @throws As {@link loadLibrary}. */
export async function loadInto(engine: Engine, path: string): Promise<void> {
  checkThere(path)
  try {
    await engine.loadPluginLibrary(path)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw new CliError(error.code, error.message, undefined, exitCodes.pluginInvalid)
  }
}

function checkThere(path: string): void {
  if (!existsSync(path)) throw new CliError('not_found', `There is no plugin library ${path}`)
}
