// SPDX-License-Identifier: MIT
// Arrays in commands mean the same whatever stands behind the engine: numbers of any kind are taken, all else is refused.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdsArrays } from '../src/arrays.ts'
import type { Engine } from '../src/index.ts'
import { createEngine } from './support/engine.ts'

describe('arrays in a command', () => {
  let engine: Engine
  beforeEach(async () => {
    const nodes = [
      { id: 'a', type: 'builtin.sine' },
      { id: 'mixer', type: 'mixer' },
    ]
    engine = await createEngine({ sampleRate: 48000, outputDevice: null })
    await engine.send({ cmd: 'set_graph', nodes, connections: [] })
  })
  afterEach(() => engine.close())

  const group = { type: 'param', node_id: 'a', param_id: 'gain', value: 0.5 }
  const send = (columns: object) => engine.send({ cmd: 'set_schedule', columns: [{ ...group, ...columns }] } as never)
  const beats = async () => (await engine.send({ cmd: 'get_state' })).state?.events?.map(({ beat }) => beat)

  it('may be of any type of numbers, a part of others, a Buffer, or shared', async () => {
    const shared = new Float64Array(new SharedArrayBuffer(16))
    shared.set([1, 2])
    const arrays = [
      ...[Float64Array, Float32Array, Int32Array, Uint8Array].map((type) => type.of(1, 2)),
      ...[Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Uint32Array].map((type) => type.of(1, 2)),
      Buffer.from([1, 2]),
      Int16Array.of(0, 1, 2, 3).subarray(1, 3),
      shared,
    ]
    for (const beat of arrays) {
      await send({ beat })
      expect(await beats(), beat.constructor.name).toEqual([1, 2])
      await send({ beat: [] })
    }
    await send({ beat: new Int16Array() })
    expect(await beats()).toEqual([])
  })

  it('that hold no numbers, or none any more, are refused where they are', async () => {
    const gone = new Float64Array(2)
    structuredClone(gone, { transfer: [gone.buffer] })
    const goneToo = new Int16Array(2)
    structuredClone(goneToo, { transfer: [goneToo.buffer] })
    await send({ beat: [3] })
    for (const beat of [gone, goneToo, new DataView(new ArrayBuffer(8)), new BigInt64Array(2), new BigUint64Array(2)])
      await expect(send({ beat }), beat.constructor.name).rejects.toMatchObject({
        name: 'EngineError',
        code: 'type_mismatch',
        path: '/columns/0/beat',
        message: expect.stringContaining(beat.constructor.name),
      })
    expect(await beats()).toEqual([3])
  })

  it('do not change what is said of a command that holds itself', async () => {
    const circle: Record<string, unknown> = { beat: 0 }
    circle.inner = [circle]
    await expect(send(circle)).rejects.toThrow('circular structure to JSON')
    await expect(send({ ...circle, beat: Float64Array.of(1) })).rejects.toThrow('circular structure to JSON')
  })
})

describe('a command', () => {
  it('is looked through where arrays may be, and not number for number', () => {
    expect(holdsArrays({ columns: [{}, { beat: new Float64Array(1) }] })).toBe(true)
    expect(holdsArrays({ commands: [{ columns: [{ beat: new DataView(new ArrayBuffer(1)) }] }] })).toBe(true)
    expect(holdsArrays({ nodes: [{ id: 'a' }, null, 'b'], bpm: 120, none: null })).toBe(false)
    const numbers = new Proxy([1, 2, 3], {
      get: (array, key) => {
        if (key === '1') throw new Error('looked through')
        return Reflect.get(array, key)
      },
    })
    expect(holdsArrays({ numbers })).toBe(false)
  })
})
