// What an editor does: it changes its song, and the engine is sent what changed before it plays.
import { ArrangerEngine, type SongData } from '@arranger/engine'

let song: SongData = {
  bpm: 140,
  tracks: [{ id: 'keys', notes: [60, 64, 67, 72].map((pitch, beat) => ({ beat, length: 1, pitch })) }],
}
const engine = new ArrangerEngine(() => song)

await engine.play()
console.log(`playing: ${engine.isPlaying()}`)
await engine.setParam('mixer', 'gain_0', 0.5)

song = { ...song, tracks: [...(song.tracks ?? []), { id: 'bass', channel: 1 }] }
await engine.setChannelProgram(1, 0, 33)
await engine.playSingleNote(36, 110, 1, 0.3)

await engine.stop()
await engine.seek(2)
console.log(`stopped at beat ${engine.currentBeat()}`)

const wav = await engine.renderOfflineWav()
console.log(`${wav.length} bytes of WAV, ${engine.song.tracks?.length} tracks`)
await engine.shutdown()
