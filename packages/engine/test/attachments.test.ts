// SPDX-License-Identifier: MIT
// Typed arrays beside a request of the addon: read where they are, refused where that cannot be.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AudioServer, type NumberArray } from '../src/index.ts'
import { needs } from './support/engine.ts'

const group = { type: 'param', node_id: 'a', param_id: 'gain' }
const request = (columns: object) => JSON.stringify({ cmd: 'set_schedule', columns: [{ ...group, ...columns }] })

describe('arrays beside a request', needs('in_process'), () => {
  let server: AudioServer
  beforeEach(() => {
    server = new AudioServer({ sampleRate: 48000, outputDevice: null })
  })
  afterEach(() => server.close())

  const ask = (columns: object, ...arrays: NumberArray[]) => JSON.parse(server.handle(request(columns), arrays))
  const both = { beat: { attachment: 0 }, value: { attachment: 1 } }
  const events = () => JSON.parse(server.handle('{"cmd":"get_state"}')).state.events

  it('are numbers of any of four types', async () => {
    const value = Float32Array.of(0.5, 0.25)
    for (const beat of [Float64Array.of(1, 2), Int32Array.of(1, 2), Uint8Array.of(1, 2), Float32Array.of(1, 2)]) {
      expect(ask(both, beat, value)).toMatchObject({ status: 'ok', events: 2 })
      expect(events()).toMatchObject([
        { beat: 1, value: 0.5 },
        { beat: 2, value: 0.25 },
      ])
    }
    const part = new Float64Array(8).fill(7).subarray(3, 5)
    expect(ask(both, part, value)).toMatchObject({ events: 2 })
    expect(events()).toMatchObject([{ beat: 7 }, { beat: 7 }])
    expect(ask(both, new Float64Array(), new Float64Array())).toMatchObject({ events: 0 })
  })

  it('that are shared memory may be written meanwhile: each number is read once', () => {
    const beat = new Float64Array(new SharedArrayBuffer(16))
    expect(ask(both, beat, Float64Array.of(0, 1))).toMatchObject({ status: 'ok', events: 2 })
  })

  it('that do not fit are refused, and all is as before', () => {
    expect(ask(both, Float64Array.of(1), Float64Array.of(1))).toMatchObject({ events: 1 })
    const refusals: [object, NumberArray[], string, string][] = [
      [both, [new Float64Array(2), new Float64Array(3)], 'invalid_request', '/columns/0/value'],
      [both, [new Float64Array(1)], 'out_of_range', '/columns/0/value/attachment'],
      [both, [Float64Array.of(Number.NaN), new Float64Array(1)], 'out_of_range', '/columns/0/beat/0'],
      [both, [Float64Array.of(0, Infinity), new Float64Array(2)], 'out_of_range', '/columns/0/beat/1'],
      [{ ...both, value: { attachment: -1 } }, [new Float64Array(1)], 'out_of_range', '/columns/0/value/attachment'],
      [{ ...both, value: { attachment: 0.5 } }, [new Float64Array(1)], 'type_mismatch', '/columns/0/value/attachment'],
      [{ ...both, value: {} }, [new Float64Array(1)], 'invalid_request', '/columns/0/value/attachment'],
      [{ ...both, node_id: { attachment: 0 } }, [new Float64Array(1)], 'type_mismatch', '/columns/0/node_id'],
    ]
    for (const [columns, arrays, code, path] of refusals)
      expect(ask(columns, ...arrays), JSON.stringify(columns)).toMatchObject({ status: 'error', code, path })
    expect(events()).toHaveLength(1)
  })

  it('of other kinds, or whose memory is gone, are a TypeError', () => {
    const gone = new Float64Array(2)
    structuredClone(gone, { transfer: [gone.buffer] })
    for (const wrong of [
      gone,
      new Float64Array(2).buffer,
      new DataView(new ArrayBuffer(8)),
      new BigInt64Array(2),
      [1, 2],
    ])
      expect(() => server.handle(request(both), [wrong as never, new Float64Array(2)])).toThrow(TypeError)
    expect(() => server.handle(request(both), 'no list' as never)).toThrow(TypeError)
  })

  it('are copied by handleAsync: what becomes of them then is nothing to it', async () => {
    const beat = Float64Array.of(3)
    const reply = server.handleAsync(request(both), [beat, Float64Array.of(1)])
    structuredClone(beat, { transfer: [beat.buffer] })
    expect(JSON.parse(await reply)).toMatchObject({ status: 'ok', events: 1 })
    expect(events()).toMatchObject([{ beat: 3 }])
    const wrong = server.handleAsync(request(both), [beat])
    await expect(wrong).rejects.toThrow(TypeError)
  })

  it('may be named by the steps of a batch', () => {
    const batch = `{"cmd":"batch","commands":[${request(both)}]}`
    expect(JSON.parse(server.handle(batch, [Float64Array.of(4), Float64Array.of(1)]))).toMatchObject({ status: 'ok' })
    expect(events()).toMatchObject([{ beat: 4 }])
  })
})
