// Renders many songs into files, as many at a time as there are processors, with stems and one loudness for all.
import { availableParallelism } from 'node:os'
import { createEngine, EngineError, Song } from '@arranger/engine'

const songs = [90, 100, 110, 120].map((bpm) => {
  const notes = [60, 64, 67, 72].map((pitch, beat) => ({ beat, pitch, length: 0.9 }))
  return new Song({ title: `at-${bpm}`, bpm, tracks: [{ id: 'melody', notes }] })
})

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

/** One engine renders one song after the other. */
async function work(waiting: Song[]): Promise<void> {
  await using engine = await createEngine({ outputDevice: 'none' })
  for (let song = waiting.shift(); song !== undefined; song = waiting.shift()) {
    await engine.load(song)
    const { path, frames, sampleRate, seconds, analysis } = await engine.render(`${song.title}.flac`, {
      tailSeconds: 'until_silence',
      normaliseLufs: -16,
      measure: true,
      signal: stop.signal,
    })
    const speed = frames / sampleRate / seconds
    console.log(`${path}: ${analysis?.integratedLufs.toFixed(1)} LUFS, ${speed.toFixed(0)} times real time`)
  }
}

try {
  const waiting = [...songs]
  await Promise.all(Array.from({ length: Math.min(songs.length, availableParallelism()) }, () => work(waiting)))
} catch (error) {
  if (!(error instanceof EngineError) || error.code !== 'cancelled') throw error
  console.log('stopped: files that are there are whole') // an abandoned render leaves none
}
