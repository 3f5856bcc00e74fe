// Nothing is accepted silently: what is forgiven is told, what is wrong is refused, and what is set is what is in force.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ScheduleEvent } from '../src/index.ts'
import { JsonEngine, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { sessionOf } from './support/sessions.ts'

const folder = temporaryFolder()
let engine: JsonEngine
beforeEach(async () => {
  engine = await JsonEngine.open()
})
afterEach(() => engine.close())

const ask = (request: object) => engine.ask(request)
const sine = { id: 'sine', type: 'sine' }
const mixer = { id: 'mixer', type: 'mixer' }

describe('values', () => {
  it('are shown as they are in force, and the request is told what was changed', async () => {
    const params = { master_gain: 99, channel_count: 2.6, soft_clip: 'hard' }
    const { warnings } = await ask({ cmd: 'set_graph', nodes: [{ ...mixer, params }] })
    expect(warnings.map(({ code, path }: { code: string; path: string }) => [code, path])).toEqual([
      ['out_of_range', '/nodes/0/params/channel_count'],
      ['out_of_range', '/nodes/0/params/master_gain'],
      ['type_mismatch', '/nodes/0/params/soft_clip'],
    ])
    expect((await ask({ cmd: 'get_graph' })).nodes[0].params).toMatchObject({ master_gain: 2, channel_count: 3 })
  })

  it('of one node are no occasion to speak of the others', async () => {
    await ask({ cmd: 'set_graph', nodes: [{ ...mixer, params: { nonsense: 1 } }, sine] })
    const { warnings } = await ask({ cmd: 'set_node_config', node_id: 'sine', config: { gain: 2 } })
    expect(warnings).toMatchObject([{ code: 'out_of_range', path: '/config/gain' }])
    expect((await ask({ cmd: 'get_graph' })).nodes[1].params).toEqual({ gain: 1 })
  })

  it('that are given twice, and texts with a NUL, are refused', async () => {
    const requests = [
      '{"cmd":"set_bpm","bpm":100,"bpm":120}',
      '{"cmd":"set_graph","nodes":[{"id":"mixer","type":"mixer","params":{"master_gain":1,"master_gain":2}}]}',
      '{"cmd":"set_graph","nodes":[{"id":"mixer","type":"mixer","channel_count":3,"params":{"channel_count":4}}]}',
      '{"cmd":"render","path":"song\\u0000.wav"}',
      '{"cmd":"set_graph","nodes":[{"id":"","type":"mixer"}]}',
    ]
    for (const request of requests)
      expect(JSON.parse(await engine.handle(request)), request).toMatchObject({
        status: 'error',
        code: 'invalid_request',
      })
  })
})

describe('files', needs('files', 'fluidsynth'), () => {
  it('that are no SoundFont are refused when they are set, and the one before stays', async () => {
    const path = join(folder, 'no-font.sf2')
    writeFileSync(path, 'RIFF')
    await ask({ cmd: 'set_graph', nodes: [{ id: 'piano', type: 'fluidsynth' }, mixer] })
    const before = await ask({ cmd: 'get_graph' })
    expect(await ask({ cmd: 'load_sf2', path })).toMatchObject({
      status: 'error',
      code: 'plugin_failed',
      path: '/path',
    })
    const nodes = [{ id: 'piano', type: 'fluidsynth', sf2_path: path }, mixer]
    const refused = { status: 'error', code: 'plugin_failed', path: '/nodes/0/sf2_path' }
    expect(await ask({ cmd: 'set_graph', nodes })).toMatchObject(refused)
    expect(await ask({ cmd: 'get_graph' })).toEqual(before)
  })
})

describe('events', () => {
  it('that will do nothing are told', async () => {
    await ask({ cmd: 'set_graph', nodes: [sine, mixer] })
    const events = [
      { type: 'note_on', node_id: 'mixer' },
      { type: 'param', node_id: 'sine', param_id: 'gian', value: 1 },
      { type: 'control', node_id: 'sine', value: 1 },
      { type: 'note_on', node_id: 'later' },
      { type: 'note_on', node_id: 'sine' },
    ]
    const { warnings } = await ask({ cmd: 'set_schedule', events })
    expect(warnings.map(({ code, path }: { code: string; path: string }) => [code, path])).toEqual([
      ['type_mismatch', '/events/0/node_id'],
      ['unknown_param', '/events/1/param_id'],
      ['type_mismatch', '/events/2/type'],
      ['unknown_node', '/events/3/node_id'],
    ])
  })

  it('that end a note once too often do not end the next', async () => {
    const at = (beat: number, type: 'note_on' | 'note_off'): ScheduleEvent => ({ beat, type, node_id: 'track' })
    const { graph } = sessionOf('builtin.sine', [])
    await ask({ cmd: 'set_graph', ...graph })
    const events = [at(0, 'note_on'), at(1, 'note_off'), at(1, 'note_off'), at(1, 'note_on'), at(2, 'note_off')]
    await ask({ cmd: 'set_schedule', events })
    const { data } = await ask({ cmd: 'render', format: 'raw_f32', tail_seconds: 0 })
    const bytes = Buffer.from(data, 'base64')
    const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    const second = samples.subarray(Math.round(samples.length * 0.8))
    expect(second.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)).toBeGreaterThan(0.05)
  })
})

describe('many renders at once', () => {
  it('share a few threads, and each gets its reply', async () => {
    const { graph, events } = sessionOf('builtin.sine', [{ beat: 0, type: 'note_on', node_id: 'track' }])
    await ask({ cmd: 'set_graph', ...graph })
    await ask({ cmd: 'set_schedule', events })
    const request = (id: number) => JSON.stringify({ cmd: 'render', format: 'raw_f32', tail_seconds: 0.1, id })
    const replies = await Promise.all(Array.from({ length: 50 }, (_, id) => engine.handle(request(id))))
    const parsed = replies.map((reply) => JSON.parse(reply))
    expect(parsed.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, id) => id))
    expect(new Set(parsed.map(({ data }) => data)).size).toBe(1)
  })
})
