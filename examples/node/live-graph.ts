// Builds a graph in a running engine, node by node: the compiler knows every id, parameter and port.
import { createEngine } from '@arranger/engine'

await using engine = await createEngine({ outputDevice: null })
const track = await engine.add('track_source')
const synth = await engine.add('builtin.synth', { gain: 0.4 })
const echo = await engine.add('builtin.delay', { sync: 1, beats: 0.75, feedback: 0.5 })
const wobble = await engine.add('builtin.control_lfo', { frequency: 0.5 })
await track.connect('events_out', synth, 'events_in')
await synth.connect('audio_out', echo, 'audio_in')
await wobble.connect('control_out', echo, 'wet', { mode: 'add', amount: 0.3 })
await echo.connect('audio_out', engine.node('mixer', 'builtin.mixer'), 'audio_in_0')

await engine.play()
await engine.send({ cmd: 'note_on', node_id: track.id, pitch: 60, velocity: 100 })
await echo.setParam('feedback', 0.7, { rampMs: 200 })
for await (const { rms_dbfs } of engine.events('meters', { intervalMs: 50 })) {
  console.log(`${rms_dbfs[0]?.toFixed(1) ?? '-∞'} dB`)
  if (rms_dbfs[0] != null) break
}
