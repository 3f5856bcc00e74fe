// @ts-check
// The system packages that a build needs: what is missing, and the one line that brings it.
import { existsSync } from 'node:fs'
import { run, tryRun } from './run.mjs'

/** Debian and Ubuntu. Only what the compiler, the code, the tests or the demo uses. */
export const debianPackages = [
  'ccache',
  'ninja-build',
  'python3',
  'pkg-config',
  'libsndfile1-dev',
  'libfluidsynth-dev',
  'libebur128-dev',
  'portaudio19-dev',
  'libjack-jackd2-dev',
  'librtmidi-dev',
  'jackd2',
  'doctest-dev',
  'fluidsynth',
  'timgm6mb-soundfont',
  'openttd-openmsx',
]

/** What builds the WebAssembly module, and the browser that plays it in a test: everything else works without. */
export const wasmPackages = [
  'clang-22',
  'lld-22',
  'libc++-22-dev-wasm32',
  'libc++abi-22-dev-wasm32',
  'libclang-rt-22-dev-wasm32',
  'wasi-libc',
]
export const browserPackages = ['chromium']

/** What reads the headers for the documentation. */
export const docsPackages = ['doxygen']

const brewPackages = [
  'ccache',
  'ninja',
  'pkg-config',
  'libsndfile',
  'fluid-synth',
  'libebur128',
  'portaudio',
  'rtmidi',
  'jack',
  'doctest',
]
const vcpkgPackages = ['pkgconf', 'libsndfile', 'fluidsynth', 'libebur128', 'portaudio', 'rtmidi', 'doctest']

/** @param {string[]} names @returns {Promise<string[]>} those that dpkg does not know as installed */
async function missingDebianPackages(names) {
  const { stdout } = await tryRun('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n', ...names])
  const installed = new Set(stdout.split('\n').flatMap((line) => line.match(/^installed (.+)$/)?.[1] ?? []))
  return names.filter((name) => !installed.has(name))
}

/** @returns {Promise<string[] | null>} what goes before apt-get, or null where we may not install */
async function privilege() {
  if (process.getuid?.() === 0) return []
  return (await tryRun('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n'] : null
}

/** @param {string[]} names @param {string[]} prefix @param {(line: string) => void} show */
async function installDebianPackages(names, prefix, show) {
  const apt = (/** @type {string[]} */ ...args) => {
    const [command = 'env', ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qy', ...args]
    return { command, rest }
  }
  const install = apt('install', '--no-install-recommends', ...names)
  if ((await tryRun(install.command, install.rest, { onLine: show })).code === 0) return
  // Most often the package lists are empty or old.
  const update = apt('update')
  await run(update.command, update.rest, { onLine: show })
  await run(install.command, install.rest, { onLine: show })
}

/**
 * Makes packages present that only some tests want, where that needs no password; whoever wants them looks what came of it.
 * @param {string[]} names @param {(line: string) => void} show
 */
export async function installIfPossible(names, show) {
  if (!existsSync('/var/lib/dpkg/status')) return
  const missing = await missingDebianPackages(names)
  const prefix = missing.length > 0 ? await privilege() : null
  if (prefix) await installDebianPackages(missing, prefix, show).catch(() => {})
}

/** Whether the system's package lists have them all: on CI, what can be installed must be there. @param {string[]} names */
export async function areOffered(names) {
  return existsSync('/var/lib/dpkg/status') && (await tryRun('apt-cache', ['show', ...names])).code === 0
}

/** Commands without which nothing can be built and which are named before anything else is tried. */
async function requireCommands() {
  const wanted = {
    cmake: ['cmake'],
    'a C++ compiler': process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++', 'cl'],
  }
  for (const [what, names] of Object.entries(wanted)) {
    const found = await Promise.all(
      names.map(async (name) => typeof (await tryRun(name, ['--version'])).code === 'number'),
    )
    if (!found.includes(true)) throw new Error(`${what} was not found (looked for ${names.join(', ')}).\n${hint()}`)
  }
}

function hint() {
  if (process.platform === 'darwin') return 'Run: xcode-select --install; brew install cmake'
  if (process.platform === 'win32')
    return 'Install Visual Studio with "Desktop development with C++" and open its command prompt.'
  return 'On Debian or Ubuntu run: sudo apt-get install -y g++ cmake'
}

/** The line for systems where we install nothing ourselves. */
export function installLine(platform = process.platform) {
  if (platform === 'darwin') return `brew install ${brewPackages.join(' ')}`
  if (platform === 'win32') return `vcpkg install ${vcpkgPackages.join(' ')}`
  return `sudo apt-get install -y --no-install-recommends ${debianPackages.join(' ')}`
}

/**
 * Makes the system packages present, installing them where that needs no password.
 * @param {(line: string) => void} show
 * @returns {Promise<string>} what was done
 */
export async function ensureSystemPackages(show) {
  if (existsSync('/var/lib/dpkg/status')) {
    const missing = await missingDebianPackages(debianPackages)
    if (missing.length === 0) return 'all there'
    const prefix = await privilege()
    if (!prefix)
      throw new Error(
        `These system packages are missing and installing them needs your password. Run this line, then try again:\n\n` +
          `  sudo apt-get install -y --no-install-recommends ${missing.join(' ')}\n`,
      )
    await installDebianPackages(missing, prefix, show)
    return `installed ${missing.length}`
  }
  await requireCommands()
  for (const program of ['pkg-config', 'pkgconf'])
    if ((await tryRun(program, ['--exists', 'sndfile', 'fluidsynth', 'libebur128'])).code === 0) return 'all there'
  throw new Error(
    `System libraries are missing. Run this line, then try again:\n\n  ${installLine()}\n\n` +
      `(Debian: ${debianPackages.join(' ')}\n Homebrew: ${brewPackages.join(' ')}\n vcpkg: ${vcpkgPackages.join(' ')})`,
  )
}
