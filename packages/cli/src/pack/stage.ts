// SPDX-License-Identifier: MIT
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { type Descriptor, pluginDeclarations } from '@arranger/engine'
import type { Described } from './check-descriptor.ts'
import type { ExaminedBuild } from './examine.ts'
import { platformPackages } from './examine.ts'
import { type PackedLibrary, packageName, placeFor, platformName } from './platforms.ts'
import type { Manifest, Project } from './project.ts'

/** A package as a folder that npm can pack. */
export interface StagedPackage {
  name: string
  version: string
  /** Node's names; null for the package that all platforms share. */
  platform: string | null
  folder: string
  /** What has to be in the tarball, relative to the folder. */
  files: string[]
}

/** What builds leave beside a library that nobody needs at run time. */
const leftovers = /\.(lib|exp|pdb|ilk|a|o|obj|dsym)$/i

/** Of a module, so that it extends the types of the engine's module, whatever the package says that its scripts are. */
const typesFile = 'plugins.d.mts'

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}

/** Of a manifest what every package of the project says. */
function shared(manifest: Manifest): Manifest {
  const keys = [
    'author',
    'bugs',
    'contributors',
    'engines',
    'funding',
    'homepage',
    'license',
    'private',
    'publishConfig',
    'repository',
  ]
  return Object.fromEntries(keys.filter((key) => key in manifest).map((key) => [key, manifest[key]]))
}

function staged(parent: string, name: string, platform: string | null, { version }: Project): StagedPackage {
  const folder = join(parent, platform ?? 'meta')
  mkdirSync(folder, { recursive: true })
  return { name, version, platform, folder, files: [] }
}

/** The package of one platform: its libraries and what lies beside them. */
function stagePlatform(project: Project, build: ExaminedBuild, parent: string): StagedPackage {
  const platform = platformName(build)
  const made = staged(parent, packageName(project, build), platform, project)
  cpSync(join(project.folder, build.folder), join(made.folder, build.folder), {
    recursive: true,
    filter: (path) => !leftovers.test(path),
  })
  if (project.licenseFile) cpSync(join(project.folder, project.licenseFile), join(made.folder, project.licenseFile))
  const text = `The build of ${project.name} for ${platform}. Install ${project.name}, which brings it.\n`
  writeFileSync(join(made.folder, 'README.md'), `# ${made.name}\n\n${text}`)
  writeJson(join(made.folder, 'package.json'), {
    name: made.name,
    version: project.version,
    description: `${project.name} for ${platform}`,
    ...shared(project.manifest),
    os: [build.platform],
    cpu: [build.arch],
    ...(build.platform === 'linux' && build.libc && { libc: [build.libc] }),
    // A library is opened by the system, which cannot look into an archive of Yarn's.
    preferUnplugged: true,
    arranger: { plugins: project.patterns.map((pattern) => placeFor(pattern, build)) },
  })
  return { ...made, files: filesIn(made.folder) }
}

/** What is known of a library without its build: the descriptor file, without the content that it was made for. */
function writeDescriptor(folder: string, { path, name }: PackedLibrary): void {
  const source = join(dirname(path), `${name}.plugin.json`)
  const { content_hash: _, ...rest } = JSON.parse(readFileSync(source, 'utf8')) as Record<string, unknown>
  writeJson(join(folder, basename(source)), rest)
}

/** The package that users name: descriptors, types and texts, and the packages of the platforms. */
function stageMeta(
  project: Project,
  builds: readonly ExaminedBuild[],
  plugins: readonly Descriptor[],
  parent: string,
  own: readonly string[],
): StagedPackage {
  const made = staged(parent, project.name, null, project)
  for (const file of own) cpSync(join(project.folder, file), join(made.folder, file))
  for (const library of builds[0]?.libraries ?? []) writeDescriptor(made.folder, library)
  writeFileSync(join(made.folder, typesFile), pluginDeclarations(plugins))
  const { scripts: _, devDependencies: __, files: ___, optionalDependencies, ...manifest } = project.manifest
  const isBare = !['main', 'module', 'exports', 'types', 'typings'].some((key) => key in manifest)
  writeJson(join(made.folder, 'package.json'), {
    ...manifest,
    ...(isBare && { types: `./${typesFile}` }),
    optionalDependencies: { ...(optionalDependencies as object | undefined), ...platformPackages(project, builds) },
  })
  return { ...made, files: filesIn(made.folder) }
}

/**
 * Lays out the packages in a folder.
 * @param own Files of the project that belong into the package which users name.
 */
export function stage(
  project: Project,
  { builds, described }: { builds: readonly ExaminedBuild[]; described: readonly Described[] },
  parent: string,
  own: readonly string[],
): StagedPackage[] {
  const plugins = described
    .filter(({ build }) => platformName(build) === platformName(builds[0] ?? build))
    .flatMap((one) => one.plugins)
  return [
    stageMeta(project, builds, plugins, parent, own),
    ...builds.map((build) => stagePlatform(project, build, parent)),
  ]
}
