// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs'
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
  if (debug.length === 0) return passed('system', of, needed.join(', ') || 'it needs no other library')
  const found = `it needs ${debug.join(', ')}, which only those have who develop`
  return failed('system', of, 'wrong_runtime', found, 'build it for Release')
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
  return { file, checks: [first, checkExports(file, of), checkGlibc(file, of, ceilings), ...(system ? [system] : [])] }
}
