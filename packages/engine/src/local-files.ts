// SPDX-License-Identifier: MIT
import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readChannels } from './raw-samples.ts'
import { TemporaryFolder } from './temporary-folder.ts'

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

/** What an engine's helpers do with files of this machine; in a page there is nobody who could. */
export const localFiles = {
  absolute: (path: string) => resolve(path),
  spelledAsLoaded,
  temporaryFolder: () => new TemporaryFolder(),
  readChannels,
}

export type LocalFiles = typeof localFiles
