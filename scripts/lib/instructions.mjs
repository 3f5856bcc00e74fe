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

/** @param {string} file requests @param {string} out @returns {Promise<number>} */
async function count(file, out) {
  const valgrind = [
    'valgrind',
    '--tool=callgrind',
    '--instr-atstart=no',
    `--callgrind-out-file=${out}`,
    '--compress-strings=no',
  ]
  const environment = ['env', '-i', 'ARRANGER_ISA=x86-64-v3', 'PATH=/usr/bin:/bin', 'HOME=/nonexistent']
  await run('setarch', ['-R', ...environment, ...valgrind, program, file], { cwd: '/', timeoutSeconds: 300 })
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
  for (const [index, [name, { before, counted }]] of Object.entries(programs()).entries()) {
    const file = join(folder, `${index}.requests`)
    const json = (/** @type {Request[]} */ requests) => requests.map((request) => JSON.stringify(request))
    const lines = [...json([{ cmd: 'list_registered_plugins' }, ...before]), '#count', ...json(counted), '#end', '']
    writeFileSync(file, lines.join('\n'))
    counts[name] = await count(file, join(folder, `${index}.callgrind`))
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

/** @returns {Promise<string | null>} why nothing can be counted here */
async function whatIsMissing() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'instructions are counted on x86-64 Linux'
  if (!/\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))) return 'this processor has no AVX2'
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
      const missing = await whatIsMissing()
      if (missing) return skipped(missing)
      const expected = /** @type {Counts} */ (JSON.parse(readFileSync(committed, 'utf8')))
      const reason = skipReason(expected, await tools())
      const { faults, lines } = compareCounts(expected, await measure())
      if (reason) {
        process.stdout.write(`${lines.join('\n')}\n`)
        return skipped(reason)
      }
      return { passed: lines.length - faults.length, failed: faults.length, output: lines.join('\n') }
    },
  }
}

/** On CI nothing is skipped. @param {string} reason @returns {Result} */
function skipped(reason) {
  if (process.env.CI) return { passed: 0, failed: 1, output: reason }
  process.stdout.write(`SKIPPED: ${reason}\n`)
  return { passed: 0, failed: 0, skipped: 1, output: '' }
}

async function main() {
  await installIfPossible(instructionPackages, () => {})
  const missing = await whatIsMissing()
  if (missing) throw new Error(missing)
  const now = await measure()
  const before = existsSync(committed) ? /** @type {Counts} */ (JSON.parse(readFileSync(committed, 'utf8'))) : null
  const { faults, lines } = compareCounts(before ?? now, now)
  process.stdout.write(`${lines.join('\n')}\n`)
  if (process.argv.includes('--update')) writeFileSync(committed, `${JSON.stringify(now, null, 2)}\n`)
  else if (faults.length > 0) process.exitCode = 1
}

if (isMain(import.meta.url)) main().catch(fail)
