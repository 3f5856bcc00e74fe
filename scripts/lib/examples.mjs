// @ts-check
// The examples as a stranger has them: plugins are built outside this repository from the packed SDK and loaded at run
// time; every TypeScript sample is run.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run, tryRun } from './run.mjs'

const folder = join(root, 'examples/plugins')
const samples = join(root, 'examples/node')
const libraryName = /\.(so|dylib|dll)$/

/** @returns {import('./suites.mjs').Suite[]} */
export const exampleSuites = () => [
  { name: 'example plugins', run: testPlugins },
  { name: 'example samples', run: testSamples },
]

/** Runs one action per name; each that throws is a failure. @param {string[]} names @param {(name: string) => Promise<string>} action */
async function each(names, action) {
  const result = {
    passed: 0,
    failed: names.length === 0 ? 1 : 0,
    output: names.length === 0 ? 'nothing was found\n' : '',
  }
  for (const name of names) {
    try {
      result.output += `✔ ${name}: ${await action(name)}\n`
      result.passed++
    } catch (error) {
      const said = /** @type {{ output?: string }} */ (error).output ?? ''
      result.output += `✖ ${name}: ${error instanceof Error ? error.message : error}\n${said}\n`
      result.failed++
    }
  }
  return result
}

async function testPlugins() {
  const outside = mkdtempSync(join(tmpdir(), 'arranger-examples-'))
  try {
    const names = existsSync(folder)
      ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'CMakeLists.txt')))
      : []
    await unpackSdk(outside)
    return await each(names, (name) => buildAndLoad(name, join(outside, name)))
  } finally {
    rmSync(outside, { recursive: true, force: true })
  }
}

/** Packs the SDK as it would be published and unpacks it where `npm install` would. @param {string} outside */
async function unpackSdk(outside) {
  await run('npm', ['pack', '--silent', '--pack-destination', outside], { cwd: join(root, 'packages/plugin-sdk') })
  const tarball = readdirSync(outside).find((name) => name.endsWith('.tgz'))
  const target = join(outside, 'node_modules/@arranger/plugin-sdk')
  mkdirSync(target, { recursive: true })
  await run('tar', ['-xzf', join(outside, tarball ?? 'no tarball'), '-C', target, '--strip-components=1'])
}

/** @param {string} name @param {string} target @returns {Promise<string>} the ids it registered */
async function buildAndLoad(name, target) {
  cpSync(join(folder, name), target, { recursive: true, filter: (path) => !path.includes('node_modules') })
  const build = join(target, 'build')
  await run('cmake', ['-S', target, '-B', build, '-G', 'Ninja'], { cwd: target })
  await run('cmake', ['--build', build])
  const library = readdirSync(build).find((file) => libraryName.test(file))
  if (!library) throw new Error(`the build left no library in ${build}`)
  return (await run(process.execPath, [join(root, 'scripts/lib/load-plugin.mjs'), join(build, library)])).trim()
}

/** The samples write into the working directory, so each gets one of its own. */
async function testSamples() {
  const names = existsSync(samples) ? readdirSync(samples).filter((name) => name.endsWith('.ts')) : []
  return each(names, async (name) => {
    const cwd = mkdtempSync(join(tmpdir(), 'arranger-sample-'))
    try {
      const { code, output } = await tryRun(process.execPath, [join(samples, 'dist', name.replace(/\.ts$/, '.js'))], {
        cwd,
      })
      if (code !== 0) throw new Error(`${output}\nexit: ${code}`)
      return output.trim().split('\n').at(-1) ?? ''
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  })
}
