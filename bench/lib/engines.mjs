// @ts-check
// Which peers are there. Each is optional: one that is missing is named, with what brings it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../scripts/lib/run.mjs'
import { installIfPossible } from '../../scripts/lib/system.mjs'
import { peersFolder } from './paths.mjs'
import { say } from './rounds.mjs'

/**
 * @typedef {object} Adapter A file of bench/engines.
 * @property {string} title
 * @property {string[]} kinds what it plays
 * @property {() => Promise<string | null>} version null where it is not installed
 * @property {string[]} [packages] Debian's
 * @property {Record<string, string>} [npm]
 * @typedef {{ name: string, title: string, kinds: string[] }} Engine
 */

const names = ['arranger', 'supercollider', 'csound', 'node-web-audio', 'elementary']

/** @param {string} name @returns {Promise<Adapter>} */
const adapter = (name) => import(`../engines/${name}.mjs`)

/** @param {Adapter} peer */
const howToInstall = ({ packages, npm }) =>
  packages
    ? `apt-get install ${packages.join(' ')}`
    : `pnpm run bench -- --install, which gets ${Object.keys(npm ?? {}).join(' and ')} from npm`

/** Peers from npm are no dependencies of anything here: they have a folder of their own, at these versions. @param {Record<string, string>} wanted */
async function installFromNpm(wanted) {
  mkdirSync(peersFolder, { recursive: true })
  writeFileSync(join(peersFolder, 'package.json'), JSON.stringify({ private: true, dependencies: wanted }))
  await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: peersFolder })
}

/** @param {{ install: boolean, only?: string[] | undefined }} options */
export async function available({ install, only }) {
  const wanted = names.filter((name) => !only || name === 'arranger' || only.includes(name))
  const adapters = await Promise.all(wanted.map(async (name) => ({ name, ...(await adapter(name)) })))
  const missing = []
  for (const peer of adapters) if ((await peer.version()) === null) missing.push(peer)
  if (install && missing.length > 0) {
    await installIfPossible(
      missing.flatMap(({ packages = [] }) => packages),
      say,
    )
    // All of them, since what is not named goes.
    const npm = Object.assign({}, ...adapters.map((peer) => peer.npm ?? {}))
    if (missing.some((peer) => peer.npm)) await installFromNpm(npm)
  }
  /** @type {Engine[]} */
  const engines = []
  /** @type {Record<string, string>} */
  const versions = {}
  for (const peer of adapters) {
    const version = await peer.version()
    if (version === null) {
      say(`${peer.title}: NOT INSTALLED: ${howToInstall(peer)}`)
      continue
    }
    say(`${peer.title} ${version}`)
    versions[peer.name] = version
    engines.push({ name: peer.name, title: peer.title, kinds: [...peer.kinds] })
  }
  return { engines, versions }
}
