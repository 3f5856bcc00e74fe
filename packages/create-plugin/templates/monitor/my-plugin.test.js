// Renders the plugin, and reads what it shows afterwards. No device is needed, and a render is always the same.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { difference, openEngine, peak } from './sound.js'

let engine
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => engine?.close())

/** A second of noise through the plugin: both stems, and what the plugin shows at the end. */
async function render(params) {
  const graph = {
    bpm: 120,
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
  const { stems } = await engine.render(undefined, { durationBeats: 2, tailSeconds: 0, stems: ['noise', 'plugin'] })
  const { value } = await engine.send({ cmd: 'get_node_data', node_id: 'plugin', port_id: 'level', source: 'render' })
  const [input, output] = stems.map(({ channelData }) => channelData)
  return { input, output, level: value }
}

test('the sound passes through unchanged', async () => {
  const { input, output } = await render()
  expect(peak(output[0])).toBeGreaterThan(0.1)
  for (const side of [0, 1]) expect(difference(output[side], input[side])).toBe(0)
})

test('it shows the greatest sample, if that hardly falls', async () => {
  const { input, level } = await render({ fall: 10 })
  expect(level).toBeLessThanOrEqual(Math.max(...input.map(peak)))
  expect(level).toBeGreaterThan(0.8 * Math.max(...input.map(peak)))
})

test('what it shows falls faster when it is told to', async () => {
  expect((await render({ fall: 0.01 })).level).toBeLessThan((await render({ fall: 10 })).level)
})
