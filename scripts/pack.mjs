// @ts-check
// Packs what is published: `node scripts/pack.mjs [FOLDER] [--as-built]`, FOLDER being build/packages. One tarball for each of our packages,
// and one with the binaries of this platform, which the machines of the other platforms make with --platform-only.
// --as-built packs what is there; else the WebAssembly module is brought up to date first, and must be.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { layOutPlatformPackage } from './lib/platform-package.mjs'
import { withPnpm } from './lib/pnpm.mjs'
import { fail, isMain, root, step } from './lib/run.mjs'

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`

/** A word of a command line. @param {string} path */
const quoted = (path) => (process.platform === 'win32' ? `\\"${path}\\"` : `'${path}'`)

/**
 * Packs everything, and empties the folder first.
 * @param {string} folder
 * @param {{ asBuilt?: boolean, platformOnly?: boolean }} [options]
 * @returns {Promise<string[]>} the tarballs
 */
export async function pack(folder, { asBuilt = false, platformOnly = false } = {}) {
  const platform = join(root, 'build/platform-package')
  await layOutPlatformPackage(platform)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))
  const unbuilt = packages.find((path) => !existsSync(join(path, 'dist')))
  if (unbuilt) throw new Error(`${unbuilt} has not been built; run: npm run setup`)
  const to = `--pack-destination ${quoted(folder)}${asBuilt ? ' --config.ignore-scripts=true' : ''}`
  const lines = [platform, ...(platformOnly ? [] : packages)].map((path) => `pnpm --dir ${quoted(path)} pack ${to}`)
  await withPnpm(lines.join(' && '))
  return readdirSync(folder).map((name) => join(folder, name))
}

async function main() {
  const [folder = join(root, 'build/packages')] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
  const asBuilt = process.argv.includes('--as-built')
  const platformOnly = process.argv.includes('--platform-only')
  await step('packages', async () => {
    const tarballs = await pack(resolve(folder), { asBuilt, platformOnly })
    return tarballs.map((file) => `\n  ${megabytes(statSync(file).size).padStart(8)}  ${file}`).join('')
  })
}

if (isMain(import.meta.url)) main().catch(fail)
