// @ts-check
// `npm test`: all set-up, then every suite; those that take minutes and repeat others in another way on CI only. `npm test --
// cli lint` runs only the suites whose names begin so: `npm test -- sanitizers`, `npm test -- engine` on every back end.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { docsSuites } from './lib/docs.mjs'
import { exampleSuites } from './lib/examples.mjs'
import { instructionPackages, instructionsSuite } from './lib/instructions.mjs'
import { fail, root, step } from './lib/run.mjs'
import { buildAhead, sanitizerSuites } from './lib/sanitizers.mjs'
import { scaffoldSuite } from './lib/scaffolds.mjs'
import { nativeSuite, processSuite, runSuites, vitestSuite } from './lib/suites.mjs'
import { areOffered, browserPackages, docsPackages, installIfPossible, wasmPackages } from './lib/system.mjs'
import { withoutNodeSuite } from './lib/without-node.mjs'
import { setup } from './setup.mjs'

const node = process.execPath
const script = (/** @type {string} */ name) => join(root, 'scripts', name)
const bin = (/** @type {string} */ pkg, /** @type {string} */ path) => [node, join(root, 'node_modules', pkg, path)]
const scripts = (/** @type {string} */ prefix) =>
  readdirSync(join(root, 'scripts')).filter((name) => name.startsWith(prefix) && name.endsWith('.mjs'))
const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)

/** Not every package has tests in TypeScript. @param {string} folder */
const hasTests = (folder) =>
  existsSync(join(root, folder, 'test')) &&
  readdirSync(join(root, folder, 'test'), { recursive: true }).some((path) => String(path).endsWith('.test.ts'))

/** What runs on CI, or where it is asked for. */
const onCiOnly = ['sanitizers', 'native without node', 'engine on', 'scaffolds']

/** By name: what `node --test` does with a folder differs from version to version. */
const benchTests = () =>
  readdirSync(join(root, 'bench/test'))
    .filter((name) => name.endsWith('.test.mjs'))
    .map((name) => join(root, 'bench/test', name))

/** The engine's tests with something else behind each engine. @returns {import('./lib/suites.mjs').Suite[]} */
function otherBackends() {
  const built = existsSync(join(root, 'packages/engine/wasm/dist/arranger.wasm'))
  const expected = built || process.env.ARRANGER_EXPECTED?.includes('wasm')
  if (!expected) process.stdout.write('SKIPPED: the WebAssembly module is not built, so nothing is tested on it\n')
  const backends = expected ? ['server', 'wasm'] : ['server']
  return backends.map((backend) => vitestSuite('packages/engine', backend))
}

/** Those that take a fraction of a second come first. @returns {import('./lib/suites.mjs').Suite[]} */
function allSuites() {
  const tsc = bin('typescript', 'bin/tsc')
  return [
    processSuite('lint', [...bin('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings', '--colors=off']),
    ...['scripts', 'bench', 'docs', 'examples/electron', 'examples/electron/tsconfig.page.json', ...packages].map(
      (folder) => processSuite(`types ${folder}`, [...tsc, '-p', folder, '--noEmit']),
    ),
    ...scripts('check-').map((name) => processSuite(name.replace('.mjs', '').replace('-', ' '), [node, script(name)])),
    ...scripts('generate-').map((name) =>
      processSuite(`fresh ${name.replace('generate-', '').replace('.mjs', '')}`, [node, script(name), '--check']),
    ),
    processSuite('bench', [node, '--test', ...benchTests()]),
    instructionsSuite(),
    nativeSuite(),
    ...packages.filter(hasTests).map((folder) => vitestSuite(folder)),
    ...otherBackends(),
    ...exampleSuites(),
    scaffoldSuite(),
    ...docsSuites(),
    ...sanitizerSuites(),
    withoutNodeSuite(),
  ]
}

// Set-up installs Ninja; tests that run CMake must not look for make, which a bare machine lacks.
process.env.CMAKE_GENERATOR ??= 'Ninja'
// What the user of this machine has set is no matter of the tests.
process.env.ARRANGER_SETTINGS = 'none'

/** What must not be missing: on CI whatever the system offers. Elsewhere suites say what they skip. */
async function expectedTools() {
  if (!process.env.CI) return []
  const tools = Object.entries({ wasm: wasmPackages, browser: browserPackages, docs: docsPackages })
  const offered = await Promise.all(tools.map(async ([tool, names]) => ((await areOffered(names)) ? [tool] : [])))
  return offered.flat()
}

async function main() {
  await step('valgrind', async (show) => {
    await installIfPossible(instructionPackages, show)
    return 'installed where that is possible'
  })
  await step('WebAssembly tools', async (show) => {
    await installIfPossible(wasmPackages, show)
    await installIfPossible(browserPackages, show)
    return 'installed where that is possible'
  })
  await step('Doxygen', async (show) => {
    await installIfPossible(docsPackages, show)
    return 'installed where that is possible'
  })
  process.env.ARRANGER_EXPECTED = (await expectedTools()).join(' ')
  await setup()
  const wanted = process.argv.slice(2)
  const isWanted = (/** @type {string} */ name) =>
    wanted.length > 0
      ? wanted.some((word) => name.startsWith(word))
      : process.env.CI || !onCiOnly.some((word) => name.startsWith(word))
  const suites = allSuites().filter(({ name }) => isWanted(name))
  if (suites.length === 0) throw new Error(`No suite's name begins with ${wanted.join(' or ')}.`)
  process.stdout.write('\n')
  if (wanted.length === 0 && process.env.CI) void buildAhead()
  if (!(await runSuites(suites))) process.exitCode = 1
}

main().catch((error) => {
  fail(error)
  // Whoever reads the last line must see that nothing was tested.
  process.stdout.write('0 passed, 1 failed\n')
})
