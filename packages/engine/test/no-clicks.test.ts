// Edits while a pure sine plays: whatever is changed elsewhere, nothing of it is heard in the sine.
import { describe, expect, it } from 'vitest'
import { discontinuities } from './support/clicks.ts'
import { type Json, JsonEngine, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { hasJack, jackServers } from './support/jack.ts'
import { fixture } from './support/native.ts'

const rate = 48_000
const folder = temporaryFolder()

/** Numbers from 0 to 1, the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const sine = (frames: number, amplitude = 0.15) =>
  Float32Array.from({ length: frames }, (_, n) => amplitude * Math.sin((2 * Math.PI * 440 * n) / rate))

describe('the click detector', () => {
  it('finds nothing in a sine, and hears a repeated sample and a step of -60 dB', () => {
    expect(discontinuities(sine(rate), 440, rate)).toEqual([])
    const repeated = sine(rate)
    repeated.copyWithin(1001, 1000, rate - 1)
    expect(discontinuities(repeated, 440, rate).length).toBeGreaterThan(0)
    const stepped = sine(rate).map((sample, n) => (n < 5000 ? sample : sample + 0.001 * 0.15))
    expect(discontinuities(stepped, 440, rate)).toContain(5000)
    const faded = sine(rate).map((sample, n) => sample * (n < 5000 ? 1 : Math.max(0.5, 1 - (n - 5000) / 480)))
    expect(discontinuities(faded, 440, rate).length).toBeGreaterThan(100)
  })
})

/**
 * A sine on the left of the mixer; everything that is edited plays on the right, so that the left is the sine alone.
 * Branches come and go, are fed by others, modulated, and the mixer itself is rebuilt with another number of channels.
 */
function randomGraph(random: () => number): Json {
  const pick = <T>(choices: T[]): T => choices[Math.floor(random() * choices.length)] as T
  const nodes: Json[] = [
    { id: 'track', type: 'track_source' },
    { id: 'riff', type: 'track_source' },
    { id: 'tone', type: 'sine', params: { gain: 0.15 } },
  ]
  const connections: Json[] = []
  const connect = (from_node: string, from_port: string, to_node: string, to_port: string, more: Json = {}) =>
    connections.push({ from_node, from_port, to_node, to_port, ...more })
  connect('track', 'events_out', 'tone', 'events_in')
  connect('tone', 'audio_out', 'mixer', 'audio_in_0')
  const mixer: Json = { pan_0: -1, soft_clip: 0, channel_count: pick([4, 4, 4, 6]) }
  for (let channel = 1; channel < 4; channel++) {
    mixer[`pan_${channel}`] = 1
    if (random() < 0.3) continue
    const id = `voice${pick([channel, 1, 2, 3])}`
    if (!nodes.some((node) => node.id === id)) {
      nodes.push({ id, type: pick(['sine', 'builtin.synth']) })
      connect('riff', 'events_out', id, 'events_in')
    }
    if (random() < 0.5) {
      const effect = `effect${channel}`
      nodes.push({ id: effect, type: pick(['builtin.reverb', 'builtin.delay', 'builtin.chorus', 'builtin.filter']) })
      connect(id, 'audio_out', effect, 'audio_in', { gain: pick([1, 0.5]) })
      connect(effect, 'audio_out', 'mixer', `audio_in_${channel}`)
      // What is rewired may take the sine along, to the right.
      if (random() < 0.3) connect('tone', 'audio_out', effect, 'audio_in', { gain: 0.3 })
    } else {
      connect(id, 'audio_out', 'mixer', `audio_in_${channel}`, { gain: pick([1, 0.7, 0.2]) })
    }
  }
  if (random() < 0.4) {
    nodes.push({ id: 'lfo', type: 'builtin.control_lfo' })
    connect('lfo', 'control_out', 'mixer', 'gain_1', { mode: pick(['set', 'add']), amount: pick([0.5, 1]) })
  }
  nodes.push({ id: 'mixer', type: 'mixer', params: mixer })
  return { cmd: 'set_graph', nodes, connections }
}

/** A riff that is another one each time, and perhaps the long note. */
function randomSchedule(random: () => number, holds: boolean): Json {
  const events: Json[] = []
  if (holds) {
    events.push({ beat: 0, type: 'note_on', node_id: 'track', pitch: 69, velocity: 127 })
    events.push({ beat: 4000, type: 'note_off', node_id: 'track', pitch: 69 })
  }
  for (let beat = 0; beat < 100; beat += 0.25 + random()) {
    const pitch = 40 + Math.floor(40 * random())
    events.push({ beat, type: 'note_on', node_id: 'riff', pitch, velocity: 100 })
    events.push({ beat: beat + 0.3, type: 'note_off', node_id: 'riff', pitch })
  }
  return { cmd: 'set_schedule', events }
}

describe.runIf(hasJack())('a sine on a device', needs('portaudio', 'plugin_libraries'), () => {
  const start = jackServers(folder)

  it.each([
    { holds: 'the schedule', preview: false, seed: 1 },
    { holds: 'a hand on a key', preview: true, seed: 2 },
  ])('is untouched by a thousand edits elsewhere, held by $holds', { timeout: 120_000 }, async ({ preview, seed }) => {
    const jack = await start(128)
    const engine = await JsonEngine.open({ sampleRate: rate, outputDevice: 'system' })
    const random = randomNumbers(seed)
    const ask = (request: Json) => engine.must(request)
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
    await ask({ ...randomGraph(random), bpm: 120 })
    await ask(randomSchedule(random, !preview))
    if (preview) await ask({ cmd: 'note_on', node_id: 'tone', pitch: 69, velocity: 127 })
    await ask({ cmd: 'play' })
    await jack.connected()
    await pause(500) // until the attack is over
    jack.clear()

    const counts = { kept: 0, added: 0, removed: 0, rebuilt: 0 }
    for (let edit = 0; edit < 1000; edit++) {
      const kind = random()
      if (kind < 0.5) {
        const reply = await ask(randomGraph(random))
        expect(reply.kept).toContain('tone')
        for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += reply[key].length
      } else if (kind < 0.7) {
        await ask(randomSchedule(random, !preview))
      } else if (kind < 0.98) {
        for (let i = 0; i < 20; i++)
          await ask({ cmd: 'set_param', node_id: 'mixer', param_id: `gain_${1 + (i % 3)}`, value: random() })
      } else {
        await ask({ cmd: 'load_plugin', path: fixture('test_gain.so') })
      }
      if (edit % 10 === 0) await ask({ cmd: 'set_bpm', bpm: 80 + Math.floor(80 * random()) })
      await pause(12 * random())
    }
    await pause(100)
    const [left] = await jack.recorded()
    await engine.close()
    await jack.stop()

    expect(left.length).toBeGreaterThan(4 * rate)
    expect(Math.max(...left.subarray(-1000))).toBeCloseTo(Math.max(...left.subarray(0, 1000)), 5)
    expect(Math.max(...left.subarray(-1000))).toBeGreaterThan(0.05)
    expect(discontinuities(left, 440, rate)).toEqual([])
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(100)
  })
})
