// @ts-check
// Every kind and language of a new plugin, made, built, validated and tested as by somebody who has nothing but the packed
// packages: outside the workspace, from a registry on this machine.
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pack } from '../pack.mjs'
import { linkedLibraries } from './bundled-libraries.mjs'
import { each } from './examples.mjs'
import { startRegistry } from './loopback-registry.mjs'
import { root, run } from './run.mjs'

const kinds = ['effect', 'instrument', 'midi', 'monitor']
const languages = ['cpp', 'c']
const manifest = (/** @type {string} */ folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** What a project needs, once for all of them: Node.js looks for packages upwards. @param {string} folder @param {Record<string, string>} env */
async function installOnce(folder, env) {
  const { devDependencies } = manifest(join(root, 'packages/create-plugin/templates/base'))
  const { version } = manifest(join(root, 'packages/create-plugin'))
  const own = (/** @type {[string, string]} */ [name, range]) => [name, range.replace('ARRANGER_VERSION', version)]
  const needed = Object.fromEntries(Object.entries(devDependencies).map(own))
  const dependencies = { '@arranger/create-plugin': version, ...needed }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  await npm(folder, env, 'install', '--no-audit', '--no-fund', '--prefer-offline')
}

/** @param {string} cwd @param {Record<string, string>} env @param {string[]} args */
const npm = (cwd, env, ...args) => run('npm', args, { cwd, env })

/** Nothing that a system may lack is looked for elsewhere than in the package. @param {string} folder */
async function testBinaries(folder) {
  if (process.platform !== 'linux') return 'SKIPPED: what they link to comes along on Linux only'
  const home = realpathSync(join(folder, 'node_modules/@arranger', `engine-linux-${process.arch}`))
  const linked = await linkedLibraries(join(home, 'arranger.node'))
  for (const [name, path] of linked)
    if (!path.startsWith(join(home, 'libraries'))) throw new Error(`${name} is taken from ${path}`)
  if (!linked.has('libsndfile.so.1')) throw new Error(`libsndfile.so.1 is not among ${[...linked.keys()].join(', ')}`)
  return `${linked.size} libraries come along`
}

/** @param {string} folder @param {string} name */
async function testScaffold(folder, name) {
  const [kind = '', language = ''] = name.split('-')
  const create = ['exec', '--no', '--', 'create-plugin', name, '--kind', kind, '--lang', language, '--yes']
  await npm(folder, {}, ...create)
  const project = join(folder, name)
  for (const file of ['.gitignore', '.github/workflows/build.yml', 'LICENSE'])
    if (!existsSync(join(project, file))) throw new Error(`${file} did not come with the package`)
  // No warning is let pass, and the one build that is tested is the one that ships.
  const flag = process.platform === 'win32' ? '/WX' : '-Werror'
  const strict = { CFLAGS: flag, CXXFLAGS: flag, NO_COLOR: '1' }
  const tested = await npm(project, strict, 'test')
  const validated = await npm(project, {}, 'run', 'validate')
  const { 1: tests } = tested.match(/Tests .*?(\d+) passed/) ?? []
  const { 1: checks } = validated.match(/(\d+) passed, 0 failed/) ?? []
  if (!tests || !checks) throw new Error(`${tested}\n${validated}`)
  return `${tests} tests of its own, ${checks} checks`
}

/** @returns {import('./suites.mjs').Suite} */
export function scaffoldSuite() {
  return {
    name: 'scaffolds',
    run: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'arranger-scaffolds-'))
      const registry = await startRegistry(await pack(join(folder, 'packages'), { asBuilt: true }))
      try {
        await installOnce(folder, registry.env)
        const names = kinds.flatMap((kind) => languages.map((language) => `${kind}-${language}`))
        const test = (/** @type {string} */ name) =>
          name === 'binaries' ? testBinaries(folder) : testScaffold(folder, name)
        return await each(['binaries', ...names], test, 2)
      } finally {
        registry.close()
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}
