// @ts-check
// A suite is a name and a function that runs tests and counts them. What a suite's own report says is believed only
// when its process ended well: a crash, a suite that cannot load or one that runs nothing is at least one failure.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root, tryRun } from './run.mjs'

/**
 * @typedef {{ passed: number, failed: number, skipped?: number, missing?: string, output: string }} Result `missing`: why tests
 *   were skipped.
 * @typedef {{ name: string, run: () => Promise<Result>, beside?: boolean }} Suite A suite that runs `beside` others takes
 *   one processor and measures no time.
 */

const reports = join(root, 'build/reports')

/** @param {string} name @returns {string} the path of a report that does not exist yet */
function freshReport(name) {
  mkdirSync(reports, { recursive: true })
  const path = join(reports, name)
  rmSync(path, { force: true })
  return path
}

/** One process, one test: it passes when the exit code is 0. @param {string} name @param {string[]} command @returns {Suite} */
export function processSuite(name, [command = '', ...args]) {
  return {
    name,
    beside: true,
    run: async () => {
      const { code, output } = await tryRun(command, args)
      return code === 0
        ? { passed: 1, failed: 0, output }
        : { passed: 0, failed: 1, output: `${output}\n${[command, ...args].join(' ')}: ${code}` }
    },
  }
}

/**
 * The doctest programs, through ctest; counts test cases where a program reports them.
 * @param {string} [tree] @param {Record<string, string>} [env] @returns {Suite}
 */
export function nativeSuite(tree = 'build/release', env = {}) {
  const report = freshReport(`ctest-${basename(tree)}.xml`)
  return {
    name: 'native',
    run: async () => {
      const options = ['--output-on-failure', '--no-tests=error', '--timeout', '300']
      const args = ['--test-dir', join(root, tree), '--output-junit', report, ...options]
      const { code, output } = await tryRun('ctest', args, { env })
      const xml = existsSync(report) ? readFileSync(report, 'utf8') : ''
      const result = { passed: 0, failed: 0, output: `${output}\nctest: ${code}` }
      for (const program of xml.split('<testcase ').slice(1)) {
        const cases = program.match(/test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed/)
        const ok = /^[^>]*status="run"/.test(program)
        const failed = Number(cases?.[2] ?? 0)
        result.passed += ok ? Number(cases?.[1] ?? 1) : Number(cases?.[1] ?? 0)
        result.failed += ok ? failed : Math.max(1, failed)
      }
      return believe(result, code)
    },
  }
}

/**
 * The vitest files of a package.
 * @param {string} folder
 * @param {string} [backend] What its engines are to be, where that is not the binding.
 * @returns {Suite}
 */
export function vitestSuite(folder, backend) {
  const name = `${folder.replace(/^packages\//, '')}${backend ? ` on ${backend}` : ''}`
  const report = freshReport(`vitest-${name.replaceAll(' ', '-')}.json`)
  return {
    name,
    run: async () => {
      const vitest = join(root, folder, 'node_modules/vitest/vitest.mjs')
      const { code, output } = await tryRun(
        process.execPath,
        [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
        { cwd: join(root, folder), env: backend ? { ARRANGER_BACKEND: backend } : {} },
      )
      const json = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {}
      const skipped = (json.numPendingTests ?? 0) + (json.numTodoTests ?? 0)
      return believe(
        {
          passed: json.numPassedTests ?? 0,
          failed: json.numFailedTests ?? 0,
          skipped,
          missing: missingFeatures(json),
          output: `${output}\nvitest: ${code}`,
        },
        code,
      )
    },
  }
}

/** How many tests were skipped for want of which feature. @param {any} report @returns {string} */
function missingFeatures({ testResults = [] }) {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const { assertionResults } of testResults)
    for (const { status, meta } of assertionResults)
      if (status === 'skipped' && meta?.missing?.length)
        counts[meta.missing.join(' + ')] = (counts[meta.missing.join(' + ')] ?? 0) + 1
  const byCount = Object.entries(counts).sort(([, a], [, b]) => b - a)
  return byCount.map(([features, count]) => `${count} for want of ${features}`).join(', ')
}

/** @param {Result} result @param {number | string} code @returns {Result} */
function believe(result, code) {
  const nothingRan = result.passed + result.failed === 0
  if ((code !== 0 || nothingRan) && result.failed === 0) return { ...result, failed: 1 }
  return result
}

/** @param {any} error @returns {Result} */
const crashed = (error) => ({ passed: 0, failed: 1, output: String(error?.stack ?? error) })

/**
 * Runs suites and prints the table; the last line is the sum. Those that may run beside others do so first, two at a time.
 * @param {Suite[]} suites
 * @returns {Promise<boolean>} whether everything passed
 */
export async function runSuites(suites) {
  const total = { passed: 0, failed: 0 }
  const width = Math.max(...suites.map((suite) => suite.name.length))
  const work = async (/** @type {Iterable<Suite>} */ queue) => {
    for (const suite of queue) {
      const start = performance.now()
      const result = await suite.run().catch(crashed)
      const seconds = ((performance.now() - start) / 1000).toFixed(1)
      total.passed += result.passed
      total.failed += result.failed
      if (result.failed > 0) process.stdout.write(`\n${result.output.trim()}\n\n`)
      const skipped = result.skipped ? `  ${result.skipped} skipped` : ''
      process.stdout.write(
        `${result.failed > 0 ? '✖' : '✔'} ${suite.name.padEnd(width)}  ${String(result.passed).padStart(5)} passed  ` +
          `${String(result.failed).padStart(3)} failed${skipped}  ${seconds.padStart(6)} s\n`,
      )
      if (result.missing) process.stdout.write(`  skipped: ${result.missing}\n`)
    }
  }
  // Both take from one queue.
  const beside = suites.filter((suite) => suite.beside).values()
  await Promise.all([work(beside), work(beside)])
  await work(suites.filter((suite) => !suite.beside))
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
  return total.failed === 0
}
