// Events and automation stand on frames, whatever the block size: two renders in blocks of 64 and 512 frames are compared.
import { createEngine, type Loadable } from '@arranger/engine'

const session: Loadable = {
  graph: {
    bpm: 120,
    nodes: [
      { id: 'track', type: 'track_source' },
      { id: 'synth', type: 'builtin.synth' },
      { id: 'filter', type: 'builtin.filter', params: { cutoff: 400 } },
      { id: 'wobble', type: 'builtin.control_lfo', params: { frequency: 3 } },
      { id: 'mixer', type: 'builtin.mixer' },
    ],
    connections: [
      { from_node: 'track', from_port: 'events_out', to_node: 'synth', to_port: 'events_in' },
      { from_node: 'synth', from_port: 'audio_out', to_node: 'filter', to_port: 'audio_in' },
      { from_node: 'filter', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
      // A value on every frame, added to what the schedule says: a fifth of the LFO's swing.
      { from_node: 'wobble', from_port: 'control_out', to_node: 'synth', to_port: 'gain', mode: 'add', amount: 0.2 },
    ],
  },
  events: [
    { beat: 0.5, type: 'note_on', node_id: 'track', pitch: 48, velocity: 100 },
    { beat: 4, type: 'note_off', node_id: 'track', pitch: 48 },
    // In plain units, over two beats, from wherever it is.
    { beat: 1, type: 'param', node_id: 'filter', param_id: 'cutoff', value: 4000, ramp_beats: 2 },
  ],
}

const hashes = []
for (const blockSize of [64, 512]) {
  await using engine = await createEngine({ blockSize, sampleRate: 44100, outputDevice: 'none' })
  await engine.load(session)
  const { channelData, hash } = await engine.render(undefined, { durationBeats: 6 })
  const first = channelData[0]?.findIndex((sample) => sample !== 0)
  console.log(`blocks of ${blockSize}: sound from frame ${first} on, ${hash}`)
  hashes.push(hash)
}
if (hashes[0] !== hashes[1]) throw new Error('the block size is heard')
