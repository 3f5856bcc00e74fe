// What an engine runs on, and how it goes over to another while it plays.
import { createEngine, Song } from '@arranger/engine'

const notes = Array.from({ length: 64 }, (_, beat) => ({ beat, pitch: 48 + ((beat * 7) % 24), length: 0.9 }))

await using engine = await createEngine({ outputDevice: null })
for (const { backend, ok, reason } of engine.attempts) console.log(`${backend}: ${ok ? 'plays' : reason}`)
await engine.load(new Song({ bpm: 120, tracks: [{ id: 'melody', notes }] }))
await engine.play()

// A server that is not there yet is started; it plays on from here and ends with us.
await engine.switchBackend('server')
const { playing, beat } = await engine.position()
console.log(`${engine.backend}: ${playing ? 'plays on' : 'stands'} at beat ${beat.toFixed(2)}`)
