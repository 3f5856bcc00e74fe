// A bar of drums, a bass line and a bent lead: as audio, as a MIDI file and as a session.
import { createEngine, Song, saveSession, writeMidi } from '@arranger/engine'

const song = new Song({
  title: 'Groove',
  bpm: 104,
  tempos: [{ beat: 12, bpm: 88, ramp_beats: 4 }],
  patterns: [
    {
      id: 'drums',
      grid: {
        steps_per_beat: 4,
        swing: 0.58,
        rows: {
          kick: 'X.....x. | ..x.....',
          snare: '....X... | ....X..o',
          closed_hat: 'x.o.x.o. | x.o.x.o.',
        },
      },
    },
    {
      id: 'bass',
      length: 4,
      notes: [
        { beat: 0, length: 0.75, pitch: 36 },
        { beat: 1.5, length: 0.5, pitch: 36, velocity: 80 },
        { beat: 2.5, length: 1, pitch: 43 },
      ],
    },
  ],
  tracks: [
    { id: 'drums', kit: 'gm', volume: 0.9, placements: [{ pattern: 'drums', beat: 0, repeats: 4 }] },
    {
      id: 'bass',
      program: 33,
      pan: -0.2,
      placements: [
        { pattern: 'bass', beat: 0, repeats: 2 },
        { pattern: 'bass', beat: 8, repeats: 2, transpose: 5, length: 7 },
      ],
    },
    {
      id: 'lead',
      channel: 1,
      program: 80,
      pan: 0.3,
      notes: [
        {
          beat: 4,
          length: 2,
          pitch: 67,
          bend: [
            { beat: 0, semitones: -2 },
            { beat: 0.5, semitones: 0 },
          ],
        },
        { beat: 12, length: 3, pitch: 72 },
      ],
    },
  ],
  effects: [{ id: 'hall', type: 'builtin.reverb', params: { wet: 0.15 } }],
  automation: [
    {
      track: 'lead',
      param: 'volume',
      points: [
        { beat: 12, value: 1 },
        { beat: 15, value: 0.2 },
      ],
    },
  ],
})

await saveSession('groove.json', song)
const { ticksPerBeat, leftOut } = await writeMidi('groove.mid', song)
console.log(`groove.mid: ${ticksPerBeat} ticks a beat, left out: ${JSON.stringify(leftOut)}`)

const engine = await createEngine()
await engine.load(song)
const { path, frames, sampleRate } = await engine.render('groove.wav')
console.log(`${path}: ${song.noteCount} notes, ${(frames / sampleRate).toFixed(2)} s`)
await engine.close()
