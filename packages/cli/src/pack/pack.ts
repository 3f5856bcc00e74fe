// SPDX-License-Identifier: MIT
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { build } from './build.ts'
import type { Ceilings } from './check-library.ts'
import { type Check, failed, passed } from './checks.ts'
import { examine } from './examine.ts'
import { npmPack, type Packed } from './npm.ts'
import { platformFolders } from './platforms.ts'
import { type Project, readProject } from './project.ts'
import { type StagedPackage, stage } from './stage.ts'

export interface PackOptions extends Ceilings {
  /** Where the tarballs go; `build/packages` of the project when left out. */
  out?: string | undefined
  /** Whether CMake runs first; where left out, when there is a CMakeLists.txt. */
  build?: boolean | undefined
}

/** A tarball that was made. */
export interface PackedPackage {
  name: string
  version: string
  /** Node's names; null for the package that users name. */
  platform: string | null
  path: string
  /** Bytes, packed and unpacked. */
  size: number
  unpacked_size: number
  files: string[]
}

export interface PackResult {
  status: 'ok' | 'error'
  name: string
  version: string
  checks: Check[]
  /** None when a check failed. */
  packages: PackedPackage[]
}

/** Files of the project that go into the package which users name: those of its `files`, or the texts alone. */
async function ownFiles({ folder, manifest, readme, licenseFile, patterns }: Project): Promise<string[]> {
  if (!Array.isArray(manifest.files)) return [readme, licenseFile].filter((file) => file !== undefined)
  const [packed] = await npmPack(folder, ['.'], { dryRun: true })
  const ofPlatforms = platformFolders(patterns)
  return (packed?.files ?? [])
    .map(({ path }) => path)
    .filter((path) => path !== 'package.json' && !ofPlatforms.some((one) => path.startsWith(`${one}/`)))
}

/** Whether npm has taken all that belongs into the package: an ignore file may keep something out. */
function checkContent({ name, files }: StagedPackage, packed: Packed): Check {
  const taken = new Set(packed.files.map(({ path }) => path))
  const missing = files.filter((file) => !taken.has(file) && !basename(file).startsWith('.'))
  if (missing.length === 0) return passed('content', name, packed.files.map(({ path }) => path).join(', '))
  const remedy = 'look for a .gitignore or .npmignore in the folder of the library'
  return failed('content', name, 'content_missing', `npm leaves out ${missing.join(', ')}`, remedy)
}

/** Lays out the packages beside their place, lets npm pack them, and moves the tarballs there when all is well. */
async function packAll(project: Project, examined: Parameters<typeof stage>[1], out: string) {
  const own = await ownFiles(project)
  mkdirSync(out, { recursive: true })
  const work = mkdtempSync(join(out, '.arranger-'))
  try {
    const staged = stage(project, examined, work, own)
    const packed = await npmPack(
      work,
      staged.map(({ folder }) => `./${basename(folder)}`),
    )
    const pairs = staged.map((one) => {
      const of = packed.find(({ name }) => name === one.name)
      if (!of) throw new Error(`npm pack told nothing of ${one.name}`)
      return { staged: one, packed: of }
    })
    const checks = pairs.map((pair) => checkContent(pair.staged, pair.packed))
    if (checks.some(({ verdict }) => verdict === 'failed')) return { checks, packages: [] }
    const packages = pairs.map(
      ({ staged: { name, version, platform }, packed: { filename, files, unpackedSize } }): PackedPackage => {
        const path = join(out, filename)
        renameSync(join(work, filename), path)
        const paths = files.map((file) => file.path)
        return { name, version, platform, path, size: statSync(path).size, unpacked_size: unpackedSize, files: paths }
      },
    )
    return { checks, packages }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * Makes the npm packages of a plugin: one that users name, and one for each platform that was built. When a check fails
 * there are none. @throws CliError `not_found`, `invalid_package`, `build_failed`
 */
export async function pack(directory: string, options: PackOptions): Promise<PackResult> {
  const project = readProject(directory)
  const { name, version, folder } = project
  if (options.build ?? existsSync(join(folder, 'CMakeLists.txt'))) await build(project)
  const examined = await examine(project, options)
  const isWell = examined.checks.every(({ verdict }) => verdict !== 'failed')
  const out = options.out === undefined ? join(folder, 'build', 'packages') : resolve(options.out)
  const made = isWell ? await packAll(project, examined, out) : { checks: [], packages: [] }
  const checks = [...examined.checks, ...made.checks]
  return { status: made.packages.length > 0 ? 'ok' : 'error', name, version, checks, packages: made.packages }
}
