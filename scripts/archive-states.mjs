// @ts-check
// Archives what a session keeps of each built-in plugin, one file for each version that was ever released: a test loads them
// all, for ever. A version that is archived is never written again.
//   node scripts/archive-states.mjs
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './lib/run.mjs'

const { AudioServer, listPlugins } = await import(pathToFileURL(join(root, 'packages/engine/dist/index.js')).href)
const server = new AudioServer({ outputDevice: null })
/** @param {object} request */
const ask = (request) => {
  const reply = JSON.parse(server.handle(JSON.stringify(request)))
  if (reply.status !== 'ok') throw new Error(reply.message)
  return reply
}

/** Values other than the defaults: each parameter somewhere else in its range. @param {any} port @param {number} index */
function valueFor({ min, max, hint }, index) {
  const value = min + (max - min) * (0.25 + 0.5 * ((index * 0.37) % 1))
  return hint === 'continuous' ? Number(value.toPrecision(6)) : Math.round(value)
}

for (const { id, version, ports } of listPlugins()) {
  const path = join(root, 'packages/plugins-builtin/test/states', id, `${version}.json`)
  if (!id.startsWith('builtin.') || existsSync(path)) continue
  const parameters = ports.filter((/** @type {any} */ { type, role }) => type === 'control' && role === 'input')
  const params = Object.fromEntries(
    parameters.map((/** @type {any} */ port, /** @type {number} */ i) => [port.id, valueFor(port, i)]),
  )
  ask({
    cmd: 'set_graph',
    nodes: [
      { id: 'node', type: id, params },
      { id: 'mixer', type: 'mixer' },
    ],
  })
  const { node } = ask({ cmd: 'get_state', node_id: 'node' })
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(node, null, 2)}\n`)
  console.log(`${path} written`)
}
server.close()
