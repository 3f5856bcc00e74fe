// @ts-check
// The package of binaries of the platform this runs on, laid out in a folder as npm shall get it.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleLibraries } from './bundled-libraries.mjs'
import { packageNameOf, platforms } from './platforms.mjs'
import { root, run } from './run.mjs'

const bin = join(root, 'build/release/bin')
const windows = process.platform === 'win32'

/** Beside the addon, where engine, command line and SDK look for them. */
const programs = ['describe', 'isolate', 'probe', 'server', 'validate'].map(
  (name) => `arranger-${name}${windows ? '.exe' : ''}`,
)

const isLibrary = (/** @type {string} */ file) => /\.(so|dylib|dll|node)(\.\d+)*$/.test(file)

/** @param {string} folder @returns {string[]} what is in it, at any depth, relative to it */
const filesIn = (folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' })

/** What the compiler left for debuggers is two thirds of a file. @param {string} file */
async function strip(file) {
  const mac = process.platform === 'darwin'
  if (!windows) await run('strip', [mac ? '-x' : '--strip-unneeded', file])
  // macOS runs no code whose signature is of other bytes.
  if (mac) await run('codesign', ['--force', '--sign', '-', file])
}

/** The package's package.json. @param {string} version @param {string[]} libraries that come with it */
function manifestFor(version, libraries) {
  const platform = platforms.find(({ os, cpu }) => os === process.platform && cpu === process.arch)
  if (!platform)
    throw new Error(`No package is made for ${process.platform}-${process.arch}: see scripts/lib/platforms.mjs`)
  const { os, cpu, libc } = platform
  return {
    name: packageNameOf(platform),
    version,
    description: `Arranger's native engine and built-in plugins for ${os}-${cpu}; installed with @arranger/engine`,
    license: libraries.length > 0 ? 'SEE LICENSE IN licenses' : 'MIT',
    engines: { node: '>=20' },
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    main: 'arranger.node',
    files: ['arranger.node', ...programs, 'plugins', 'libraries', 'licenses'],
    // pnpm packs all else without the right to run it.
    publishConfig: { access: 'public', executableFiles: programs.map((name) => `./${name}`) },
  }
}

/** @param {{ name: string, description: string }} manifest @param {string[]} libraries */
function readmeFor({ name, description }, libraries) {
  const text = `# ${name}\n\n${description}. Nothing to use by itself.\n`
  if (libraries.length === 0) return text
  return `${text}
Arranger is under the MIT licence. \`libraries/\` has shared libraries as Debian builds them, unchanged, which may be replaced by others of
the same interface; \`licenses/\` says under which terms they are, and https://sources.debian.org has their sources:
${libraries.join(', ')}.
`
}

/**
 * Fills a folder from build/release.
 * @param {string} folder is emptied
 */
export async function layOutPlatformPackage(folder) {
  if (!existsSync(join(bin, 'arranger.node'))) throw new Error(`${bin} has no arranger.node; run: npm run setup`)
  const { version } = JSON.parse(readFileSync(join(root, 'packages/engine/package.json'), 'utf8'))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const name of ['arranger.node', ...programs]) copyFileSync(join(bin, name), join(folder, name))
  cpSync(join(bin, 'plugins'), join(folder, 'plugins'), { recursive: true })
  for (const file of [...programs, ...filesIn(folder).filter(isLibrary)]) await strip(join(folder, file))
  // A descriptor file names the content of its library, which is another one now.
  const plugins = readdirSync(join(folder, 'plugins')).filter(isLibrary)
  for (const name of plugins) await run(join(folder, `${programs[0]}`), [join(folder, 'plugins', name)])
  const libraries = await bundleLibraries(folder)
  const manifest = manifestFor(version, libraries)
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  writeFileSync(join(folder, 'README.md'), readmeFor(manifest, libraries))
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
}
