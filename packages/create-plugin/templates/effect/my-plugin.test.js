// Renders the plugin and looks at the sound. No device is needed: a render is as fast as the machine, and always the same.
import { createEngine } from '@arranger/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'

let engine

beforeAll(async () => {
  engine = await createEngine({
    backend: 'binding',
    settings: false,
    pluginPaths: [`lib/${process.platform}-${process.arch}`],
  })
})
afterAll(() => engine?.close())

/** The left channel of one second of noise through the plugin. */
async function render(params = {}) {
  await engine.load({
    graph: {
      bpm: 120,
      nodes: [
        { id: 'source', type: 'builtin.noise' },
        { id: 'plugin', type: 'com.example.my-plugin', params },
        { id: 'mixer', type: 'mixer' },
      ],
      connections: [
        { from_node: 'source', from_port: 'audio_out', to_node: 'plugin', to_port: 'audio_in' },
        { from_node: 'plugin', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
      ],
    },
    events: [],
  })
  const { channelData } = await engine.render(undefined, { durationBeats: 2, tailSeconds: 0 })
  return channelData[0]
}

const peak = (samples) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
const rms = (samples) => Math.hypot(...samples) / Math.sqrt(samples.length)

test('it sounds, and never louder than its gain', async () => {
  const sound = await render({ drive: 40, gain: 0.5 })
  expect(peak(sound)).toBeGreaterThan(0.1)
  expect(peak(sound)).toBeLessThanOrEqual(0.5)
})

test('the gain is a factor', async () => {
  const whole = await render({ gain: 1 })
  const half = await render({ gain: 0.5 })
  expect(half).toEqual(whole.map((sample) => 0.5 * sample))
})

test('more drive is louder', async () => {
  expect(rms(await render({ drive: 10 }))).toBeGreaterThan(rms(await render({ drive: 1 })))
})
