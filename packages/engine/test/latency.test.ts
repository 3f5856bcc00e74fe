// Paths of different latency, and a loop, through the built-ins that have them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine, Graph } from '../src/index.ts'
import { createEngine } from './support/engine.ts'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ sampleRate: 48000 })
})
afterAll(() => engine.close())

const mixer = { id: 'mixer', type: 'mixer', params: { soft_clip: 0 } }

async function render(graph: Graph, seconds = 0.5) {
  await engine.load({ graph, events: [] })
  const { channelData } = await engine.render(undefined, { durationBeats: seconds * 2, tailSeconds: 0 })
  return channelData as [Float32Array, Float32Array]
}
const peak = (samples: Float32Array) => samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0)

describe('parallel paths', () => {
  const noise = { id: 'noise', type: 'builtin.noise', params: { level: 0.25 } }
  const straight = { from_node: 'noise', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0', gain: -1 }
  const through = (ids: string[]) =>
    ['noise', ...ids].map((id, i) => ({
      from_node: id,
      from_port: 'audio_out',
      to_node: ids[i] ?? 'mixer',
      to_port: ids[i] ? 'audio_in' : 'audio_in_0',
    }))
  const limiter = (id: string, lookahead_ms: number) => ({ id, type: 'builtin.limiter', params: { lookahead_ms } })

  it('cancel each other to nothing, whatever look-ahead the one has', async () => {
    for (const lookaheads of [[5], [1.3, 20], [50, 0.1, 7]]) {
      const limiters = lookaheads.map((ms, i) => limiter(`limiter_${i}`, ms))
      const path = through(limiters.map(({ id }) => id))
      const [alone] = await render({ nodes: [noise, ...limiters, mixer], connections: path })
      expect(peak(alone)).toBeGreaterThan(0.05)
      const both = await render({ nodes: [noise, ...limiters, mixer], connections: [...path, straight] })
      for (const channel of both) expect(peak(channel)).toBe(0) // −120 dB would do
    }
  })

  it('begin at the first frame of a render, not late by their latency', async () => {
    const [without] = await render({ nodes: [noise, mixer], connections: through([]) })
    const [late] = await render({ nodes: [noise, limiter('l', 10), mixer], connections: through(['l']) })
    expect(late).toEqual(without)
  })
})

describe('a loop through a delay', () => {
  const echo = { id: 'echo', type: 'builtin.delay', params: { time_ms: 10, feedback: 0, wet: 1, dry: 0, damping: 0 } }
  const click = { id: 'click', type: 'builtin.metronome', params: { enabled: 1 } }
  const into = (from_node: string, from_port: string, to_node: string, to_port: string, gain = 1) => ({
    from_node,
    from_port,
    to_node,
    to_port,
    gain,
  })

  it('comes back after exactly the time of the delay, times the gain of the way back', async () => {
    const once = [into('click', 'audio_out', 'echo', 'audio_in'), into('echo', 'wet_out', 'mixer', 'audio_in_0')]
    const [single] = await render({ nodes: [click, echo, mixer], connections: once }, 0.1)
    expect(peak(single)).toBeGreaterThan(0.01)
    const back = { id: 'back', type: 'builtin.utility' }
    const loop = [into('echo', 'wet_out', 'back', 'audio_in'), into('back', 'audio_out', 'echo', 'audio_in', 0.5)]
    const [looped] = await render({ nodes: [click, echo, back, mixer], connections: [...once, ...loop] }, 0.1)
    const frames = 480
    for (let i = 0; i < looped.length; i++) {
      let expected = 0
      for (let pass = 0; pass * frames <= i; pass++) expected += (single[i - pass * frames] as number) * 0.5 ** pass
      expect(Math.abs((looped[i] as number) - expected)).toBeLessThan(1e-6)
    }
  })

  it('is refused without one, with its nodes named', async () => {
    const a = { id: 'a', type: 'builtin.utility' }
    const b = { id: 'b', type: 'builtin.utility' }
    const connections = [
      into('a', 'audio_out', 'b', 'audio_in'),
      into('b', 'audio_out', 'a', 'audio_in'),
      into('b', 'audio_out', 'mixer', 'audio_in_0'),
    ]
    await expect(engine.load({ graph: { nodes: [a, b, mixer], connections }, events: [] })).rejects.toMatchObject({
      code: 'cycle',
      message: expect.stringMatching(/a -> b -> a|b -> a -> b/),
    })
  })
})
