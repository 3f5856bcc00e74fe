// Renders the plugin and looks at the sound. No device is needed: a render is as fast as the machine, and always the same.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { difference, openEngine, peak } from './sound.js'

let engine
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => engine?.close())

/** A note of one beat, which is half a second. */
const note = (beat, pitch, velocity = 100) => [
  { beat, type: 'note_on', node_id: 'track', pitch, velocity },
  { beat: beat + 1, type: 'note_off', node_id: 'track', pitch },
]

/** The left side of what the plugin plays, in two seconds, and how many frames a second has. */
async function render(events, params = {}) {
  const graph = {
    bpm: 120,
    nodes: [
      { id: 'track', type: 'track_source' },
      { id: 'plugin', type: 'com.example.my-plugin', params },
      { id: 'mixer', type: 'mixer' },
    ],
    connections: [
      { from_node: 'track', from_port: 'events_out', to_node: 'plugin', to_port: 'events_in' },
      { from_node: 'plugin', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
    ],
  }
  await engine.load({ graph, events })
  const { stems, sampleRate } = await engine.render(undefined, { durationBeats: 4, tailSeconds: 0, stems: ['plugin'] })
  return { sound: stems[0].channelData[0], sampleRate }
}

test('a note sounds from its frame on, and not before', async () => {
  const { sound, sampleRate } = await render(note(1, 69))
  const first = sound.findIndex((sample) => sample !== 0)
  expect(first).toBeGreaterThanOrEqual(sampleRate / 2)
  expect(first).toBeLessThan(sampleRate / 2 + 10)
  expect(peak(sound)).toBeGreaterThan(0.05)
})

test('it has the pitch of its key', async () => {
  const { sound, sampleRate } = await render(note(0, 69))
  const held = sound.subarray(0, sampleRate / 2)
  const turns = held.filter((sample, frame) => sample >= 0 && (held[frame - 1] ?? 0) < 0).length
  expect(turns / (held.length / sampleRate)).toBeCloseTo(440, -1)
})

test('it is silent when its key is up and the release is over', async () => {
  const { sound, sampleRate } = await render(note(0, 69), { release: 0.1 })
  expect(peak(sound.subarray(1.5 * sampleRate))).toBe(0)
})

test('the gain is a factor', async () => {
  const { sound: whole } = await render(note(0, 60), { gain: 0.5 })
  const { sound: half } = await render(note(0, 60), { gain: 0.25 })
  const scaled = whole.map((sample) => 0.5 * sample)
  expect(difference(half, scaled)).toBe(0)
})
