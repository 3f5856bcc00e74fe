// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Project } from './project.ts'

/** A system and a processor, by Node's names. */
export interface Platform {
  platform: 'linux' | 'darwin' | 'win32'
  arch: 'x64' | 'arm64'
}

/** A library, once for each instruction-set level that it was built for. */
export interface PackedLibrary {
  /** Its name without extension: `tremolo`. */
  name: string
  /** What every processor can run; the engine and the descriptor file go by it. */
  path: string
  /** Those beside it, which some processors are given instead. */
  levels: string[]
}

/** What was built for one platform. */
export interface PlatformBuild extends Platform {
  /** The folder of its own, `lib/linux-x64`, relative to the project. All of it is packed. */
  folder: string
  libraries: PackedLibrary[]
}

/** What engines are there for. */
const platforms: Platform[] = (['linux', 'darwin', 'win32'] as const).flatMap((platform) =>
  (['x64', 'arm64'] as const).map((arch) => ({ platform, arch })),
)

/** Folders that arranger_add_plugin makes beside a library. */
export const levelNames = ['x86-64-v3', 'x86-64-v4']

const extensions = { linux: '.so', darwin: '.dylib', win32: '.dll' }

export const platformName = ({ platform, arch }: Platform) => `${platform}-${arch}`

/** The name of a platform's package. */
export const packageName = ({ name }: Project, platform: Platform) => `${name}-${platformName(platform)}`

export const isThisPlatform = ({ platform, arch }: Platform) => platform === process.platform && arch === process.arch

/** `lib/{platform}-{arch}/tremolo` as a platform has it, without extension. */
export function placeFor(pattern: string, { platform, arch }: Platform): string {
  return pattern.replaceAll('{platform}', platform).replaceAll('{arch}', arch)
}

/** What of a pattern is the folder of one platform: `lib/{platform}-{arch}`. */
export function folderPattern(pattern: string): string {
  const parts = pattern.split('/')
  return parts.slice(0, parts.findLastIndex((part) => part.includes('{arch}')) + 1).join('/')
}

/** The folders that the project has, or may have, for platforms. */
export function platformFolders([pattern = '']: readonly string[]): string[] {
  return platforms.map((platform) => placeFor(folderPattern(pattern), platform))
}

function libraryAt(project: Project, pattern: string, platform: Platform): PackedLibrary {
  const place = placeFor(pattern, platform)
  const name = place.slice(place.lastIndexOf('/') + 1)
  const file = name + extensions[platform.platform]
  const folder = join(project.folder, place, '..')
  const levels = levelNames.map((level) => join(folder, level, file)).filter((path) => existsSync(path))
  return { name, path: join(folder, file), levels }
}

/** The platforms for which the project has any of its libraries. */
export function buildsOf(project: Project): PlatformBuild[] {
  return platforms
    .map((platform) => ({
      ...platform,
      folder: placeFor(folderPattern(project.patterns[0] ?? ''), platform),
      libraries: project.patterns.map((pattern) => libraryAt(project, pattern, platform)),
    }))
    .filter(({ libraries }) => libraries.some(({ path }) => existsSync(path)))
}
