import {
  type Descriptor,
  type Discovery,
  discoverPlugins,
  listPlugins,
  type PluginCandidate,
  type PluginOrigin,
} from '@arranger/engine'
import { loadedLibraries, loadLibrary } from '../libraries.ts'

/** A plugin and where it comes from. */
export interface Entry {
  descriptor: Descriptor
  /** Null for what is part of the engine itself. */
  library: string | null
  origin: 'builtin' | 'given' | PluginOrigin
  /** Of origin `package`: its name. */
  package?: string
}

/** All that is known without opening a library that was not given. */
export interface Catalogue {
  /** Sorted by id. */
  entries: Entry[]
  /** Libraries that would have to be opened to know what they bring. */
  unlisted: PluginCandidate[]
  discovery: Discovery
}

/** What the engine has, with the libraries that were given: those are loaded. */
function loadedEntries(given: readonly string[]): Entry[] {
  for (const library of given) loadLibrary(library)
  const { libraries } = loadedLibraries()
  const libraryOf = new Map(libraries.flatMap((library) => library.plugin_ids.map((id) => [id, library] as const)))
  return listPlugins().map((descriptor) => {
    const library = libraryOf.get(descriptor.id)
    const origin = library?.builtin === false ? 'given' : 'builtin'
    return { descriptor, library: library?.path ?? null, origin }
  })
}

/** @throws CliError for a library that was given and cannot be loaded. */
export async function catalogue(given: readonly string[]): Promise<Catalogue> {
  const loaded = loadedEntries(given)
  const known = new Set(loaded.map(({ descriptor }) => descriptor.id))
  const open = new Set(loaded.map(({ library }) => library))
  const discovery = await discoverPlugins()
  const good = discovery.candidates.filter(
    ({ problem, shadowedBy, path }) => !problem && shadowedBy === undefined && !open.has(path),
  )
  const found = good.flatMap(({ plugins = [], path, origin, package: name }) =>
    plugins
      .filter(({ id }) => !known.has(id))
      .map(
        (descriptor): Entry => ({ descriptor, library: path, origin, ...(name !== undefined && { package: name }) }),
      ),
  )
  const entries = [...loaded, ...found].sort((a, b) => (a.descriptor.id < b.descriptor.id ? -1 : 1))
  return { entries, unlisted: good.filter(({ plugins }) => !plugins), discovery }
}
