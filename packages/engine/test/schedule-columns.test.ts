// SPDX-License-Identifier: MIT
// Schedules in columns are the same schedules: same state, same warnings, same sound, as text and as typed arrays.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { curveColumns, type Engine, type ScheduleColumns, type ScheduleEvent } from '../src/index.ts'
import { createEngine } from './support/engine.ts'

let engine: Engine
beforeEach(async () => {
  engine = await createEngine({ sampleRate: 48000, outputDevice: null })
  await engine.send({
    cmd: 'set_graph',
    bpm: 120,
    nodes: [
      { id: 'a', type: 'builtin.sine' },
      { id: 'b', type: 'builtin.sine' },
      { id: 'mixer', type: 'mixer' },
    ],
    connections: [
      { from_node: 'a', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
      { from_node: 'b', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_1' },
    ],
  })
})
afterEach(() => engine.close())

/** Numbers from 0 to 1 that are the same with every run. */
function* randoms(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state / 2 ** 32
  }
}

type Field = 'beat' | 'channel' | 'pitch' | 'velocity' | 'value' | 'ramp_beats' | 'type' | 'node_id' | 'param_id'
const numbers: Field[] = ['beat', 'channel', 'pitch', 'velocity', 'value', 'ramp_beats']

/** Groups of events of one kind, as they stand in a schedule. */
function randomGroups(seed: number): ScheduleEvent[][] {
  const random = randoms(seed)
  const next = (most: number) => Math.floor(random.next().value * most)
  return Array.from({ length: 1 + next(4) }, () => {
    const type = (['note_on', 'note_off', 'cc', 'param', 'tempo', 'bend'] as const)[next(6)] as ScheduleEvent['type']
    return Array.from({ length: next(60) }, (): ScheduleEvent => {
      const beat = next(400) / 100 - (next(10) === 0 ? 1 : 0)
      if (type === 'tempo') return { beat, type, value: 60 + next(100), ramp_beats: next(2) }
      const node_id = ['a', 'b', 'gone'][next(3)] as string
      if (type === 'param')
        return { beat, type, node_id, param_id: 'gain', value: next(100) / 100, ramp_beats: next(3) / 8 }
      return { beat, type, node_id, channel: next(16), pitch: 40 + next(40), velocity: next(128) }
    })
  })
}

/** One value where all are the same, else an array: plain, or typed where it may be. */
function columnsOf(events: ScheduleEvent[], seed: number): ScheduleColumns {
  const random = randoms(seed)
  const out: Record<string, unknown> = {}
  for (const field of Object.keys(events[0] as object) as Field[]) {
    const values = events.map((event) => event[field])
    const kind = Math.floor(random.next().value * 3)
    const isWhole = values.every((value) => Number.isInteger(value))
    if (field !== 'beat' && values.every((value) => value === values[0])) out[field] = values[0]
    else if (kind === 0 || !numbers.includes(field)) out[field] = values
    else
      out[field] = isWhole && kind === 1 ? Int32Array.from(values as number[]) : Float64Array.from(values as number[])
  }
  return out as ScheduleColumns
}

const renderedBytes = async () => {
  const { channelData } = await engine.render(undefined, { durationBeats: 5, tailSeconds: 0 })
  return channelData.map((samples) =>
    Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64'),
  )
}
const session = async () => (await engine.send({ cmd: 'get_state' })).state

describe('columns', () => {
  it('are the same schedule as the events one by one: state, warnings, sound', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const groups = randomGroups(seed).filter((group) => group.length > 0)
      const events = groups.flat()
      const plain = await engine.send({ cmd: 'set_schedule', events })
      const [state, sound] = [await session(), await renderedBytes()]
      const first = groups.length > 1 ? (groups[0] as ScheduleEvent[]) : []
      const columns = groups.slice(first.length > 0 ? 1 : 0).map((group) => columnsOf(group, seed))
      const packed = await engine.send({ cmd: 'set_schedule', events: first, columns })
      expect(packed.events).toBe(plain.events)
      expect(packed.warnings.map(({ code, message }) => [code, message])).toEqual(
        plain.warnings.map(({ code, message }) => [code, message]),
      )
      expect(await session()).toEqual(state)
      expect(await renderedBytes()).toEqual(sound)
    }
  })

  it('say where a value is wrong: of a column, or of all', async () => {
    const set = (columns: object[]) =>
      engine.send({ cmd: 'set_schedule', columns } as never).then(
        () => 'accepted',
        ({ code, path }: { code: string; path?: string }) => `${code} ${path}`,
      )
    const group = { type: 'param', node_id: 'a', param_id: 'gain', beat: [0, 1], value: [0, 1] }
    const wrong: [object, string][] = [
      [{ ...group, beat: [0, 1, 2] }, 'invalid_request /columns/1/value'],
      [{ ...group, value: new Float64Array(3) }, 'invalid_request /columns/1/value'],
      [{ ...group, beat: new Float64Array([0, 2e9]) }, 'out_of_range /columns/1/beat/1'],
      [{ ...group, beat: [0, 'x'] }, 'type_mismatch /columns/1/beat/1'],
      [{ ...group, node_id: undefined }, 'invalid_request /columns/1/node_id'],
      [{ ...group, node_id: ['a', ''] }, 'invalid_request /columns/1/node_id/1'],
      [{ ...group, type: undefined }, 'invalid_request /columns/1/type'],
      [{ ...group, type: ['param', 'parm'] }, 'out_of_range /columns/1/type/1'],
      [{ ...group, channel: new Float64Array([0, 0.5]) }, 'type_mismatch /columns/1/channel/1'],
      [{ ...group, gain: 1 }, 'invalid_request /columns/1/gain'],
      [{ ...group, beat: 0, value: 0 }, 'invalid_request /columns/1'],
      [{ ...group, type: 'tempo', value: [60, 1000] }, 'out_of_range /columns/1/value/1'],
      [{ ...group, type: 'note_on', pitch: 200, param_id: undefined }, 'out_of_range /columns/1/pitch'],
    ]
    await engine.send({ cmd: 'set_schedule', columns: [group as ScheduleColumns] })
    const before = await session()
    for (const [columns, refusal] of wrong) expect(await set([group, columns]), JSON.stringify(columns)).toBe(refusal)
    // Where it travels as text its first number is what is wrong.
    const numbers = await set([group, { ...group, node_id: new Float64Array(2) }])
    expect(numbers).toMatch(/^type_mismatch \/columns\/1\/node_id(\/0)?$/)
    expect(await session()).toEqual(before)
  })

  it('may be a curve of a parameter, in straight lines from value to value', async () => {
    const values = Float32Array.from([0, 1, 0.5])
    const columns = curveColumns(values, { node: 'a', param: 'gain', beat: 2, beats: 4 })
    await engine.send({ cmd: 'set_schedule', columns: [columns] })
    const { state } = await engine.send({ cmd: 'get_state' })
    expect(state?.events?.map(({ beat, value, ramp_beats }) => [beat, value, ramp_beats])).toEqual([
      [2, 0, expect.closeTo(0, 8)],
      [2, 1, 2],
      [4, 0.5, 2],
    ])
    expect(() => curveColumns([], { node: 'a', param: 'gain', beats: 1 })).toThrow('at least one value')
    expect(() => curveColumns([1], { node: 'a', param: 'gain', beats: Number.NaN })).toThrow('beats above 0')
  })

  it('that are a curve go through every value, also the first, however far it is from what was before', async () => {
    const beatFrames = 24_000
    const note = { beat: 0, type: 'note_on', node_id: 'a', pitch: 69, velocity: 127 } as const
    const rendered = async (...columns: ScheduleColumns[]) => {
      await engine.send({ cmd: 'set_schedule', events: [note], columns })
      const { channelData } = await engine.render(undefined, { durationBeats: 4, tailSeconds: 0 })
      return channelData[0] as Float32Array
    }
    const place = { node: 'a', param: 'gain' }
    await engine.send({ cmd: 'set_param', node_id: 'a', param_id: 'gain', value: 0.25 })
    const plain = await rendered()
    const curve = await rendered(curveColumns([0.5, 0, 0.25], { ...place, beat: 1, beats: 2 }))
    const gainAt = (frame: number) => (0.25 * (curve[frame] as number)) / (plain[frame] as number)
    const expectedAt = (frame: number) => {
      const beat = frame / beatFrames
      if (beat < 1) return 0.25
      return beat < 2 ? (2 - beat) / 2 : Math.min((beat - 2) / 4, 0.25)
    }
    const loud = Array.from(plain.keys()).filter((frame) => Math.abs(plain[frame] as number) > 0.05)
    const wrong = loud
      .map((frame) => ({ frame, is: gainAt(frame), expected: expectedAt(frame) }))
      .filter(({ is, expected }) => Math.abs(is - expected) > 0.001)
    expect(loud.length).toBeGreaterThan(2 * beatFrames)
    expect(wrong.slice(0, 3)).toEqual([])
  })
})
