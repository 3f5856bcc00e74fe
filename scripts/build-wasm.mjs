// @ts-check
// Builds the engine as a WebAssembly module: `pnpm run build:wasm`. Without the toolchain it says which packages bring it and
// ends well, since everything else works without the module; with --required that is a failure.
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fail, isMain, root, run, tryRun } from './lib/run.mjs'
import { wasmPackages } from './lib/system.mjs'

const tree = join(root, 'build/wasm')
const source = join(root, 'packages/engine/wasm')
const target = join(source, 'dist/arranger.wasm')
const compiler = 'clang++-22'

/** @returns {Promise<boolean>} whether this machine can build it */
async function hasToolchain() {
  const { code } = await tryRun(compiler, ['--target=wasm32-wasi', '-print-file-name=libc++.a'])
  return code === 0 && existsSync('/usr/include/wasm32-wasi/c++/v1/expected')
}

/**
 * Builds it where that is possible.
 * @param {(line: string) => void} show
 * @returns {Promise<string>} what was done
 */
export async function buildWasm(show) {
  if (!(await hasToolchain())) return `left out; it needs ${wasmPackages.join(' ')}`
  const began = performance.now()
  const launcher = (await tryRun('ccache', ['--version'])).code === 0 ? ['-DCMAKE_CXX_COMPILER_LAUNCHER=ccache'] : []
  // ccache knows a precompiled header by its content when it may pass over time stamps.
  const env = { CCACHE_SLOPPINESS: 'pch_defines,time_macros' }
  const toolchain = `-DCMAKE_TOOLCHAIN_FILE=${join(source, 'toolchain.cmake')}`
  const configure = ['-S', source, '-B', tree, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release', toolchain, ...launcher]
  await run('cmake', configure, { env, onLine: show })
  await run('cmake', ['--build', tree], { env, onLine: show })
  const built = join(tree, 'arranger.wasm')
  const bytes = readFileSync(built)
  mkdirSync(join(source, 'dist'), { recursive: true })
  if (!existsSync(target) || !readFileSync(target).equals(bytes)) copyFileSync(built, target)
  const kilobytes = (/** @type {number} */ size) => `${Math.round(size / 1000)} kB`
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  return `${kilobytes(statSync(target).size)}, ${kilobytes(gzipSync(bytes).length)} packed, in ${seconds} s`
}

async function main() {
  const result = await buildWasm((line) => process.stdout.write(`${line}\n`))
  process.stdout.write(`arranger.wasm: ${result}\n`)
  const isRequired = process.argv.includes('--required')
  if (isRequired && result.startsWith('left out')) throw new Error('The WebAssembly module could not be built.')
}

if (isMain(import.meta.url)) main().catch(fail)
