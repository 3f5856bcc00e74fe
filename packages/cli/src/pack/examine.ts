// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { plural } from '../text.ts'
import { findingsOf } from '../validate/findings.ts'
import { checkDescriptors, type Described } from './check-descriptor.ts'
import { type Ceilings, checkLibraryFile } from './check-library.ts'
import { checkPluginLicenses, checkTexts } from './check-license.ts'
import { type Check, failed, passed, skipped } from './checks.ts'
import type { LibraryFile } from './library-file.ts'
import {
  buildsOf,
  isThisPlatform,
  type PackedLibrary,
  type PlatformBuild,
  packageName,
  platformName,
} from './platforms.ts'
import type { Project } from './project.ts'

/** A platform's build and what its libraries are linked with. */
export interface ExaminedBuild extends PlatformBuild {
  libc: LibraryFile['libc']
}

/** What is to be packed, and what was found of it. */
export interface Examined {
  builds: ExaminedBuild[]
  described: Described[]
  checks: Check[]
}

/** A library of a platform and the levels beside it, as files. */
function checkFiles(
  build: PlatformBuild,
  library: PackedLibrary,
  pathIn: (path: string) => string,
  ceilings: Ceilings,
) {
  if (!existsSync(library.path)) {
    const remedy = `build it for ${platformName(build)}, too, or take it out of "arranger"`
    const missing = failed('library', pathIn(library.path), 'library_missing', 'it is not there', remedy)
    return { checks: [missing], files: [] }
  }
  const looks = [library.path, ...library.levels].map((path) => checkLibraryFile(path, pathIn(path), build, ceilings))
  return { checks: looks.flatMap(({ checks }) => checks), files: looks.flatMap(({ file }) => file ?? []) }
}

/** Runs arranger-validate on a library of this platform. */
async function validate(path: string, of: string): Promise<Check> {
  let count = 0
  const faults: string[] = []
  for await (const { verdict, check, plugin, reason } of findingsOf([path])) {
    if (verdict === 'passed') ++count
    if (verdict === 'failed') faults.push(`${plugin ?? 'library'}: ${check}: ${reason}`)
  }
  if (faults.length === 0) return passed('validate', of, `${plural(count, 'check')} passed`)
  const found = faults.length > 1 ? `${faults[0]}, and ${faults.length - 1} more` : (faults[0] ?? '')
  return failed('validate', of, 'validation_failed', found, `see 'arranger validate ${of}'`)
}

/** What takes long comes last, and only when all else is well. */
async function validateAll(builds: readonly PlatformBuild[], pathIn: (path: string) => string, isWell: boolean) {
  const checks: Check[] = []
  for (const build of builds)
    for (const { path } of build.libraries) {
      const of = pathIn(path)
      if (!isThisPlatform(build))
        checks.push(skipped('validate', of, `it cannot run on ${process.platform}-${process.arch}`))
      else if (!isWell) checks.push(skipped('validate', of, 'not before all else is well'))
      else checks.push(await validate(path, of))
    }
  return checks
}

/** Looks at all that would be packed. Writes nothing but descriptor files that are not there. */
export async function examine(project: Project, ceilings: Ceilings): Promise<Examined> {
  const pathIn = (path: string) => relative(project.folder, path).replaceAll('\\', '/')
  const builds = buildsOf(project)
  const checks = checkTexts(project)
  const examined = builds.map((build): ExaminedBuild => {
    const looks = build.libraries.map((library) => checkFiles(build, library, pathIn, ceilings))
    checks.push(...looks.flatMap((look) => look.checks))
    const libc = looks.flatMap(({ files }) => files).find((file) => file.libc !== null)?.libc ?? null
    return { ...build, libc }
  })
  if (builds.length === 0) {
    const [pattern = ''] = project.patterns
    const remedy = 'build them first; a CMakeLists.txt is built by itself'
    checks.push(failed('library', dirname(pattern), 'library_missing', 'no platform has any of the libraries', remedy))
  }
  const { described, checks: descriptorChecks } = await checkDescriptors(builds, pathIn)
  checks.push(...descriptorChecks)
  const first = described.filter(({ build }) => build === builds[0]).flatMap(({ plugins }) => plugins)
  checks.push(...checkPluginLicenses(project, first))
  const isWell = checks.every(({ verdict }) => verdict !== 'failed')
  checks.push(...(await validateAll(builds, pathIn, isWell)))
  return { builds: examined, described, checks }
}

/** The packages of platforms that a project will have. */
export const platformPackages = (project: Project, builds: readonly PlatformBuild[]) =>
  Object.fromEntries(builds.map((build) => [packageName(project, build), project.version]))
