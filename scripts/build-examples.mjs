// SPDX-License-Identifier: MIT
// @ts-check
/**
 * Builds the example plugins as a stranger would: `node scripts/build-examples.mjs [OUTPUT_FOLDER]`.
 *
 * Packs the SDK, unpacks it as an installed npm package in a temporary folder outside the workspace, copies each project
 * of examples/plugins beside it, builds it with CMake, and puts the libraries into OUTPUT_FOLDER (build/examples), the
 * instruction-set levels in folders of their own. Does nothing when neither the SDK nor an example has changed.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const sdk = join(root, 'packages/plugin-sdk')
const examples = join(root, 'examples/plugins')
const isWindows = process.platform === 'win32'
const stampName = '.inputs'
const suffixes = ['.so', '.dylib', '.dll']

/** Runs a program; what it said is shown when it fails. @param {string} command @param {string[]} args @param {string} [cwd] */
function run(command, args, cwd) {
  // Windows starts npm, a script, only through its shell.
  const shell = isWindows && command === 'npm'
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', shell })
  if (error) throw new Error(`${command} could not be started: ${error.message}`)
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${status}\n${stdout}${stderr}`)
  return stdout
}

/** All files below a folder, sorted. @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .sort()
}

/** Tells whether two builds would differ: sources, SDK, compilers and this script. */
function fingerprint() {
  const hash = createHash('sha256')
  const folders = [join(sdk, 'include'), join(sdk, 'cmake'), join(sdk, 'src'), examples]
  const files = folders.flatMap(filesBelow)
  for (const file of [...files, join(sdk, 'package.json'), fileURLToPath(import.meta.url)])
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  for (const compiler of [process.env.CC ?? 'cc', process.env.CXX ?? 'c++'])
    hash.update(spawnSync(compiler, ['--version'], { encoding: 'utf8' }).stdout ?? 'none')
  return hash.digest('hex')
}

/** Packs the SDK and unpacks it to where npm would install it. @param {string} folder @returns {string} The tarball's name. */
function installSdk(folder) {
  if (!existsSync(join(sdk, 'dist/index.js'))) run('npm', ['run', 'build'], sdk)
  run('npm', ['pack', '--pack-destination', folder], sdk)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (!tarball) throw new Error('npm pack made no tarball')
  const installed = join(folder, 'node_modules/@arranger/plugin-sdk')
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', join(folder, tarball), '-C', installed, '--strip-components=1'])
  return tarball
}

/** Configures and builds one project. @param {string} project @returns {string} The build folder. */
function build(project) {
  const folder = join(project, 'build')
  const generator = spawnSync('ninja', ['--version']).status === 0 ? ['-G', 'Ninja'] : []
  run('cmake', ['-S', project, '-B', folder, ...generator, '-DCMAKE_COMPILE_WARNING_AS_ERROR=ON'])
  run('cmake', ['--build', folder, '--config', 'Release'])
  return folder
}

/** Copies libraries, a level's into its folder; each appears whole or not at all. @param {string} from @param {string} to */
function publish(from, to) {
  const isLibrary = (/** @type {string} */ name) => suffixes.some((suffix) => name.endsWith(suffix))
  const libraries = filesBelow(from)
    .map((file) => relative(from, file))
    .filter((name) => isLibrary(name) && !name.includes('CMakeFiles'))
  if (libraries.length === 0) throw new Error(`${from} has no plugin library`)
  for (const library of libraries) {
    const target = join(to, library)
    mkdirSync(dirname(target), { recursive: true })
    cpSync(join(from, library), `${target}.new`)
    renameSync(`${target}.new`, target)
  }
  return libraries
}

/** Empties a folder that this script made, and no other. @param {string} folder */
function emptyFolder(folder) {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, stampName)))
    throw new Error(`${folder} holds files that do not come from this script; name another folder`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, stampName), 'unfinished')
}

/** @param {string} output */
function buildAll(output) {
  const stamp = join(output, stampName)
  const inputs = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return console.log('examples: nothing has changed')

  const started = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'arranger-examples-'))
  try {
    const tarball = installSdk(folder)
    emptyFolder(output)
    for (const name of readdirSync(examples)) {
      const project = join(folder, name)
      cpSync(join(examples, name), project, { recursive: true })
      console.log(`examples: ${name} → ${publish(build(project), output).join(', ')}`)
    }
    writeFileSync(stamp, inputs)
    console.log(`examples: built with ${tarball} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

try {
  buildAll(resolve(process.argv[2] ?? join(root, 'build/examples')))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
