// @ts-check
// The shared libraries that the binaries link to and that not every system has: a package brings them along, with their licences.
import { copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.mjs'

/** What every Linux has, and what must be the system's: the C and C++ runtimes. */
const ofTheSystem = /^(linux-vdso|ld-linux|libc|libm|libdl|librt|libpthread|libstdc\+\+|libgcc_s)[.-]/

/** What a file links to, as far as it is not the system's: files by the names that they are looked for. @param {string} file */
export async function linkedLibraries(file) {
  /** @type {Map<string, string>} */
  const found = new Map()
  for (const line of (await run('ldd', [file])).split('\n')) {
    const [, name, path] = line.match(/^\s*(\S+) => (.+?)(?: \(0x|$)/) ?? []
    if (name && path && !ofTheSystem.test(name)) found.set(name, path)
  }
  return found
}

/** The file in which Debian tells the terms of a library, and the package that has it. @param {string} library */
async function licenceOf(library) {
  // A system whose /lib is a link to /usr/lib knows some files by either name.
  const place = realpathSync(library).replace(/^\/usr/, '')
  const [name = ''] = (await run('dpkg', ['-S', `*${place}`])).split(':')
  return { name, file: join('/usr/share/doc', name, 'copyright') }
}

/**
 * Copies them into `libraries/` of a package that has its binaries already, and their licences into `licenses/`.
 * @param {string} folder
 * @returns {Promise<string[]>} the names of Debian's packages; none on other systems, where the addon needs what is installed
 */
export async function bundleLibraries(folder) {
  if (process.platform !== 'linux') return []
  if (!existsSync('/var/lib/dpkg/status'))
    throw new Error('The package for Linux is made on Debian, which knows the licences.')
  const plugins = readdirSync(join(folder, 'plugins')).filter((name) => name.endsWith('.so'))
  const files = ['arranger.node', 'arranger-server', ...plugins.map((name) => join('plugins', name))]
  const linked = await Promise.all(files.map((name) => linkedLibraries(join(folder, name))))
  const names = new Set()
  for (const part of ['libraries', 'licenses']) mkdirSync(join(folder, part))
  for (const [name, library] of new Map(linked.flatMap((libraries) => [...libraries]))) {
    const licence = await licenceOf(library)
    copyFileSync(library, join(folder, 'libraries', name))
    copyFileSync(licence.file, join(folder, 'licenses', `${licence.name}.txt`))
    names.add(licence.name)
  }
  return [...names].sort()
}
