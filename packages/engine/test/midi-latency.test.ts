// A key that is pressed to what is heard is recorded there, although the device plays it later than it was made.
import { describe, expect, it } from 'vitest'
import { createEngine, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { hasJack, jackServers } from './support/jack.ts'

const folder = temporaryFolder()
const frames = 1024
const loopback = 'loopback'

describe.runIf(hasJack())('a recording on a device', needs('portaudio'), () => {
  const start = jackServers(folder)

  it('is earlier than what was made by the time to the ear', async () => {
    const jack = await start(frames)
    const engine = await createEngine({ sampleRate: 48_000, outputDevice: 'none' })
    const nodes = [
      { id: 'track', type: 'track_source' },
      { id: 'mixer', type: 'mixer' },
    ]
    await engine.load({ graph: { nodes, bpm: 60 }, events: [] }) // a beat is a second
    const { block_size: block, latency_ms: latency } = await engine.send({ cmd: 'open_device', name: 'system' })
    expect(latency).toBeGreaterThanOrEqual((1000 * frames) / 48_000)
    await engine.midi.openInput(loopback)
    await engine.midi.openOutput(loopback)
    await engine.midi.record()
    await engine.play()
    while ((await engine.position()).beat < 0.2);
    const bounds: { first: number; last: number }[] = []
    while (bounds.length < 300) {
      const { beat: before } = await engine.position()
      await engine.midi.send(loopback, [0x90, 60, 100])
      const { beat: after } = await engine.position()
      bounds.push({ first: before - block / 48_000 - latency / 1000, last: after - latency / 1000 })
    }
    await engine.stop()
    const events = await engine.midi.stopRecording()
    await engine.close()
    await jack.stop()
    const ons = events.filter(({ type }) => type === 'note_on')
    expect(ons).toHaveLength(bounds.length)
    for (const [i, { first, last }] of bounds.entries()) {
      expect(ons[i]?.beat).toBeGreaterThanOrEqual(first - 1e-6)
      expect(ons[i]?.beat).toBeLessThanOrEqual(last + 1e-6)
    }
  })
})
