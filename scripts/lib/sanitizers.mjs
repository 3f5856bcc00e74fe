// @ts-check
// The storm of commands (packages/engine/test/storm) under each sanitizer, and proof that the real-time one sees what it
// looks for. Each has a tree of its own, in which only what the storm needs is built. They take minutes the first time, so
// they run when they are named, and on CI. There their trees are built while other suites wait for sound.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { root, run, tryRun } from './run.mjs'
import { installIfPossible } from './system.mjs'

/** @typedef {import('./suites.mjs').Result} Result */

const commands = 100_000

const soundFont = '/usr/share/sounds/sf2/TimGM6mb.sf2'

/** RealtimeSanitizer came with clang 20. */
const clangVersions = [22, 21, 20]

/** What a plugin does on the audio thread when the storm plants a fault, and the function that must be named. */
const faults = { 1: 'malloc', 2: 'pthread_mutex_lock', 3: 'nanosleep', 4: 'write' }

/** @param {(line: string) => void} show @returns {Promise<number | null>} the version of a clang that is there by now */
async function findClang(show) {
  const works = async (/** @type {number} */ version) => {
    // Linked, because the run-time library is a package of its own.
    const link = ['-fsanitize=realtime', '-Wl,--defsym=main=0', '-x', 'c++', '/dev/null', '-o', '/dev/null']
    return (await tryRun(`clang++-${version}`, link)).code === 0
  }
  for (const version of clangVersions) if (await works(version)) return version
  for (const version of clangVersions) {
    await installIfPossible([`clang-${version}`, `libclang-rt-${version}-dev`], show)
    if (await works(version)) return version
  }
  return null
}

/** The least urgent, so that it takes only the time that others leave. */
const idly = ['-n', '19']

/** @param {string} preset @param {string[]} options @returns {Promise<string>} the program */
async function build(preset, options) {
  const plain = ['-DARRANGER_BUILD_ADDON=OFF', '-DARRANGER_ISA_LEVELS=']
  await run('cmake', ['--preset', preset, ...plain, ...options])
  const parallel = ['--parallel', String(availableParallelism())]
  const target = ['--build', join(root, 'build', preset), ...parallel, '--target', 'arranger-storm']
  await run('nice', [...idly, 'cmake', ...target])
  return join(root, 'build', preset, 'bin/arranger-storm')
}

/** The programs, which are built once: by `buildAhead`, else when they are needed. @type {Map<string, Promise<string>>} */
const programs = new Map()

/** @param {string} preset @param {string[]} options @returns {Promise<string>} the program */
function programOf(preset, options = []) {
  const program = programs.get(preset) ?? build(preset, options)
  programs.set(preset, program)
  return program
}

/** Builds all trees, one after the other, beside what runs meanwhile. What goes wrong is told by the suite that needs it. */
export async function buildAhead() {
  if (process.platform !== 'linux') return
  for (const build of [realTimeProgram, () => programOf('tsan'), () => programOf('asan')]) await build().catch(() => {})
}

/**
 * Names the functions of a stack, which RealtimeSanitizer alone cannot: a plugin is opened as a copy that is gone by now.
 * @param {string} output @param {string} program
 */
async function withNames(output, program) {
  const lines = output.split('\n').map(async (line) => {
    const [frame, file = '', offset = ''] = line.match(/\((\/\S+)\+(0x[0-9a-f]+)\)/) ?? []
    // A private copy has the number of its process and its own before the library's name.
    const name = basename(file).replace(/^\d+-[0-9a-f]+-/, '')
    const places = ['', 'plugins', 'fixtures'].map((folder) => join(dirname(program), folder, name))
    const place = places.find((path) => frame && existsSync(path))
    if (!place) return line
    return `${line} ${(await tryRun('addr2line', ['-Cfpe', place, offset])).stdout.trim()}`
  })
  return (await Promise.all(lines)).join('\n')
}

/** @param {Result} result @param {boolean} passed @param {string} output */
function count(result, passed, output) {
  result[passed ? 'passed' : 'failed']++
  result.output += `${output}\n`
}

/** @param {string} program @param {Record<string, string>} env @returns {Promise<Result>} */
async function storm(program, env) {
  const sample = ['--sample', join(dirname(program), 'storm.wav')]
  const files = existsSync(soundFont) ? [...sample, '--soundfont', soundFont] : sample
  const args = ['--commands', String(commands), ...files]
  const { code, output } = await tryRun(program, args, { env, timeoutSeconds: 1200 })
  const result = { passed: 0, failed: 0, output: '' }
  count(result, code === 0, `${code === 0 ? output : await withNames(output, program)}\n${program}: ${code}`)
  return result
}

/** @param {string} reason @returns {Result} */
const skipped = (reason) => {
  process.stdout.write(`Skipped: ${reason}.\n`)
  return { passed: 0, failed: 0, skipped: 1, output: '' }
}

/** @returns {Promise<string | null>} null where there is no clang that has it */
async function realTimeProgram() {
  const clang = await findClang(() => {})
  if (clang === null) return null
  return programOf('rtsan', [`-DCMAKE_C_COMPILER=clang-${clang}`, `-DCMAKE_CXX_COMPILER=clang++-${clang}`])
}

async function realTime() {
  const program = await realTimeProgram()
  if (program === null) {
    const lack = `RealtimeSanitizer needs clang ${clangVersions.join(' or ')} and its run-time library, which are not there`
    return process.env.CI ? { passed: 0, failed: 1, output: lack } : skipped(lack)
  }
  const result = await storm(program, {})
  for (const [kind, name] of Object.entries(faults)) {
    const { code, output } = await tryRun(program, ['--fault', kind])
    const seen = code !== 0 && output.includes('RealtimeSanitizer: unsafe-library-call') && output.includes(name)
    count(result, seen, seen ? '' : `A fault that was planted (${name}) was not seen: ${code}\n${output}`)
  }
  return result
}

const suppressions = join(root, 'packages/engine/test/storm/tsan.supp')
const threads = async () =>
  storm(await programOf('tsan'), { TSAN_OPTIONS: `halt_on_error=1:suppressions=${suppressions}` })
const addresses = async () => storm(await programOf('asan'), { ASAN_OPTIONS: 'detect_leaks=1' })

/** @returns {import('./suites.mjs').Suite[]} */
export function sanitizerSuites() {
  const all = { rtsan: realTime, tsan: threads, asan: addresses }
  return Object.entries(all).map(([name, check]) => ({
    name: `sanitizers ${name}`,
    run: async () => (process.platform === 'linux' ? check() : skipped('the sanitizers run on Linux')),
  }))
}
