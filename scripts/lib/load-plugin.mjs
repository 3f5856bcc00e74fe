// @ts-check
// Loads one plugin library at run time, renders its plugins and prints their ids: `node load-plugin.mjs LIBRARY`.
import { createEngine } from '../../packages/engine/dist/index.js'
import { loadAddon } from './addon.mjs'

const addon = loadAddon()
const before = addon.listPlugins().length
const { ok, pluginIds, error } = addon.loadPluginLibrary(process.argv[2])
if (!ok) throw new Error(`${error.code}: ${error.message}`)
const listed = addon.listPlugins()
if (pluginIds.length === 0 || listed.length !== before + pluginIds.length)
  throw new Error(`registered [${pluginIds}], but the list went from ${before} plugins to ${listed.length}`)

/** What a plugin makes of noise and a note, whichever it takes: the greatest sample. @param {any} engine @param {any} plugin */
async function render(engine, { id, ports }) {
  const port = (/** @type {string} */ type, /** @type {string} */ role) =>
    ports.find((/** @type {any} */ one) => one.type === type && one.role === role)?.id
  const [sound, notes] = [port('audio_stereo', 'input'), port('event', 'input')]
  const nodes = [
    { id: 'noise', type: 'builtin.noise' },
    { id: 'track', type: 'track_source' },
    { id: 'plugin', type: id },
    { id: 'mixer', type: 'mixer' },
  ]
  const connections = [
    ...(sound ? [{ from_node: 'noise', from_port: 'audio_out', to_node: 'plugin', to_port: sound }] : []),
    ...(notes ? [{ from_node: 'track', from_port: 'events_out', to_node: 'plugin', to_port: notes }] : []),
    { from_node: 'plugin', from_port: port('audio_stereo', 'output'), to_node: 'mixer', to_port: 'audio_in_0' },
  ]
  const events = [{ beat: 0, type: 'note_on', node_id: 'track', pitch: 60, velocity: 100 }]
  await engine.load({ graph: { bpm: 120, nodes, connections }, events })
  const { stems } = await engine.render(undefined, { durationBeats: 1, tailSeconds: 0, stems: ['plugin'] })
  return stems[0].channelData[0].reduce(
    (/** @type {number} */ most, /** @type {number} */ sample) => Math.max(most, Math.abs(sample)),
    0,
  )
}

const engine = await createEngine({ backend: 'binding', settings: false, outputDevice: null })
for (const plugin of listed.filter((/** @type {any} */ { id }) => pluginIds.includes(id))) {
  const peak = await render(engine, plugin)
  if (!(peak > 0.01 && peak < 10)) throw new Error(`${plugin.id} is not heard: its greatest sample is ${peak}`)
  process.stdout.write(`${plugin.id} sounds, ${peak.toFixed(2)} at most\n`)
}
await engine.close()
