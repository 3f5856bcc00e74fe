// @ts-check
// Guard against slow code: what callgrind counts for the workloads of bench/, against the numbers in bench/instructions.json.
// Times are noisy, counts are not: one thread, x86-64-v3, no environment, addresses that do not vary.
//   node scripts/lib/instructions.mjs --update    writes the numbers anew
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  automationRequests,
  chainRequests,
  featuresOf,
  largeGraphRequest,
  render,
  songRequests,
  voiceRequests,
} from '../../bench/engines/arranger-requests.mjs'
import { compareCounts, skipReason } from './instruction-counts.mjs'
import { fail, isMain, root, run, tryRun } from './run.mjs'
import { installIfPossible } from './system.mjs'

/** @typedef {import('./suites.mjs').Result} Result */
/** @typedef {import('../../bench/engines/arranger-requests.mjs').Request} Request */
/** @typedef {import('./instruction-counts.mjs').Counts} Counts */

export const instructionPackages = ['valgrind']

const program = join(root, 'build/release/bin/arranger-instructions')
const committed = join(root, 'bench/instructions.json')
const folder = join(root, 'build/instructions')

/** What is counted: all that comes after `before`. @returns {Record<string, { before: Request[], counted: Request[] }>} */
function programs() {
  const plugins = pluginsOfBuild()
  const rendered = (/** @type {Request[]} */ before, /** @type {number} */ seconds) => ({
    before,
    counted: [render('/dev/null', seconds)],
  })
  const [sine, ...changes] = automationRequests({ events: 100_000, seconds: 60 })
  return {
    'W1, 100 nodes, 1 s': rendered(chainRequests({ nodes: 100, seconds: 1 }, plugins), 1),
    'W2, 256 voices, 1 s': rendered(voiceRequests({ voices: 256, seconds: 1 }), 1),
    'W3, 2 s': rendered(songRequests({ seconds: 2 }, plugins), 2),
    'W4, 100000 events, 60 s': { before: sine ? [sine] : [], counted: [...changes, render('/dev/null', 60)] },
    'W5, set_graph of 1 MB': { before: [], counted: [largeGraphRequest(plugins)] },
  }
}

/** What the plugins of the build are said to have. @returns {Set<string>} */
function pluginsOfBuild() {
  const plugins = join(root, 'build/release/bin/plugins')
  const files = readdirSync(plugins).filter((name) => name.endsWith('.plugin.json'))
  return featuresOf(files.flatMap((name) => JSON.parse(readFileSync(join(plugins, name), 'utf8')).plugins))
}

/** Addresses that do not vary; containers may forbid to ask for them, and then they do. @returns {Promise<string[]>} */
async function withFixedAddresses() {
  return (await tryRun('setarch', ['-R', 'true'])).code === 0 ? ['setarch', '-R'] : []
}

/** @param {string[]} prefix @param {string} file requests @param {string} out @returns {Promise<number>} */
async function count(prefix, file, out) {
  const valgrind = [
    'valgrind',
    '--tool=callgrind',
    '--instr-atstart=no',
    `--callgrind-out-file=${out}`,
    '--compress-strings=no',
  ]
  const environment = ['-i', 'ARRANGER_ISA=x86-64-v3', 'PATH=/usr/bin:/bin', 'HOME=/nonexistent']
  const [command, ...args] = [...prefix, 'env', ...environment, ...valgrind, program, file]
  await run(command ?? 'env', args, { cwd: '/', timeoutSeconds: 300 })
  // The sum of all threads; `summary` is of the first alone.
  const total = readFileSync(out, 'utf8').match(/^totals:\s*(\d+)/m)
  if (!total) throw new Error(`callgrind has left no sum in ${out}`)
  return Number(total[1])
}

/** @returns {Promise<Record<string, number>>} instructions by workload */
async function countAll() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  /** @type {Record<string, number>} */
  const counts = {}
  const prefix = await withFixedAddresses()
  for (const [index, [name, { before, counted }]] of Object.entries(programs()).entries()) {
    const file = join(folder, `${index}.requests`)
    const json = (/** @type {Request[]} */ requests) => requests.map((request) => JSON.stringify(request))
    const lines = [...json([{ cmd: 'list_registered_plugins' }, ...before]), '#count', ...json(counted), '#end', '']
    writeFileSync(file, lines.join('\n'))
    counts[name] = await count(prefix, file, join(folder, `${index}.callgrind`))
  }
  return counts
}

/** What the numbers depend on beside our own code. */
async function tools() {
  const first = async (/** @type {string} */ command) =>
    (await tryRun(command, ['--version'])).stdout.split('\n')[0]?.trim() ?? ''
  const cache = readFileSync(join(root, 'build/release/CMakeCache.txt'), 'utf8')
  const compiler = cache.match(/^CMAKE_CXX_COMPILER:[^=]*=(.*)$/m)?.[1] ?? 'c++'
  const compilerLine = (await first(compiler)).replace(/^\S+/, (name) => name.split('/').pop() ?? name)
  return { compiler: compilerLine, valgrind: await first('valgrind'), libc: await first('ldd') }
}

/** @returns {string | null} why nothing can ever be counted on this machine */
function whyNotHere() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'instructions are counted on x86-64 Linux'
  if (!/\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))) return 'this processor has no AVX2'
  return null
}

/** @returns {Promise<string | null>} what has to be installed before anything can be counted */
async function whatIsMissing() {
  if ((await tryRun('valgrind', ['--version'])).code !== 0) return 'valgrind is not there (apt-get install valgrind)'
  if (!existsSync(program)) return 'arranger-instructions was not built: valgrind came after the build'
  return null
}

/** @returns {Promise<Counts>} */
async function measure() {
  return { date: new Date().toISOString().slice(0, 10), ...(await tools()), counts: await countAll() }
}

/** @returns {import('./suites.mjs').Suite} */
export function instructionsSuite() {
  return {
    name: 'instructions',
    beside: true,
    run: async () => {
      const elsewhere = whyNotHere()
      if (elsewhere) return skipped(elsewhere)
      const missing = await whatIsMissing()
      if (missing) return process.env.CI ? { passed: 0, failed: 1, output: missing } : skipped(missing)
      const expected = /** @type {Counts} */ (JSON.parse(readFileSync(committed, 'utf8')))
      const reason = skipReason(expected, await tools())
      if (reason) return reported(expected, reason)
      const { faults, lines } = compareCounts(expected, await measure())
      return { passed: lines.length - faults.length, failed: faults.length, output: lines.join('\n') }
    },
  }
}

/** With other tools even valgrind may give up, which is no fault of our code. @param {Counts} expected @param {string} reason */
async function reported(expected, reason) {
  try {
    process.stdout.write(`${compareCounts(expected, await measure()).lines.join('\n')}\n`)
  } catch (error) {
    process.stdout.write(`Nothing was counted: ${error instanceof Error ? error.message : error}\n`)
  }
  return skipped(reason)
}

/** @param {string} reason @returns {Result} */
function skipped(reason) {
  process.stdout.write(`SKIPPED: ${reason}\n`)
  return { passed: 0, failed: 0, skipped: 1, output: '' }
}

async function main() {
  await installIfPossible(instructionPackages, () => {})
  const missing = whyNotHere() ?? (await whatIsMissing())
  if (missing) throw new Error(missing)
  const now = await measure()
  const before = existsSync(committed) ? /** @type {Counts} */ (JSON.parse(readFileSync(committed, 'utf8'))) : null
  const { faults, lines } = compareCounts(before ?? now, now)
  process.stdout.write(`${lines.join('\n')}\n`)
  const reason = before && skipReason(before, now)
  if (process.argv.includes('--update')) writeFileSync(committed, `${JSON.stringify(now, null, 2)}\n`)
  else if (reason) process.stdout.write(`SKIPPED: ${reason}\n`)
  else if (faults.length > 0) process.exitCode = 1
}

if (isMain(import.meta.url)) main().catch(fail)
