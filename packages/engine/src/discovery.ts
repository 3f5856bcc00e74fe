import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Descriptor } from '@arranger/plugin-sdk'
import { pluginPackages } from './discovery/packages.ts'
import { environmentPlaces, installedPlaces, type Place } from './discovery/places.ts'
import { describedBeside, type Sidecar, sidecarPath } from './discovery/sidecar.ts'
import type { EngineError, ErrorCode } from './error.ts'
import { librariesAt } from './plugins.ts'

/**
 * Who says that a library is there, in the order of the search: the option `pluginPaths`, the environment variable
 * `ARRANGER_PLUGIN_PATH`, an npm package that the project depends on, the user's folder, the system's.
 */
export type PluginOrigin = 'option' | 'environment' | 'package' | 'user' | 'system'

/** Why something is of no use. */
export interface Problem {
  code: ErrorCode
  message: string
}

/** A library that was found or named. */
export interface PluginCandidate {
  /** Absolute. */
  path: string
  origin: PluginOrigin
  /** Of origin `package`: its name. */
  package?: string
  /** What it brings; only its loading can tell when it has no fresh descriptor file. */
  plugins?: Descriptor[]
  sidecar: Sidecar
  /** Why it cannot be loaded. That there is none does not say that it can. */
  problem?: Problem
  /** The library that was found before and is the same, or brings one of its ids: this one is not loaded. */
  shadowedBy?: string
}

/** A place that was looked at. */
export interface SearchedPlace {
  origin: PluginOrigin
  /** A folder, a library, or the manifest of a package. */
  path: string
  exists: boolean
  /** How many libraries it has or names. */
  libraries: number
  /** Why nothing could be found there. */
  problem?: Problem
}

/** What {@link discoverPlugins} found. */
export interface Discovery {
  /** In the order of the search: the first that brings an id wins. */
  candidates: PluginCandidate[]
  searched: SearchedPlace[]
}

/** Where {@link discoverPlugins} looks. */
export interface DiscoveryOptions {
  /** Libraries, and folders whose libraries are meant, before all others. */
  pluginPaths?: readonly string[] | undefined
  /** A folder of the project whose npm dependencies are looked at. Default: the working directory. */
  cwd?: string | undefined
  /** Default: that of the process. */
  environment?: NodeJS.ProcessEnv | undefined
}

/** Candidates of one place, whose plugins are not yet known, and the place itself. */
interface Found {
  searched: Omit<SearchedPlace, 'libraries'>
  libraries: Named[]
}

/** A library that somebody names. */
interface Named {
  path: string
  package?: string
  /** The package that has it for this platform, where that is not installed. */
  absent?: string
}

/** The libraries that a path stands for. One that is not there stays, so that it can be said who named it. */
async function librariesOf(path: string): Promise<{ libraries: string[]; problem?: Problem }> {
  if (!existsSync(path)) return { libraries: [path] }
  try {
    return { libraries: await librariesAt(path) }
  } catch (error) {
    const { code, message } = error as EngineError
    return { libraries: [], problem: { code, message } }
  }
}

async function lookAt({ origin, path }: Place, folder: string): Promise<Found> {
  const absolute = resolve(folder, path)
  const exists = existsSync(absolute)
  // Whoever names a place in a call means it; the others may be absent.
  if (!exists && origin !== 'option') return { searched: { origin, path: absolute, exists }, libraries: [] }
  const { libraries, problem } = await librariesOf(absolute)
  const searched = { origin, path: absolute, exists, ...(problem && { problem }) }
  return { searched, libraries: libraries.map((library) => ({ path: library })) }
}

async function lookAtPackages(folder: string): Promise<Found[]> {
  const packages = await pluginPackages(folder)
  return Promise.all(
    packages.map(async ({ name, manifest, plugins, absent, problem: wrong }) => {
      const parts = await Promise.all(plugins.map(librariesOf))
      const problem = wrong ?? parts.find((part) => part.problem)?.problem
      const searched = { origin: 'package' as const, path: manifest, exists: true, ...(problem && { problem }) }
      const from = { package: name, ...(absent !== undefined && { absent }) }
      const libraries = parts.flatMap((part) => part.libraries.map((path) => ({ path, ...from })))
      return { searched, libraries }
    }),
  )
}

function problemOf(
  path: string,
  plugins: readonly Descriptor[] = [],
  otherAbi: string | undefined,
): Problem | undefined {
  if (otherAbi !== undefined) {
    const message = `${path} was built for the plugin ABI ${otherAbi}, which this engine does not have`
    return { code: 'plugin_abi_mismatch', message }
  }
  const reserved = plugins.find(({ id }) => id.startsWith('builtin.'))
  if (!reserved) return undefined
  const message = `${path} brings ${reserved.id}, but ids that begin with 'builtin.' are the engine's own`
  return { code: 'plugin_load_failed', message }
}

/** Why a library that a package names is not there. */
function reasonOf({ package: name, absent }: Named): string {
  if (name === undefined) return ''
  const why =
    absent === undefined ? `has no build for ${process.platform}-${process.arch}` : `${absent} is not installed`
  return `; ${name} names it but ${why}`
}

async function candidateOf(origin: PluginOrigin, named: Named): Promise<PluginCandidate> {
  const { path, package: name } = named
  const from = { path, origin, ...(name !== undefined && { package: name }) }
  if (!existsSync(path)) {
    const message = `There is no plugin library ${path}${reasonOf(named)}`
    return {
      ...from,
      sidecar: { path: sidecarPath(path), state: 'none' },
      problem: { code: 'plugin_load_failed', message },
    }
  }
  try {
    const { sidecar, plugins, otherAbi } = await describedBeside(path)
    const problem = problemOf(path, plugins, otherAbi)
    return { ...from, sidecar, ...(plugins && { plugins }), ...(problem && { problem }) }
  } catch (error) {
    const problem: Problem = { code: 'io_error', message: `Cannot read ${path}: ${(error as Error).message}` }
    return { ...from, sidecar: { path: sidecarPath(path), state: 'none' }, problem }
  }
}

/** Marks what is not loaded because it was found before, the same file or one with the same id. */
async function markShadowed(candidates: readonly PluginCandidate[]): Promise<void> {
  const first = new Map<string, string>()
  for (const candidate of candidates) {
    if (candidate.problem) continue
    const file = await realpath(candidate.path).catch(() => candidate.path)
    const names = [`file ${file}`, ...(candidate.plugins ?? []).map(({ id }) => `id ${id}`)]
    const before = names.map((name) => first.get(name)).find((path) => path !== undefined)
    if (before !== undefined) candidate.shadowedBy = before
    else for (const name of names) first.set(name, candidate.path)
  }
}

/**
 * Looks for plugin libraries, opens none, and loads none. What each brings is known from the descriptor file that a build
 * writes beside it. The search goes through `pluginPaths`, `ARRANGER_PLUGIN_PATH` (a list as `PATH` is), the `arranger`
 * field of the project's direct npm dependencies, the user's folder and the system's folders; what is found first wins,
 * and everything else is reported with the reason.
 */
export async function discoverPlugins(options: DiscoveryOptions = {}): Promise<Discovery> {
  const { pluginPaths = [], cwd = process.cwd(), environment } = options
  const look = (places: Place[]) => Promise.all(places.map((place) => lookAt(place, cwd)))
  const found = await Promise.all([
    look(pluginPaths.map((path) => ({ origin: 'option', path }))),
    look(environmentPlaces({ environment })),
    lookAtPackages(cwd),
    look(installedPlaces({ environment })),
  ])
  const places = found.flat()
  const candidates = await Promise.all(
    places.flatMap(({ searched, libraries }) => libraries.map((library) => candidateOf(searched.origin, library))),
  )
  await markShadowed(candidates)
  return {
    candidates,
    searched: places.map(({ searched, libraries }) => ({ ...searched, libraries: libraries.length })),
  }
}

/** The libraries of a discovery that can be loaded together. */
export function loadablePaths({ candidates }: Discovery): string[] {
  return candidates.filter(({ problem, shadowedBy }) => !problem && shadowedBy === undefined).map(({ path }) => path)
}
