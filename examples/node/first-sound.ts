import { createEngine, songGraph } from '@arranger/engine'

const engine = await createEngine()
const melody = { id: 'melody' }
const graph = songGraph({ bpm: 100, tracks: [melody], instrument: { type: 'builtin.synth' } })
const events = [60, 64, 67, 72].flatMap((pitch, beat) => [
  { beat, type: 'note_on' as const, node_id: melody.id, pitch, velocity: 100 },
  { beat: beat + 0.9, type: 'note_off' as const, node_id: melody.id, pitch },
])
await engine.load({ graph, events })
const { path, frames, sampleRate } = await engine.render('first-sound.wav')
console.log(`${path}: ${(frames / sampleRate).toFixed(2)} s`)
await engine.close()
