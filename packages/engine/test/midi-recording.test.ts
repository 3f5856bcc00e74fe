// What is played is recorded: each event as it was, at the beat that was heard when it came.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Engine, recordedPattern, type ScheduleEvent, songSchedule } from '../src/index.ts'
import { createEngine } from './support/engine.ts'

const loopback = 'loopback'
const blockSize = 8192
const sampleRate = 48000
/** Beats a second. */
const tempo = 2
const blockBeats = (blockSize / sampleRate) * tempo
let engine: Engine

beforeEach(async () => {
  engine = await createEngine({ sampleRate, blockSize, outputDevice: 'none' })
  const nodes = [
    { id: 'track', type: 'track_source' },
    { id: 'mixer', type: 'mixer' },
  ]
  await engine.load({ graph: { nodes, bpm: 60 * tempo }, events: [] })
  await engine.midi.openInput(loopback)
  await engine.midi.openOutput(loopback)
})
afterEach(() => engine.close())

const play = (...bytes: number[]) => engine.midi.send(loopback, bytes)
const position = () => engine.position()

/** Numbers from 0 up to, not including, `end`: the same for a seed. */
function dice(seed: number): (end: number) => number {
  let state = seed
  return (end) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * end)
  }
}

/** What a schedule says of a message at a beat, or nothing for an off that ends nothing. */
class Listener {
  readonly events: Partial<ScheduleEvent>[] = []
  readonly #held: [number, number][] = []
  readonly #banks = new Array<number>(16).fill(0)

  hear(beat: number, status: number, first: number, second = 0): void {
    const channel = status & 15
    const put = (event: Partial<ScheduleEvent>) => this.events.push({ beat, node_id: 'track', channel, ...event })
    const held = this.#held.findIndex(([c, pitch]) => c === channel && pitch === first)
    const kind = status >> 4 === 9 && second === 0 ? 8 : status >> 4 // a note_on without velocity is an off
    switch (kind) {
      case 9:
        this.#held.push([channel, first])
        put({ type: 'note_on', pitch: first, velocity: second })
        break
      case 8:
        if (held < 0) break
        this.#held.splice(held, 1)
        put({ type: 'note_off', pitch: first, velocity: second })
        break
      case 10:
        put({ type: 'poly_pressure', pitch: first, velocity: second })
        break
      case 11:
        if (first === 0) this.#banks[channel] = second
        put({ type: 'cc', pitch: first, velocity: second })
        break
      case 12:
        put({ type: 'program', pitch: first, velocity: this.#banks[channel] ?? 0 })
        break
      case 13:
        put({ type: 'pressure', velocity: first })
        break
      case 14:
        put({ type: 'bend', pitch: second * 128 + first })
    }
  }

  /** Lets go of what is held, in the order it was begun. */
  end(beat: number): void {
    for (const [channel, pitch] of this.#held) {
      this.events.push({ beat, node_id: 'track', channel, type: 'note_off', pitch, velocity: 0 })
    }
  }
}

describe('a recording', () => {
  it.each([1, 2, 3, 4, 5])(
    'has exactly what was played, at the beat of a playhead that stands: seed %i',
    async (seed) => {
      const roll = dice(seed)
      const heard = new Listener()
      await engine.midi.record({ whileStopped: true })
      let beat = 0
      for (let i = 0; i < 400; i++) {
        if (roll(4) === 0) {
          beat += roll(1000) / 64 // a whole frame, so that it stands there exactly
          await engine.seek(beat)
        }
        const kind = [9, 9, 9, 8, 8, 8, 10, 11, 12, 13, 14, 9][roll(12)] ?? 9
        const status = kind * 16 + (roll(3) ? 0 : roll(16))
        const bytes = [status, kind === 9 || kind === 8 ? 60 + roll(6) : roll(120), roll(3) ? roll(128) : 0]
        if (kind === 12 || kind === 13) bytes.pop()
        await play(...bytes)
        heard.hear(beat, status, bytes[1] ?? 0, bytes[2])
      }
      heard.end(beat)
      expect(await engine.midi.stopRecording()).toMatchObject(heard.events)
    },
  )

  it('places events within the block that was heard, and between two to the time that passed', async () => {
    await engine.midi.record()
    await engine.play()
    const sent: { first: number; last: number; before: number; after: number; frame: number | undefined }[] = []
    while ((await position()).beat === 0); // the audio thread has begun
    const from = (await position()).frame
    while (sent.length < 400 || (await position()).frame < from + 6 * blockSize) {
      const start = await position()
      const before = performance.now()
      await play(0x90, sent.length % 128, 100)
      const after = performance.now()
      const end = await position()
      sent.push({
        first: start.beat - blockBeats,
        last: end.beat,
        before,
        after,
        frame: start.frame === end.frame ? start.frame : undefined,
      })
    }
    await engine.stop()
    const ons = (await engine.midi.stopRecording()).filter(({ type }) => type === 'note_on')
    expect(ons.map(({ pitch }) => pitch)).toEqual(sent.map((_, i) => i % 128))
    const beats = ons.map(({ beat = 0 }) => beat)
    for (const [i, { first, last }] of sent.entries()) {
      expect(beats[i]).toBeGreaterThanOrEqual(Math.max(0, first) - 1e-9)
      expect(beats[i]).toBeLessThanOrEqual(last + 1e-9)
    }
    // Two of one block are as far apart as they were sent; the clock of neither is known better than to a millisecond.
    const slack = 0.001
    let pairs = 0
    for (const [i, one] of sent.entries()) {
      const other = sent[i + 1]
      const isCapped = (beats[i + 1] ?? 0) >= (other?.last ?? 0) - 1e-9 // the next block was late
      if (!other || one.frame === undefined || one.frame !== other.frame || isCapped) continue
      const apart = ((beats[i + 1] ?? 0) - (beats[i] ?? 0)) / tempo
      expect(apart).toBeGreaterThanOrEqual((other.before - one.after) / 1000 - slack)
      expect(apart).toBeLessThanOrEqual((other.after - one.before) / 1000 + slack)
      pairs++
    }
    expect(pairs).toBeGreaterThan(100)
  })

  it('keeps nothing while the transport stands, unless it is asked to', async () => {
    await engine.midi.record()
    await play(0x90, 60, 100)
    await play(0x80, 60, 0)
    expect(await engine.midi.stopRecording()).toEqual([])
  })

  it('ends what is held when it ends, and knows no end of what began before it', async () => {
    await play(0x90, 60, 100)
    await engine.midi.record({ whileStopped: true })
    await play(0x80, 60, 0)
    await play(0x90, 64, 100)
    await engine.seek(2)
    const events = await engine.midi.stopRecording()
    expect(events).toMatchObject([
      { beat: 0, type: 'note_on', pitch: 64 },
      { beat: 2, type: 'note_off', pitch: 64 },
    ])
    expect(await engine.midi.stopRecording()).toEqual([])
  })

  it('stays inside a loop, and a note over its end is as long as it was held', async () => {
    await engine.setLoop({ start: 4, end: 5 })
    await engine.seek(4)
    await engine.midi.record()
    await engine.play()
    let pitch = 0
    const longest: number[] = []
    const start = (await position()).frame
    // Round three times, a note at a time.
    while ((await position()).frame < start + 3.5 * (sampleRate / tempo)) {
      const began = performance.now()
      await play(0x90, pitch, 100)
      const { frame } = await position()
      while ((await position()).frame === frame);
      await play(0x80, pitch++, 0)
      longest.push(((performance.now() - began) / 1000) * tempo + 2 * blockBeats)
    }
    const events = await engine.midi.stopRecording()
    const ons = events.filter(({ type }) => type === 'note_on')
    expect(ons).toHaveLength(pitch)
    for (const { beat, pitch } of ons) {
      expect(beat).toBeGreaterThanOrEqual(4)
      expect(beat).toBeLessThan(5)
      const off = events.find((event) => event.type === 'note_off' && event.pitch === pitch)
      expect(off?.beat).toBeGreaterThanOrEqual(beat ?? 0)
      expect(off?.beat).toBeLessThanOrEqual((beat ?? 0) + (longest[pitch ?? 0] ?? 0))
    }
  })
})

describe('a pattern of what was recorded', () => {
  const note = (beat: number, end: number, pitch: number, more: Partial<ScheduleEvent> = {}): ScheduleEvent[] => [
    { beat, type: 'note_on', node_id: 'track', channel: 0, pitch, velocity: 90, ...more },
    { beat: end, type: 'note_off', node_id: 'track', channel: 0, pitch, velocity: 0, ...more },
  ]
  const byBeat = (events: ScheduleEvent[]) => events.sort((a, b) => (a.beat ?? 0) - (b.beat ?? 0))

  it('plays what was played', () => {
    const played = byBeat([...note(8.1, 8.6, 60), ...note(8.3, 9.9, 64), ...note(8.4, 8.5, 60), ...note(10, 11.2, 67)])
    const { pattern } = recordedPattern(played, { id: 'take', from: 8 })
    expect(pattern.length).toBe(4)
    const song = {
      patterns: [pattern],
      tracks: [{ id: 'piano', channel: 0, placements: [{ pattern: 'take', beat: 8 }] }],
    }
    const again = songSchedule(song).filter(({ type }) => type.startsWith('note'))
    const seen = (events: ScheduleEvent[]) =>
      events.map(({ beat = 0, type, pitch }) => `${beat.toFixed(9)} ${type} ${pitch}`).sort()
    // The first off of a key ends its oldest note.
    expect(seen(again)).toEqual(seen(played))
  })

  it('may be put on a grid, where the end of a loop is its start', () => {
    const played = byBeat([...note(4.06, 4.5, 60), ...note(4.9, 5.4, 62), ...note(7.97, 8.3, 64)])
    const { pattern } = recordedPattern(played, { id: 'take', from: 4, length: 4, quantise: 0.25 })
    expect(pattern.length).toBe(4)
    expect(pattern.notes?.map(({ beat, pitch }) => [beat, pitch])).toEqual([
      [0, 60],
      [0, 64],
      [1, 62],
    ])
    expect(pattern.notes?.[0]?.length).toBeCloseTo(0.44, 9)
  })

  it('takes one node and channel when told, and gives the pedals apart', () => {
    const pedal: ScheduleEvent = { beat: 1, type: 'cc', node_id: 'track', channel: 0, pitch: 64, velocity: 127 }
    const knob: ScheduleEvent = { beat: 2, type: 'param', node_id: 'synth', param_id: 'gain', value: 1 }
    const played = byBeat([
      ...note(0, 1, 60),
      ...note(0, 1, 61, { channel: 1 }),
      ...note(0, 1, 62, { node_id: 'other' }),
    ])
    const { pattern, events } = recordedPattern([...played, pedal, knob], { id: 'take', nodeId: 'track', channel: 0 })
    expect(pattern.notes?.map(({ pitch }) => pitch)).toEqual([60])
    expect(events).toEqual([{ beat: 1, type: 'cc', channel: 0, pitch: 64, velocity: 127 }])
  })

  it('refuses a grid of nothing', () => {
    expect(() => recordedPattern([], { id: 'take', quantise: 0 })).toThrow('Expected quantise above 0 but received 0')
    expect(recordedPattern([], { id: 'take' }).pattern).toEqual({ id: 'take', length: 1, notes: [] })
  })
})
