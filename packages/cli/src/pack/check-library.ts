// SPDX-License-Identifier: MIT
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Check, failed, passed, skipped, warning } from './checks.ts'
import { type LibraryFile, readLibraryFile } from './library-file.ts'
import { type Platform, platformName } from './platforms.ts'
import { isNewer } from './versions.ts'

/** The newest versions of system libraries that a library may ask for. */
export interface Ceilings {
  /** Of the C library; undefined means that the usual one only brings a warning. */
  glibc?: string | undefined
  /** Of the C++ library, as the number of its symbols: 3.4.28 is GCC 10's. */
  glibcxx?: string | undefined
}

/** The C library of Ubuntu 20.04, and the C++ library of GCC 12, the oldest compiler that the SDK is meant for. */
export const usualCeilings = { glibc: '2.31', glibcxx: '3.4.30' }

const formats = { linux: 'elf', darwin: 'mach-o', win32: 'pe' } as const
const exported = ['arranger_plugin_stamp', 'register_plugin']

function checkPlatform(file: LibraryFile | undefined, of: string, platform: Platform): Check {
  const wanted = platformName(platform)
  const remedy = `put the build for ${wanted} there`
  if (!file) return failed('platform', of, 'wrong_platform', 'it is no shared library', remedy)
  const isRight = file.format === formats[platform.platform] && file.machines.includes(platform.arch)
  const found = `${file.format}, ${file.machines.join(' and ')}`
  return isRight ? passed('platform', of, found) : failed('platform', of, 'wrong_platform', `it is ${found}`, remedy)
}

function checkExports({ exports }: LibraryFile, of: string): Check {
  const missing = exported.filter((name) => !exports.includes(name))
  const more = exports.filter((name) => !exported.includes(name))
  const faults = [
    ...(missing.length > 0 ? [`it does not export ${missing.join(' and ')}`] : []),
    ...(more.length > 0
      ? [`it exports ${more.slice(0, 3).join(', ')}${more.length > 3 ? ` and ${more.length - 3} more` : ''}`]
      : []),
  ]
  if (faults.length === 0) return passed('symbols', of, exports.join(', '))
  const remedy = 'build it with arranger_add_plugin(), which sets the export list'
  return failed('symbols', of, 'wrong_exports', faults.join('; '), remedy)
}

/** Whether old systems have what the library asks of the C and the C++ library. */
function checkGlibc({ versions, libc, format }: LibraryFile, of: string, ceilings: Ceilings): Check {
  if (format !== 'elf') return skipped('glibc', of, 'of Linux only')
  if (libc === 'musl') return skipped('glibc', of, 'it is linked with musl')
  const asked = [
    { name: 'GLIBC', version: versions.GLIBC, set: ceilings.glibc, usual: usualCeilings.glibc },
    { name: 'GLIBCXX', version: versions.GLIBCXX, set: ceilings.glibcxx, usual: usualCeilings.glibcxx },
  ].flatMap(({ version, ...rest }) => (version === undefined ? [] : [{ ...rest, version }]))
  const found = asked.map(({ name, version }) => `${name} ${version}`).join(', ')
  const over = asked.filter(({ version, set, usual }) => isNewer(version, set ?? usual))
  if (over.length === 0) return passed('glibc', of, found || 'it needs none')
  const limits = over.map(({ name, set, usual }) => `${name} ${set ?? usual}`).join(', ')
  const remedy = 'build it on the oldest system that it is for, such as in a container'
  const judge = over.some(({ set }) => set !== undefined) ? failed : warning
  return judge('glibc', of, 'glibc_too_new', `it needs ${found}; the limit is ${limits}`, remedy)
}

/** What macOS and Windows must have. */
function checkSystem({ format, minimumSystem, needed }: LibraryFile, of: string): Check | undefined {
  if (format === 'mach-o') return passed('system', of, `macOS ${minimumSystem ?? 'of any version'}`)
  if (format !== 'pe') return undefined
  const debug = needed.filter((name) => /^(msvcp|vcruntime|concrt)\d+(_\d)?d\.dll$|^ucrtbased\.dll$/i.test(name))
  if (debug.length === 0) return passed('system', of, 'no debug run time')
  const found = `it needs ${debug.join(', ')}, which only those have who develop`
  return failed('system', of, 'wrong_runtime', found, 'build it for Release')
}

const systemLibraries = {
  elf: /^(lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s|atomic|c\.musl-\w+)|ld-(linux|musl)-[\w-]+)\.so(\.\d+)*$/,
  'mach-o': /^\/(usr\/lib|System)\//,
  // Who links with what Windows has is not told apart from who does not: there are thousands.
  pe: /./,
}

/** Whether the other libraries that it is linked with are of every system, or come with it. */
function checkNeeded({ needed, format }: LibraryFile, of: string, path: string): Check {
  const beside = [dirname(path), dirname(dirname(path))]
  const isPacked = (name: string) => beside.some((folder) => existsSync(join(folder, basename(name))))
  const others = needed.filter((name) => !systemLibraries[format].test(name) && !isPacked(name))
  if (others.length === 0) return passed('linked with', of, needed.join(', ') || 'no other library')
  const found = `it needs ${others.join(', ')}, which does not come with it`
  return warning('linked with', of, 'library_not_packed', found, 'put it beside the library, or link it statically')
}

/** Looks at the file of one library. @param of Its path in the project. */
export function checkLibraryFile(path: string, of: string, platform: Platform, ceilings: Ceilings) {
  let file: LibraryFile | undefined
  try {
    file = readLibraryFile(readFileSync(path))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  const first = checkPlatform(file, of, platform)
  if (!file || first.verdict === 'failed') return { file, checks: [first] }
  const system = checkSystem(file, of)
  return {
    file,
    checks: [
      first,
      checkExports(file, of),
      checkNeeded(file, of, path),
      checkGlibc(file, of, ceilings),
      ...(system ? [system] : []),
    ],
  }
}
