// Where the native build is, for what is not loaded through the package: fixtures, child processes and workers.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addonCandidates } from '../../src/addon.ts'

/** The library that the package loads here. */
export const addonPath = addonCandidates().at(-1)?.file ?? ''
const bin = dirname(addonPath)

/** A test plugin library by name. Throws when it was not built: then nothing that needs it was tested. */
export function fixture(name: string): string {
  const path = join(bin, 'fixtures', name)
  if (!existsSync(path)) throw new Error(`The fixture ${path} is missing; build the native tree first`)
  return path
}
