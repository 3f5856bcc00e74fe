// SPDX-License-Identifier: MIT
// A client that edits sends the whole graph again and again: whatever of it is new is heard.
import { afterEach, describe, expect, it } from 'vitest'
import type { Engine, Events } from '../src/index.ts'
import { createEngine, needs } from './support/engine.ts'
import { fixture } from './support/native.ts'

let engine: Engine
afterEach(() => engine?.close())

/** Sources of a constant, summed. */
const graphOf = (values: number[]) => ({
  nodes: [
    ...values.map((value, index) => ({ id: `v${index}`, type: 'test.value', params: { value } })),
    { id: 'mixer', type: 'test.sum' },
  ],
  connections: values.map((_, index) => ({
    from_node: `v${index}`,
    from_port: 'out',
    to_node: 'mixer',
    to_port: index % 2 === 0 ? 'a' : 'b',
  })),
})

describe('a graph that is sent again', needs('plugin_libraries'), () => {
  it('is heard as it was last sent, with what set_param did in between', async () => {
    engine = await createEngine({
      sampleRate: 48_000,
      blockSize: 128,
      outputDevice: 'none',
      pluginPaths: [fixture('nodes.so')],
    })
    let state = 7
    const below = (end: number) => {
      state = (state * 48_271) % 0x7fffffff
      return state % end
    }
    const levels = [0.1, 0.2, 0.05, 0, 0.15]
    const values = [0.1, 0.2, 0.05, 0]
    await engine.send({ cmd: 'set_graph', ...graphOf(values) })
    await engine.play()
    const meters = engine.events('meters', { intervalMs: 5, buffer: 1 })
    for (let edit = 0; edit < 60; edit++) {
      const place = below(values.length)
      const value = levels[below(levels.length)] as number
      const kind = below(5)
      if (kind === 0) values.push(value)
      else if (kind === 1 && values.length > 3) values.pop()
      else values[place] = value
      if (kind === 2) await engine.send({ cmd: 'set_param', node_id: `v${place}`, param_id: 'value', value })
      else await engine.send({ cmd: 'set_graph', ...graphOf(values) })
      const wanted = values.reduce((sum, one) => sum + one, 0)
      const amplitude = ({ peak_dbfs: [left] }: Events['meters']) =>
        left === null || left === undefined ? 0 : 10 ** (left / 20)
      // A fade and a smoothing go by; what never comes ends with the test's time.
      while (Math.abs(amplitude((await meters.next()).value as Events['meters']) - wanted) > 1e-4);
    }
    await meters.return()
    expect(values.length).toBeGreaterThan(2)
  })
})
