// The engine is one function from JSON to JSON. All else in @arranger/engine calls it.
import { handle } from '@arranger/engine'

function ask(request: object): Record<string, unknown> {
  return JSON.parse(handle(JSON.stringify(request)))
}

ask({
  cmd: 'set_graph',
  nodes: [
    { id: 'track', type: 'track_source' },
    { id: 'synth', type: 'builtin.synth' },
    { id: 'mixer', type: 'mixer' },
  ],
  connections: [
    { from_node: 'track', from_port: 'events_out', to_node: 'synth', to_port: 'events_in' },
    { from_node: 'synth', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
  ],
})
ask({ cmd: 'set_schedule', events: [{ beat: 0, type: 'note_on', node_id: 'track', pitch: 60, velocity: 100 }] })
const { frames, hash } = ask({ cmd: 'render', path: 'note.wav', duration_beats: 1 })
console.log(`${frames} frames, ${hash}`)

// A mistake is a code, a sentence and the place in the request; nothing has changed.
const { code, message } = ask({ cmd: 'set_param', node_id: 'synth', param_id: 'gian', value: 0.5 })
console.log(`${code}: ${message}`)
