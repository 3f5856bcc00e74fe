// @ts-check
// Brings a fresh clone to the point where everything runs: system packages, pnpm, dependencies, native and TypeScript
// build. `npm run demo` and `npm test` begin with it; when nothing changed it takes a fraction of a second.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { buildWasm } from './build-wasm.mjs'
import { withPnpm } from './lib/pnpm.mjs'
import { fail, isMain, root, step } from './lib/run.mjs'
import { ensureSystemPackages } from './lib/system.mjs'

const stamp = join(root, 'build/setup.json')

/** Folders that hold no input of a build. */
const ignored = new Set(['node_modules', 'dist', 'build', 'out', '.turbo', '.git'])

/** @param {string} path @returns {Generator<string>} every file below a file or folder, in a fixed order */
function* files(path) {
  if (!existsSync(path)) return
  if (!statSync(path).isDirectory()) return yield path
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
    if (entry.isFile()) yield join(path, entry.name)
    else if (entry.isDirectory() && !ignored.has(entry.name)) yield* files(join(path, entry.name))
}

const inputPaths = [
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'turbo.json',
  'tsconfig.base.json',
  'CMakeLists.txt',
  'packages',
  'examples/node',
]

/** What the build is made from: the content of our files, and the state of everything else that matters. */
function inputsKey() {
  const hash = createHash('sha256')
  const { CC, CXX, CFLAGS, CXXFLAGS, LDFLAGS } = process.env
  hash.update(JSON.stringify([process.version, process.platform, process.arch, { CC, CXX, CFLAGS, CXXFLAGS, LDFLAGS }]))
  // It changes with every system package that is installed, upgraded or removed; Ninja then finds what to rebuild.
  const packages = '/var/lib/dpkg/status'
  if (existsSync(packages)) hash.update(String(statSync(packages).mtimeMs))
  for (const path of inputPaths)
    for (const file of files(join(root, path))) hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

/** What the build made, by size and time: anything removed, replaced or built by another hand shows here. */
function outputsKey() {
  const hash = createHash('sha256')
  const packages = ['plugin-sdk', 'engine', 'plugins-builtin', 'create-plugin', 'cli'].map(
    (name) => `packages/${name}/dist`,
  )
  const module = 'packages/engine/wasm/dist'
  const optional = existsSync(join(root, module)) ? [module] : []
  for (const path of [
    ...optional,
    'build/release/bin',
    'node_modules/.modules.yaml',
    ...packages,
    'examples/node/dist',
  ]) {
    let count = 0
    for (const file of files(join(root, path))) {
      const { size, mtimeMs } = statSync(file)
      hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`)
      count++
    }
    if (count === 0) return 'incomplete'
  }
  return hash.digest('hex')
}

/** @returns {{ inputs?: string, outputs?: string }} */
const readStamp = () => (existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : {})

async function install(/** @type {(line: string) => void} */ show) {
  await withPnpm('pnpm install --frozen-lockfile', show)
  return 'installed'
}

async function build(/** @type {(line: string) => void} */ show) {
  await withPnpm('pnpm exec turbo run build build:native --output-logs=new-only', show)
  return 'built'
}

/** All set-up. Throws with the line to run when something must be done by hand. */
export async function setup() {
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (major < 20) throw new Error(`Node.js 20 or newer is needed; this is ${process.version}.`)
  await step('system packages', ensureSystemPackages)
  const inputs = inputsKey()
  const last = readStamp()
  if (last.inputs === inputs && last.outputs === outputsKey())
    return step('build', async () => 'nothing changed since the last one')
  await step('dependencies', install)
  await step('build', build)
  await step('WebAssembly', buildWasm)
  const outputs = outputsKey()
  mkdirSync(join(root, 'build'), { recursive: true })
  if (outputs !== 'incomplete') writeFileSync(stamp, JSON.stringify({ inputs, outputs }))
}

if (isMain(import.meta.url)) setup().catch(fail)
