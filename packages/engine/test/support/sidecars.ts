// Plugin libraries for tests of discovery, which opens none: any bytes will do.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, parse } from 'node:path'
import type { Descriptor } from '@arranger/plugin-sdk'
import { contentHash } from '../../src/discovery/content-hash.ts'
import { libraryExtension } from '../../src/plugins.ts'

/** The smallest descriptor that a plugin can have. */
export function descriptor(id: string, more: Partial<Descriptor> = {}): Descriptor {
  return {
    id,
    display_name: id,
    category: 'Effect',
    doc: '',
    author: '',
    url: '',
    license: 'MIT',
    version: 1,
    event_grid: 1,
    block_tolerance: 0,
    preserves_finite: false,
    in_place: false,
    is_gain: false,
    ports: [],
    config_params: [],
    migrations: [],
    ...more,
  }
}

/** Writes a file in the place of a library. @param path Without extension. @returns Its path. */
export function writeLibrary(path: string, content = path): string {
  const library = path + libraryExtension
  mkdirSync(dirname(library), { recursive: true })
  writeFileSync(library, content)
  return library
}

/** Writes the descriptor file of a library, as a build does. @returns Its path. */
export function describeLibrary(library: string, plugins: Descriptor[], more: object = {}): string {
  const { dir, name } = parse(library)
  const path = `${dir}/${name}.plugin.json`
  const content_hash = contentHash(readFileSync(library)).toString(16).padStart(16, '0')
  const file = { format: 1, library: basename(name), abi: { major: 1, minor: 0 }, content_hash, plugins, ...more }
  writeFileSync(path, JSON.stringify(file))
  return path
}

/** A library and its descriptor file. @returns The library's path. */
export function describedLibrary(path: string, ...ids: string[]): string {
  const library = writeLibrary(path)
  describeLibrary(
    library,
    ids.map((id) => descriptor(id)),
  )
  return library
}
