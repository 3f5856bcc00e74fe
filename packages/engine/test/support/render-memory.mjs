// A process that renders a session of one note to a file, as many minutes long as asked for, and prints its greatest
// resident size: node render-memory.mjs <index.js> <minutes> <output>
import { pathToFileURL } from 'node:url'

const [, , index = '', minutes, output] = process.argv
const { createEngine } = await import(pathToFileURL(index).href)
const engine = await createEngine()
const graph = {
  nodes: [
    { id: 'track', type: 'track_source' },
    { id: 'instrument', type: 'builtin.sine' },
    { id: 'mixer', type: 'mixer' },
  ],
  connections: [
    { from_node: 'track', from_port: 'events_out', to_node: 'instrument', to_port: 'events_in' },
    { from_node: 'instrument', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
  ],
}
await engine.load({
  graph,
  events: [
    { beat: 0, type: 'note_on', node_id: 'track', pitch: 69, velocity: 100 },
    { beat: 1, type: 'note_off', node_id: 'track', pitch: 69 },
  ],
})
const { frames } = await engine.render(output, {
  durationBeats: 120 * Number(minutes),
  stems: ['instrument'],
})
await engine.close()
console.log(JSON.stringify({ frames, residentBytes: process.resourceUsage().maxRSS * 1024 }))
