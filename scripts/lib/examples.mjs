// @ts-check
// The examples: plugins that were built outside this repository are validated, loaded at run time and rendered; every TypeScript sample is run.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run, tryRun } from './run.mjs'

const samples = join(root, 'examples/node')

/** @returns {import('./suites.mjs').Suite[]} */
export const exampleSuites = () => [
  { name: 'example plugins', run: testPlugins },
  { name: 'example samples', run: testSamples },
]

/**
 * Runs one action per name; each that throws is a failure.
 * @param {string[]} names @param {(name: string) => Promise<string>} action
 * @param {number} [workers] how many at a time
 */
export async function each(names, action, workers = 1) {
  const result = {
    passed: 0,
    failed: names.length === 0 ? 1 : 0,
    output: names.length === 0 ? 'nothing was found\n' : '',
  }
  const queue = names.values()
  const work = async () => {
    for (const name of queue) {
      try {
        const found = await action(name)
        result.output += `✔ ${name}: ${found}\n`
        result.passed++
      } catch (error) {
        const said = /** @type {{ output?: string }} */ (error).output ?? ''
        result.output += `✖ ${name}: ${error instanceof Error ? error.message : error}\n${said}\n`
        result.failed++
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return result
}

/** @param {string} library */
async function validate(library) {
  const { output } = await tryRun(process.execPath, [join(root, 'packages/cli/dist/main.js'), 'validate', library])
  if (!/\d+ passed/.test(output) || /✖ \w+/.test(output)) throw new Error(output)
}

async function testPlugins() {
  const built = await tryRun(process.execPath, [join(root, 'scripts/build-examples.mjs')])
  if (built.code !== 0) return { passed: 0, failed: 1, output: built.output }
  const libraries = readdirSync(join(root, 'build/examples')).filter((name) => /\.(so|dylib|dll)$/.test(name))
  const load = join(root, 'scripts/lib/load-plugin.mjs')
  return each(libraries, async (name) => {
    const library = join(root, 'build/examples', name)
    await validate(library)
    return (await run(process.execPath, [load, library])).trim()
  })
}

/** The samples write into the working directory, so each gets one of its own; the argument is a library for those that load one. */
async function testSamples() {
  const built = readdirSync(join(root, 'build/examples')).find((name) => /^tremolo\.(so|dylib|dll)$/.test(name))
  const library = join(root, 'build/examples', built ?? 'tremolo')
  const names = existsSync(samples) ? readdirSync(samples).filter((name) => name.endsWith('.ts')) : []
  return each(names, async (name) => {
    const cwd = mkdtempSync(join(tmpdir(), 'arranger-sample-'))
    try {
      const program = join(samples, 'dist', name.replace(/\.ts$/, '.js'))
      const { code, output } = await tryRun(process.execPath, [program, library], { cwd })
      if (code !== 0) throw new Error(`${output}\nexit: ${code}`)
      return output.trim().split('\n').at(-1) ?? ''
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  })
}
