// What a device is given is what a render writes: every sample, whatever the device's block size.
import { beforeAll, describe, expect, it } from 'vitest'
import { type SongData, songGraph, songSchedule } from '../src/index.ts'
import { JsonEngine, needs } from './support/engine.ts'
import { soundfont } from './support/fluidsynth.mjs'
import { temporaryFolder } from './support/folder.ts'
import { hasJack, jackServers } from './support/jack.ts'
import { eventually } from './support/live.ts'

const folder = temporaryFolder()

/** Instruments that decay and that hold, effects that ring, a tempo that moves, automation: two bars of each. */
const song: SongData = {
  bpm: 110,
  tempos: [{ beat: 3, bpm: 150, ramp_beats: 3 }],
  instruments: [{ id: 'piano', type: 'fluidsynth', params: { sf2_path: soundfont }, volume: 0.7, pan: -0.4 }],
  patterns: [
    {
      id: 'beat',
      grid: { steps_per_beat: 4, swing: 0.6, rows: { kick: 'x...|x...|x...|x..o', snare: '....|X...|..o.|X...' } },
    },
  ],
  tracks: [
    {
      id: 'keys',
      instrument: 'piano',
      program: 4,
      notes: [60, 64, 67, 71, 72, 67].map((pitch, index) => ({
        beat: index,
        length: 1.5,
        pitch,
        velocity: 70 + 9 * index,
      })),
    },
    {
      id: 'lead',
      instrument: { type: 'builtin.synth' },
      volume: 0.5,
      effects: [
        { id: 'echo', type: 'builtin.delay' },
        { id: 'wide', type: 'builtin.chorus' },
      ],
      notes: [
        {
          beat: 0.25,
          length: 2,
          pitch: 76,
          bend: [
            { beat: 0, semitones: 0 },
            { beat: 1, semitones: 2 },
          ],
        },
        { beat: 3, length: 1.7, pitch: 79 },
      ],
    },
    {
      id: 'drums',
      kit: 'gm',
      instrument: { type: 'builtin.synth' },
      placements: [{ pattern: 'beat', beat: 0, repeats: 2 }],
    },
  ],
  effects: [{ id: 'hall', type: 'builtin.reverb', params: { wet: 0.2 } }],
  automation: [
    {
      track: 'lead',
      param: 'volume',
      points: [
        { beat: 0, value: 0.2 },
        { beat: 5, value: 0.8 },
      ],
    },
    { node: 'master_hall', param: 'wet', points: [{ beat: 2, value: 0.4 }] },
  ],
}

/** An engine with the song. */
async function load(): Promise<JsonEngine> {
  const engine = await JsonEngine.open({ sampleRate: 48_000, outputDevice: 'none' })
  await engine.must({ cmd: 'set_graph', ...songGraph(song) })
  await engine.must({ cmd: 'set_schedule', events: songSchedule(song) })
  return engine
}

/** From the first frame that is not silent on. */
function sounding([left, right]: Float32Array[]): [Float32Array, Float32Array] {
  if (!left || !right) throw new Error('Expected two channels')
  const first = left.findIndex((sample, frame) => sample !== 0 || right[frame] !== 0)
  if (first < 0) throw new Error('Expected sound')
  return [left.subarray(first), right.subarray(first)]
}

/** The first frame on which they differ, bit for bit; -1: none. */
function firstDifference(one: Float32Array, other: Float32Array): number {
  const [a, b] = [one, other].map((samples) => new Uint32Array(samples.slice().buffer)) as [Uint32Array, Uint32Array]
  return a.findIndex((bits, frame) => bits !== b[frame])
}

describe.runIf(hasJack())('what a JACK server is given', needs('portaudio', 'fluidsynth'), () => {
  const start = jackServers(folder)
  let rendered: [Float32Array, Float32Array]

  beforeAll(async () => {
    const engine = await load()
    const { data } = await engine.must({ cmd: 'render', format: 'raw_f32', tail_seconds: 2 })
    await engine.close()
    const bytes = Buffer.from(data, 'base64')
    const both = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    const channel = (offset: number) =>
      Float32Array.from({ length: both.length / 2 }, (_, i) => both[2 * i + offset] ?? 0)
    rendered = sounding([channel(0), channel(1)])
    expect(rendered[0].length).toBeGreaterThan(4 * 48_000)
  })

  it.each([64, 128, 256, 512])('is the render, in blocks of %i frames', async (frames) => {
    const jack = await start(frames)
    const engine = await load()
    expect((await engine.must({ cmd: 'open_device', name: 'system' })).block_size).toBe(frames)
    await jack.connected()
    await engine.must({ cmd: 'play', reset: true })
    const position = () => engine.must({ cmd: 'get_position' })
    const from: number = (await position()).frame
    await eventually(position, ({ frame }) => frame > from + 24_000) // half a second as it is
    jack.freewheel(true)
    await eventually(position, ({ frame }) => frame > from + rendered[0].length + 4800)
    jack.freewheel(false)
    const captured = sounding(await jack.recorded())
    await engine.close()
    await jack.stop()
    for (const channel of [0, 1] as const) {
      const [wanted, played] = [rendered[channel], captured[channel].subarray(0, rendered[channel].length)]
      expect({ channel, frames: played.length, differs: firstDifference(wanted, played) }).toEqual({
        channel,
        frames: wanted.length,
        differs: -1,
      })
    }
  })
})
