// @ts-check
// A registry on this machine that has nothing but the given tarballs: to install our packages as anybody will, before they
// are published. All else comes from the registry that npm is configured with.
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { run, tryRun } from './run.mjs'

/** A tarball as a version of a package. @param {string} file @param {string} origin */
async function versionOf(file, origin) {
  const manifest = JSON.parse(await run('tar', ['-xOzf', file, 'package/package.json']))
  const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
  return { ...manifest, dist: { tarball: `${origin}/-/${basename(file)}`, integrity } }
}

/**
 * A configuration in the place of npm's global one, with a line more: a shell would drop a variable of such a name, and the
 * user's own and the project's still hold.
 * @param {string} line
 */
async function npmConfiguration(line) {
  const folder = mkdtempSync(join(tmpdir(), 'arranger-npm-'))
  const before = (await tryRun('npm', ['config', 'get', 'globalconfig'])).stdout.trim()
  const kept = existsSync(before) ? readFileSync(before, 'utf8') : ''
  const file = join(folder, 'npmrc')
  writeFileSync(file, `${kept}\n${line}\n`, { mode: 0o600 })
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/**
 * Serves tarballs until it is closed.
 * @param {string[]} tarballs one for each package
 * @returns {Promise<{ env: Record<string, string>, close(): void }>} `env` makes npm take the scope @arranger from it
 */
export async function startRegistry(tarballs) {
  /** @type {Map<string, object>} */
  const packages = new Map()
  const server = createServer(({ url = '' }, response) => {
    const path = decodeURIComponent(url.slice(1))
    const tarball = tarballs.find((file) => path === `-/${basename(file)}`)
    if (tarball) return response.end(readFileSync(tarball))
    const found = packages.get(path)
    response.statusCode = found ? 200 : 404
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(found ?? { error: `no package ${path}` }))
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const origin = `http://127.0.0.1:${port}`
  for (const file of tarballs) {
    const { name, version, ...rest } = await versionOf(file, origin)
    packages.set(name, { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, ...rest } } })
  }
  const configuration = await npmConfiguration(`@arranger:registry=${origin}/`)
  return {
    env: { npm_config_globalconfig: configuration.file },
    close: () => {
      configuration.remove()
      server.close()
      server.closeAllConnections()
    },
  }
}
