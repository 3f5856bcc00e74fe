import { createEngine, Song } from '@arranger/engine'

const notes = [60, 64, 67, 72].map((pitch, beat) => ({ beat, pitch, length: 0.9 }))
const song = new Song({ bpm: 100, tracks: [{ id: 'melody', notes }] })

const engine = await createEngine()
await engine.load(song)
const { path, frames, sampleRate } = await engine.render('first-sound.wav')
console.log(`${path}: ${(frames / sampleRate).toFixed(2)} s`)
await engine.close()
