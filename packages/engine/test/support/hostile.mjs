// A process that plays and renders a sine beside a hostile plugin, and prints what came of it:
// node hostile.mjs <package> <library> <plugin id>
import { pathToFileURL } from 'node:url'

const [, , index = '', library = '', plugin = ''] = process.argv
const { createEngine } = await import(pathToFileURL(index).href)
const options = { sampleRate: 48_000, blockSize: 128, outputDevice: 'none', pluginPaths: [library] }
const engine = await createEngine(options)
const faults = []
engine.on('plugin_fault', (fault) => faults.push({ ...fault, at: performance.now() }), { intervalMs: 1 })
const must = (request) => engine.send(request)
const ask = (request) => must(request).catch(({ code, message }) => ({ status: 'error', code, message }))
const until = async (fits) => {
  while (!(await fits())) await new Promise((resolve) => setTimeout(resolve, 2))
}

const graph = (more = []) => ({
  cmd: 'set_graph',
  bpm: 120,
  nodes: [
    { id: 'track', type: 'track_source' },
    { id: 'sine', type: 'sine' },
    ...more.map((id) => ({ id, type: plugin })),
    { id: 'mixer', type: 'mixer' },
  ],
  connections: [
    { from_node: 'track', from_port: 'events_out', to_node: 'sine', to_port: 'events_in' },
    { from_node: 'sine', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
    ...more.map((id) => ({ from_node: id, from_port: 'out', to_node: 'mixer', to_port: 'audio_in_1' })),
  ],
})
const events = Array.from({ length: 4000 }, (_, half) => [
  { beat: half / 2, type: 'note_on', node_id: 'track', pitch: 69, velocity: 100 },
  { beat: half / 2 + 0.45, type: 'note_off', node_id: 'track', pitch: 69 },
]).flat()
const level = async () =>
  (await ask({ cmd: 'get_node_data', node_id: 'mixer', port_id: 'level_l', source: 'live' })).value ?? 0
const beat = async () => (await engine.position()).beat

await must(graph())
await must({ cmd: 'set_schedule', events })
await engine.play()
await until(async () => (await level()) > 0.01)
const began = performance.now()
const edit = await ask(graph(['hostile']))
if (edit.status === 'ok') await until(() => faults.length > 0)
const { at = 0, ...fault } = faults[0] ?? {}

// What is still there afterwards: the transport, the sine, and who edits and renders.
const then = await beat()
await until(async () => (await beat()) > then + 1 && (await level()) > 0.01)
const out = { edit, fault, fault_ms: at - began, faults: faults.length, playing: (await engine.position()).playing }
const render = { cmd: 'render', format: 'raw_f32', duration_beats: 4, tail_seconds: 0 }
if (edit.status === 'ok' && fault.reason === 'stuck') {
  const cancelled = ask({ ...render, id: 1 })
  const waited = ask({ ...render, id: 2 })
  await until(async () => (await must({ cmd: 'cancel', render_id: 1 })).cancelled === 1) // it has begun
  out.cancelled = await cancelled
  out.render = await waited
} else if (edit.status === 'ok') {
  const { warnings, hash } = await must(render)
  out.render = { warnings, hash }
  await must(graph())
  out.alone = (await must(render)).hash
  await must(graph(['hostile']))
}
if (edit.status === 'ok') {
  // Once more from the start: a hostile plugin is hostile again, and that is another fault.
  const count = faults.length
  await must({ cmd: 'reset_node', node_id: 'hostile' })
  await until(() => faults.length > count)
  out.again = faults.at(-1).reason
  await must(graph())
}
await engine.close()
console.log(JSON.stringify(out))
