import { existsSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path'
import type { Problem } from '../discovery.ts'
import { libraryExtension } from '../plugins.ts'

/** An npm package that brings plugin libraries, or a manifest that cannot be used. */
export interface PluginPackage {
  name: string
  /** Its `package.json`. */
  manifest: string
  /** Absolute paths of the libraries and folders that it names, whether they exist or not. */
  plugins: string[]
  /** The package with its libraries for this platform, where that is not installed. */
  absent?: string
  problem?: Problem
}

interface Manifest {
  name?: unknown
  dependencies?: unknown
  devDependencies?: unknown
  optionalDependencies?: unknown
  arranger?: unknown
}

/** The nearest `package.json` from a folder upwards. */
function projectOf(folder: string): string | undefined {
  const manifest = join(folder, 'package.json')
  if (existsSync(manifest)) return manifest
  const parent = dirname(folder)
  return parent === folder ? undefined : projectOf(parent)
}

/** Where Node.js would find a package; its `exports` may hide the manifest, so `require.resolve` cannot be asked. */
function installed(name: string, from: string): string | undefined {
  const manifest = join(from, 'node_modules', name, 'package.json')
  if (existsSync(manifest)) return manifest
  const parent = dirname(from)
  return parent === from ? undefined : installed(name, parent)
}

const keysOf = (value: unknown): string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : [])

const problem = (message: string): { plugins: string[]; problem: Problem } => {
  return { plugins: [], problem: { code: 'invalid_request', message } }
}

/** The paths of an `arranger` field; `{platform}` and `{arch}` are Node's names, a path without extension gets the platform's. */
function pathsOf(field: unknown, folder: string): Pick<PluginPackage, 'plugins' | 'problem'> {
  const entries = (field as { plugins?: unknown } | null)?.plugins
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === 'string' && entry !== ''))
    return problem('Expected "arranger" to be {"plugins": [paths of libraries]}')
  const plugins: string[] = []
  for (const entry of entries as string[]) {
    const path = resolve(folder, entry.replaceAll('{platform}', process.platform).replaceAll('{arch}', process.arch))
    const inside = relative(folder, path)
    if (inside.startsWith('..') || isAbsolute(inside))
      return problem(`Expected the plugins to lie in the package but received ${entry}`)
    const whole = existsSync(path) || ['.so', '.dylib', '.dll'].includes(extname(path))
    plugins.push(whole ? path : path + libraryExtension)
  }
  return { plugins }
}

async function read(manifest: string): Promise<Manifest | Problem> {
  try {
    const json: unknown = JSON.parse(await readFile(manifest, 'utf8'))
    return typeof json === 'object' && json !== null ? json : {}
  } catch (error) {
    return { code: 'io_error', message: `Cannot read ${manifest}: ${(error as Error).message}` }
  }
}

/** What a package names and does not have itself, one of its builds for platforms may have in the same place. */
function without(own: PluginPackage, builds: readonly PluginPackage[]): string[] {
  const placesOf = ({ manifest, plugins }: PluginPackage) => plugins.map((path) => relative(dirname(manifest), path))
  const brought = new Set(builds.flatMap(placesOf))
  return own.plugins.filter((path) => existsSync(path) || !brought.has(relative(dirname(own.manifest), path)))
}

/** A package with an `arranger` field, then those of its optional dependencies that have one: its builds for platforms. */
async function packagesAt(name: string, from: string, nested: boolean): Promise<PluginPackage[]> {
  const manifest = installed(name, from)
  if (manifest === undefined) return []
  const json = await read(manifest)
  if ('code' in json) return [{ name, manifest, plugins: [], problem: json as Problem }]
  const { arranger, optionalDependencies } = json as Manifest
  if (arranger === undefined) return []
  const folder = dirname(manifest)
  const own: PluginPackage = { name, manifest, ...pathsOf(arranger, folder) }
  if (nested) return [own]
  // pnpm has a link there: what a package depends on lies beside the package itself.
  const place = await realpath(folder)
  const names = keysOf(optionalDependencies)
  const builds = (await Promise.all(names.map((build) => packagesAt(build, place, true)))).flat()
  const absent = names.find(
    (build) => build.endsWith(`-${process.platform}-${process.arch}`) && installed(build, place) === undefined,
  )
  return [{ ...own, plugins: without(own, builds), ...(absent !== undefined && { absent }) }, ...builds]
}

/** Each package once: a build for a platform may be a dependency of the project itself, too. */
async function onlyFirst(packages: readonly PluginPackage[]): Promise<PluginPackage[]> {
  const manifests = await Promise.all(packages.map(({ manifest }) => realpath(manifest)))
  return packages.filter((_, index) => manifests.indexOf(manifests[index] ?? '') === index)
}

/**
 * The packages with an `arranger` field among the direct dependencies of the project that a folder belongs to, in the
 * order of its manifest. Those of dependencies are not looked at: what a project loads stands in its own manifest.
 */
export async function pluginPackages(folder: string): Promise<PluginPackage[]> {
  const project = projectOf(resolve(folder))
  if (project === undefined) return []
  const json = await read(project)
  if ('code' in json) return [{ name: '', manifest: project, plugins: [], problem: json as Problem }]
  const { dependencies, optionalDependencies, devDependencies } = json as Manifest
  const names = new Set([dependencies, optionalDependencies, devDependencies].flatMap(keysOf))
  const found = await Promise.all([...names].map((name) => packagesAt(name, dirname(project), false)))
  return onlyFirst(found.flat())
}
