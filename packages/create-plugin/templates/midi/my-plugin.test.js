// Renders the plugin and compares the sound with what it should have played. No device is needed, and a render is always the same.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { difference, openEngine, peak } from './sound.js'

let engine
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => engine?.close())

/** A note of one beat. */
const note = (beat, pitch) => [
  { beat, type: 'note_on', node_id: 'track', pitch, velocity: 100 },
  { beat: beat + 1, type: 'note_off', node_id: 'track', pitch },
]

/** The left side of two seconds of a synth, played through these nodes. */
async function render(events, ...between) {
  const chain = [
    { id: 'track', type: 'track_source' },
    ...between,
    { id: 'synth', type: 'builtin.sine' },
    { id: 'mixer', type: 'mixer' },
  ]
  const connections = chain.slice(1).map(({ id }, index) => {
    const [from_port, to_port] = id === 'mixer' ? ['audio_out', 'audio_in_0'] : ['events_out', 'events_in']
    return { from_node: chain[index].id, from_port, to_node: id, to_port }
  })
  await engine.load({ graph: { bpm: 120, nodes: chain, connections }, events })
  const { stems } = await engine.render(undefined, { durationBeats: 4, tailSeconds: 0, stems: ['synth'] })
  return stems[0].channelData[0]
}

const plugin = (interval) => ({ id: 'plugin', type: 'com.example.my-plugin', params: { interval } })

test('every note is played once more, an interval higher', async () => {
  const sound = await render([...note(0, 60), ...note(1, 64)], plugin(7))
  const expected = await render([...note(0, 60), ...note(0, 67), ...note(1, 64), ...note(1, 71)])
  expect(peak(sound)).toBeGreaterThan(0.1)
  expect(difference(sound, expected)).toBeLessThan(1e-6)
})

test('a note that would be too high is left out', async () => {
  expect(difference(await render(note(0, 120), plugin(12)), await render(note(0, 120)))).toBe(0)
})

test('a note ends as it began, when the interval has moved meanwhile', async () => {
  const move = { beat: 0.5, type: 'param', node_id: 'plugin', param_id: 'interval', value: 3 }
  const sound = await render([...note(0, 60), move], plugin(7))
  expect(difference(sound, await render([...note(0, 60), ...note(0, 67)]))).toBeLessThan(1e-6)
})
