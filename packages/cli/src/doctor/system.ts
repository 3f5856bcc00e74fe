import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram, installLine as toolsLine } from '@arranger/create-plugin'
import type { Check } from './checks.ts'

/** The line that installs a package, by its name in each package manager. */
function installLine({ apt, brew, vcpkg }: { apt: string; brew: string; vcpkg: string }): string {
  if (process.platform === 'darwin') return `brew install ${brew}`
  if (process.platform === 'win32') return `vcpkg install ${vcpkg}`
  return `sudo apt-get install -y ${apt}`
}

/** What a program prints, or nothing if it cannot be run. */
function ask(program: string, argument: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, argument, { timeout: 10_000 }, (error, stdout, stderr) => {
      resolve(error ? undefined : `${stdout}${stderr}`.trim())
    })
  })
}

const tools = {
  compiler: {
    programs: [process.env.CXX, 'g++', 'clang++', 'c++'].filter((name): name is string => Boolean(name)),
    use: 'needed to build plugins and the engine from source',
  },
  cmake: {
    programs: ['cmake'],
    use: 'needed to build plugins and the engine from source',
  },
  ninja: {
    programs: ['ninja'],
    use: 'needed to build plugins and the engine from source',
  },
} as const

const named = { compiler: 'C++ compiler', cmake: 'cmake', ninja: 'ninja' } as const

export async function checkTool(tool: keyof typeof tools): Promise<Check> {
  const { programs, use } = tools[tool]
  for (const program of programs) {
    const said = await ask(program, ['--version'])
    if (said === undefined) continue
    const version = said.match(/\d+\.\d+(\.\d+)?/)?.[0] ?? 'unknown version'
    return { name: named[tool], state: 'ok', found: `${version}  ${findProgram(program) ?? program}` }
  }
  const fix =
    tool === 'ninja' ? installLine({ apt: 'ninja-build', brew: 'ninja', vcpkg: 'vcpkg-tool-ninja' }) : toolsLine()
  return { name: named[tool], state: 'warning', found: `not found; ${use}`, fix }
}

const libraries = {
  libsndfile: {
    module: 'sndfile',
    file: 'libsndfile',
    packages: { apt: 'libsndfile1-dev', brew: 'libsndfile', vcpkg: 'libsndfile' },
    use: 'reads and writes audio files',
  },
  libfluidsynth: {
    module: 'fluidsynth',
    file: 'libfluidsynth',
    packages: { apt: 'libfluidsynth-dev', brew: 'fluid-synth', vcpkg: 'fluidsynth' },
    use: 'plays SoundFonts',
  },
  libebur128: {
    module: 'libebur128',
    file: 'libebur128',
    packages: { apt: 'libebur128-dev', brew: 'libebur128', vcpkg: 'libebur128' },
    use: 'measures loudness',
  },
} as const

/** Folders of shared libraries on this system. */
function libraryFolders(): string[] {
  const multiarch = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((name) => name.includes('-linux-')) : []
  return [
    ...multiarch.map((name) => join('/usr/lib', name)),
    ...['/usr/lib64', '/usr/lib', '/usr/local/lib', '/opt/homebrew/lib'],
    ...(process.env.VCPKG_ROOT ? [join(process.env.VCPKG_ROOT, 'installed', 'x64-windows', 'bin')] : []),
  ].filter((folder) => existsSync(folder))
}

/** A shared library by the start of its file name. */
function findLibrary(file: string): string | undefined {
  const stems = [file, file.slice('lib'.length)]
  for (const folder of libraryFolders()) {
    const found = readdirSync(folder).find(
      (name) =>
        stems.some((stem) => name.startsWith(`${stem}.`) || name.startsWith(`${stem}-`)) &&
        /\.(so|dylib|dll)/.test(name),
    )
    if (found) return join(folder, found)
  }
  return undefined
}

export async function checkLibrary(library: keyof typeof libraries): Promise<Check> {
  const { module, file, packages, use } = libraries[library]
  const path = findLibrary(file)
  const version = await ask('pkg-config', ['--modversion', module])
  if (version !== undefined) return { name: library, state: 'ok', found: path ? `${version}  ${path}` : version }
  const fix = installLine(packages)
  if (path) return { name: library, state: 'warning', found: `${path}, without the files to build against it`, fix }
  return { name: library, state: 'warning', found: `not found; it ${use}`, fix }
}

const soundfontFolders = [
  '/usr/share/sounds/sf2',
  '/usr/share/sounds/sf3',
  '/usr/share/soundfonts',
  '/usr/local/share/soundfonts',
  '/opt/homebrew/share/fluid-synth/sf2',
  join(process.env.HOME ?? process.env.USERPROFILE ?? '.', '.local/share/soundfonts'),
]

export function checkSoundfont(): Check {
  const found = soundfontFolders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => /\.sf[23]$/i.test(file))
  const [first, ...others] = found
  if (first) {
    return { name: 'SoundFont', state: 'ok', found: first, ...(others.length > 0 ? { details: others } : {}) }
  }
  return {
    name: 'SoundFont',
    state: 'warning',
    found: 'none found; without one, builtin.synth plays',
    details: soundfontFolders.map((folder) => `looked in ${folder}`),
    fix:
      process.platform === 'linux'
        ? 'sudo apt-get install -y timgm6mb-soundfont'
        : 'download a General MIDI SoundFont (.sf2)',
  }
}
