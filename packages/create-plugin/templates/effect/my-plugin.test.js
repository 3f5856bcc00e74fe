// Renders the plugin and looks at the sound. No device is needed: a render is as fast as the machine, and always the same.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { difference, openEngine, peak, rms } from './sound.js'

let engine
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => engine?.close())

/** The left side of what the plugin makes of a second of noise. */
async function render(params) {
  const graph = {
    nodes: [
      { id: 'noise', type: 'builtin.noise' },
      { id: 'plugin', type: 'com.example.my-plugin', params },
      { id: 'mixer', type: 'mixer' },
    ],
    connections: [
      { from_node: 'noise', from_port: 'audio_out', to_node: 'plugin', to_port: 'audio_in' },
      { from_node: 'plugin', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
    ],
  }
  await engine.load({ graph, events: [] })
  const { stems } = await engine.render(undefined, { durationBeats: 2, tailSeconds: 0, stems: ['plugin'] })
  return stems[0].channelData[0]
}

test('it sounds, and never louder than its gain', async () => {
  const sound = await render({ drive: 40, gain: 0.5 })
  expect(peak(sound)).toBeGreaterThan(0.1)
  expect(peak(sound)).toBeLessThanOrEqual(0.5)
})

test('the gain is a factor', async () => {
  const whole = await render({ gain: 1 })
  const half = await render({ gain: 0.5 })
  const scaled = whole.map((sample) => 0.5 * sample)
  expect(difference(half, scaled)).toBe(0)
})

test('more drive is louder', async () => {
  expect(rms(await render({ drive: 10 }))).toBeGreaterThan(rms(await render({ drive: 1 })))
})
