// Watches a song while it plays: events with an interval of their own, and a display that costs no command at all.
import { createEngine, Song } from '@arranger/engine'

const notes = [60, 64, 67, 72].map((pitch, beat) => ({ beat, pitch, length: 0.9 }))
const song = new Song({ bpm: 240, tracks: [{ id: 'melody', notes }] })

await using engine = await createEngine({ outputDevice: 'none' })
await engine.load(song)
engine.on('xrun', ({ count }) => console.warn(`${count} blocks came late`), { intervalMs: 1000 })
const display = await engine.display({ scopeFrames: 1024 })
const [left, right] = [new Float32Array(1024), new Float32Array(1024)]

await engine.play()
let count = 0
for await (const { rms_dbfs, frames } of engine.events('meters', { intervalMs: 50 })) {
  const { beat } = display.read()
  display.scope(left, right)
  const newest = Math.max(...left.map(Math.abs))
  console.log(
    `beat ${beat.toFixed(2)}: ${rms_dbfs[0]?.toFixed(1) ?? '-∞'} dB over ${frames} frames, now ${newest.toFixed(3)}`,
  )
  if (++count === 10) break
}
