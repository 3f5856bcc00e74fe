// An engine in a process of its own, on a machine without a sound device. It is started, and ends with its last client.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, Song } from '@arranger/engine'

const folder = await mkdtemp(join(tmpdir(), 'arranger-'))
const serverAddress =
  process.platform === 'win32' ? `\\\\.\\pipe\\arranger-${process.pid}` : join(folder, 'engine.sock')
const options = { backend: 'server', serverAddress, outputDevice: 'none' } as const

const notes = [60, 64, 67, 72].map((pitch, beat) => ({ beat, pitch, length: 0.9 }))
await using player = await createEngine(options)
await player.load(new Song({ bpm: 120, tracks: [{ id: 'melody', notes }] }))
await player.play()

// Clients of one server share its session; each has its own replies, renders and events.
await using watcher = await createEngine(options)
for await (const { beat, playing } of watcher.events('position', { intervalMs: 50 })) {
  console.log(`${playing ? 'plays' : 'stands'} at beat ${beat.toFixed(2)}`)
  if (beat > 0.2) break
}
