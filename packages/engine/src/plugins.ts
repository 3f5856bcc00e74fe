import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Descriptor } from '@arranger/plugin-sdk'
import { addon, type LoadResult } from './addon.ts'
import { ioError } from './error.ts'

/** Every plugin of this process, each id once. Works before any engine exists; the first call loads the built-in libraries. */
export function listPlugins(): Descriptor[] {
  return addon().listPlugins()
}

/**
 * Loads a plugin library into this process, for all its engines and workers. The library is opened in a child process first,
 * so one that crashes or hangs does no harm. Throws nothing for a bad library: the reason is in the result.
 * Blocks the caller, for up to 2 s if the library hangs.
 */
export function loadPluginLibrary(path: string): LoadResult {
  return addon().loadPluginLibrary(path)
}

/** How the name of a shared library ends on this platform. */
export const libraryExtension = process.platform === 'win32' ? '.dll' : process.platform === 'darwin' ? '.dylib' : '.so'

/**
 * The plugin libraries that a path stands for: the file itself, or the libraries directly in a directory, sorted by name.
 * @throws EngineError `io_error`
 */
export async function librariesAt(path: string): Promise<string[]> {
  const absolute = resolve(path)
  try {
    if (!(await stat(absolute)).isDirectory()) return [absolute]
    const names = await readdir(absolute)
    return names
      .filter((name) => name.endsWith(libraryExtension))
      .sort()
      .map((name) => join(absolute, name))
  } catch (error) {
    throw ioError('read the plugin path', absolute, error)
  }
}
