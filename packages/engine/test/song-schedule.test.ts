import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Engine,
  generalMidiKit,
  type ScheduleEvent,
  Song,
  type SongData,
  songSchedule,
  type Track,
} from '../src/index.ts'
import { createEngine } from './support/engine.ts'
import { refusal } from './support/refusal.ts'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine()
})
afterAll(() => engine.close())

describe('songSchedule', () => {
  const eventsOf = (track: Omit<Track, 'id'>, rest: SongData = {}) =>
    songSchedule({ ...rest, tracks: [{ id: 'a', ...track }] }).map(({ node_id: _, ...event }) => event)
  const onsOf = (events: ScheduleEvent[]) =>
    events.filter(({ type }) => type === 'note_on').map(({ beat, pitch, velocity }) => [beat, pitch, velocity])

  it('turns notes into pairs of events with both velocities', () => {
    expect(
      songSchedule({
        tracks: [{ id: 'a', channel: 2, notes: [{ beat: 1, length: 0.5, pitch: 64, release_velocity: 9 }] }],
      }),
    ).toEqual([
      { beat: 1, node_id: 'track_a', type: 'note_on', channel: 2, pitch: 64, velocity: 100 },
      { beat: 1.5, node_id: 'track_a', type: 'note_off', channel: 2, pitch: 64, velocity: 9 },
    ])
  })

  it('ends a note before the next begins on its key', () => {
    const notes = [0, 1, 2].map((beat) => ({ beat, length: 1, pitch: 60 }))
    expect(eventsOf({ notes }).map(({ beat, type }) => `${beat} ${type}`)).toEqual([
      '0 note_on',
      '1 note_off',
      '1 note_on',
      '2 note_off',
      '2 note_on',
      '3 note_off',
    ])
  })

  it('repeats, transposes and cuts patterns', () => {
    const patterns = [
      {
        id: 'p',
        length: 2,
        notes: [
          { beat: 0, length: 0.5, pitch: 60 },
          { beat: 1, length: 3, pitch: 62, velocity: 50 },
        ],
      },
    ]
    const placements = [{ pattern: 'p', beat: 4, repeats: 3, transpose: -12, length: 3.5 }]
    expect(eventsOf({ placements }, { patterns }).map(({ beat, type, pitch }) => [beat, type, pitch])).toEqual([
      [4, 'note_on', 48],
      [4.5, 'note_off', 48],
      [5, 'note_on', 50],
      [6, 'note_on', 48],
      [6.5, 'note_off', 48],
      [7, 'note_on', 50],
      [7.5, 'note_off', 50],
      [7.5, 'note_off', 50],
    ])
  })

  it('plays the rows of a grid on the drum channel', () => {
    const patterns = [
      { id: 'p', grid: { steps_per_beat: 2, rows: { kick: 'x.o.', snare: '. . | X .', cowbell: [0, 1, 0, 0] } } },
    ]
    const events = eventsOf({ kit: 'gm', placements: [{ pattern: 'p', beat: 8, repeats: 2 }] }, { patterns })
    expect(new Set(events.map(({ channel }) => channel))).toEqual(new Set([9]))
    expect(onsOf(events)).toEqual([
      [8, 36, 100],
      [8.5, 56, 1],
      [9, 36, 64],
      [9, 38, 127],
      [10, 36, 100],
      [10.5, 56, 1],
      [11, 36, 64],
      [11, 38, 127],
    ])
    expect(generalMidiKit.open_triangle).toBe(81)
  })

  it('swings the second step of each pair', () => {
    const patterns = [{ id: 'p', grid: { steps_per_beat: 2, swing: 0.75, rows: { tick: 'xxxx' } } }]
    const events = eventsOf({ kit: { tick: 70 }, channel: 4, placements: [{ pattern: 'p', beat: 0 }] }, { patterns })
    expect(events.map(({ beat, type, channel }) => [beat, type, channel])).toEqual([
      [0, 'note_on', 4],
      [0.75, 'note_off', 4],
      [0.75, 'note_on', 4],
      [1, 'note_off', 4],
      [1, 'note_on', 4],
      [1.75, 'note_off', 4],
      [1.75, 'note_on', 4],
      [2, 'note_off', 4],
    ])
  })

  it('sends program, bank and bend range first', () => {
    expect(eventsOf({ channel: 1, program: 5, bank: 8, bend_range: 12 })).toEqual([
      { beat: 0, type: 'program', channel: 1, pitch: 5, velocity: 8 },
      ...[
        [101, 0],
        [100, 0],
        [6, 12],
        [38, 0],
      ].map(([pitch, velocity]) => ({ beat: 0, type: 'cc', channel: 1, pitch, velocity })),
    ])
  })

  it('bends a note in small steps, and puts the wheel back for the next', () => {
    const bend = [
      { beat: 0, semitones: -1 },
      { beat: 1, semitones: 2 },
    ]
    const events = eventsOf({
      notes: [
        { beat: 4, length: 2, pitch: 60, bend },
        { beat: 6, length: 1, pitch: 62 },
      ],
    })
    const wheel = events
      .filter(({ type }) => type === 'bend')
      .map(({ beat, pitch }) => [beat as number, pitch as number])
    expect(wheel[0]).toEqual([4, 4096])
    expect(wheel.at(-2)).toEqual([5, 16_383])
    expect(wheel.at(-1)).toEqual([6, 8192])
    for (const [index, [beat = 0, value = 0]] of wheel.slice(0, -1).entries()) {
      // On the line from −1 to 2 semitones, of a wheel that is ±2 wide, to the wheel's own precision.
      expect(value).toBeCloseTo(Math.min(16_383, 8192 + 4096 * (-1 + 3 * (beat - 4))), -0.5)
      const cents = ((value - (wheel[index - 1]?.[1] ?? value)) / 8192) * 200
      expect(Math.abs(cents)).toBeLessThan(5.1)
    }
    const order = events.filter(({ beat }) => beat === 6).map(({ type }) => type)
    expect(order).toEqual(['note_off', 'bend', 'note_on'])
  })

  it('gives bent notes that overlap channels of their own', () => {
    const bend = [
      { beat: 0, semitones: 0 },
      { beat: 1, semitones: 1 },
    ]
    const chord = [60, 64].map((pitch) => ({ beat: 0, length: 2, pitch, bend }))
    const notes = [...chord, { beat: 0, length: 4, pitch: 48 }, { beat: 2, length: 1, pitch: 67, bend }]
    const events = eventsOf({ channel: 0, program: 3, bend_channels: [4, 5], notes })
    const ons = events.filter(({ type }) => type === 'note_on').map(({ pitch, channel }) => [pitch, channel])
    expect(ons).toEqual([
      [60, 4],
      [64, 5],
      [48, 0],
      [67, 4],
    ])
    expect(events.filter(({ type }) => type === 'program').map(({ channel }) => channel)).toEqual([0, 4, 5])
    expect(events.some(({ type, channel }) => type === 'bend' && channel === 0)).toBe(false)
  })

  it('refuses a bend that would move another note', () => {
    const bent = { beat: 1, length: 1, pitch: 60, bend: [{ beat: 0, semitones: 1 }] }
    const refused = { code: 'invalid_song', path: '/tracks/0/notes/1' }
    const plain = { beat: 0.5, length: 2, pitch: 50 }
    expect(refusal({ tracks: [{ id: 'a', notes: [plain, bent] }] })).toMatchObject(refused)
    expect(refusal({ tracks: [{ id: 'a', notes: [bent, { ...plain, beat: 1.5 }] }] })).toMatchObject(refused)
    const two = { id: 'a', bend_channels: [3], notes: [bent, bent] }
    expect(refusal({ tracks: [two] })).toMatchObject(refused)
    expect(songSchedule({ tracks: [{ id: 'a', notes: [bent, { ...plain, beat: 2 }] }] })).toHaveLength(6)
  })

  it('draws automation with steps and lines', () => {
    const points = [
      { beat: 0, value: 0.2 },
      { beat: 4, value: 1 },
      { beat: 6, value: 0.5, curve: 'step' as const },
    ]
    const song: SongData = { tracks: [{ id: 'a' }, { id: 'b' }], automation: [{ track: 'b', param: 'pan', points }] }
    const at = { type: 'param', node_id: 'mixer', param_id: 'pan_1' }
    expect(songSchedule(song)).toEqual([
      { beat: 0, ...at, value: 0.2 },
      { beat: 0, ...at, value: 1, ramp_beats: 4 },
      { beat: 6, ...at, value: 0.5 },
    ])
  })

  it('is in order, set-up first, and keeps the order of what is given at one beat', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ beat: fc.integer({ min: -2, max: 3 }), pitch: fc.integer({ min: 0, max: 127 }) })),
        (given) => {
          const events = given.map(({ beat, pitch }) => ({ beat, type: 'cc' as const, pitch, velocity: 1 }))
          const song: SongData = { tracks: [{ id: 'a', events }] }
          const before = structuredClone(song)
          const key = (beat = 0) => (beat < 0 ? -1 : beat)
          const expected = [-1, 0, 1, 2, 3].flatMap((beat) => events.filter((event) => key(event.beat) === beat))
          expect(songSchedule(song)).toEqual(expected.map((event) => ({ node_id: 'track_a', ...event })))
          expect(song).toEqual(before)
        },
      ),
    )
  })

  it.each<[string, SongData]>([
    ['a ramp', { tempos: [{ beat: 1, bpm: 300, ramp_beats: 4 }] }],
    [
      'a ramp that is cut',
      {
        tempos: [
          { beat: 1, bpm: 300, ramp_beats: 8 },
          { beat: 3, bpm: 200 },
        ],
      },
    ],
    [
      'a ramp out of a ramp',
      {
        tempos: [
          { beat: 0, bpm: 600, ramp_beats: 8 },
          { beat: 4, bpm: 60, ramp_beats: 2 },
        ],
      },
    ],
    [
      'a ramp that begins with a step',
      {
        tempos: [
          { beat: 2, bpm: 400 },
          { beat: 2, bpm: 200, ramp_beats: 4 },
        ],
      },
    ],
    [
      'a step that takes the place of a ramp',
      {
        tempos: [
          { beat: 2, bpm: 60, ramp_beats: 4 },
          { beat: 2, bpm: 400 },
        ],
      },
    ],
  ])('takes the time that the engine takes: %s', async (_name, tempo) => {
    const song = new Song({ ...tempo, tracks: [{ id: 'a', notes: [{ beat: 0, length: 9, pitch: 60 }] }] })
    await engine.load(song)
    const { frames, sampleRate } = await engine.render(undefined, { tailSeconds: 0 })
    expect(Math.abs(frames - song.durationSeconds * sampleRate)).toBeLessThanOrEqual(0.6)
  })

  it('is heard as it is written', async () => {
    // One beat of a second: left only, then silence, then right only.
    const song = new Song({
      bpm: 60,
      tracks: [
        { id: 'left', instrument: { type: 'builtin.sine' }, pan: -1, notes: [{ beat: 0, length: 0.5, pitch: 69 }] },
        { id: 'right', instrument: { type: 'builtin.sine' }, pan: 1, notes: [{ beat: 2, length: 0.5, pitch: 81 }] },
      ],
    })
    await engine.load(song)
    const { channelData, sampleRate } = await engine.render(undefined, { tailSeconds: 0.5 })
    const level = (channel: number, from: number, to: number) =>
      (channelData[channel] as Float32Array)
        .subarray(from * sampleRate, to * sampleRate)
        .reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)
    expect(level(0, 0.1, 0.4)).toBeGreaterThan(0.1)
    expect(level(1, 0, 2)).toBe(0)
    expect(level(1, 2.1, 2.4)).toBeGreaterThan(0.1)
    expect(level(0, 2.1, 2.4)).toBeLessThan(1e-6)
  })
})
