import { describe, expect, it } from 'vitest'
import type { Graph } from '../src/index.ts'
import { createEngine } from './support/engine.ts'
import { notes, sessionOf } from './support/sessions.ts'

const { graph, events } = sessionOf('builtin.synth', notes([60, 64, 67, 72]))

/** The session with one effect between the instrument and the master. */
function through(type: string, params: Record<string, number> = {}, more: Pick<Graph, 'nodes' | 'connections'> = {}) {
  const given = graph.connections ?? []
  const last = given.find(({ to_node }) => to_node === 'mixer')
  if (!last) throw new Error('nothing leads to the mixer')
  const connections = [
    ...given.filter((connection) => connection !== last),
    { ...last, to_node: 'effect', to_port: 'audio_in' },
    { ...last, from_node: 'effect', from_port: 'audio_out' },
    ...(more.connections ?? []),
  ]
  const nodes = [...(graph.nodes ?? []), { id: 'effect', type, params }, ...(more.nodes ?? [])]
  return { graph: { ...graph, nodes, connections }, events }
}

async function rendered(session: { graph: Graph; events: typeof events }, blockSize = 512) {
  const engine = await createEngine({ blockSize })
  try {
    await engine.load(session)
    const { channelData } = await engine.render(undefined, { tailSeconds: 2 })
    return channelData.map((channel) => Buffer.from(channel.buffer, channel.byteOffset, channel.byteLength))
  } finally {
    await engine.close()
  }
}

const same = (a: Buffer[], b: Buffer[]) => a.length === b.length && a.every((side, i) => side.equals(b[i] as Buffer))

describe('effects in a graph', () => {
  it.each(['gain', 'utility', 'eq'])('builtin.%s at its defaults changes no bit', async (name) => {
    expect(same(await rendered(through(`builtin.${name}`)), await rendered({ graph, events }))).toBe(true)
  })

  it.each<[string, Record<string, number>]>([
    ['gain', { gain: 0.5 }],
    ['utility', { pan: -0.3 }],
    ['filter', { cutoff: 400, q: 4 }],
    ['eq', { gain_3: 6 }],
    ['delay', { sync: 1, beats: 0.75 }],
    ['chorus', { feedback: 0.5 }],
    ['compressor', { threshold_db: -40 }],
    ['limiter', { gain_db: 24 }],
  ])('builtin.%s is heard, and the same whatever the block size', async (name, params) => {
    const session = through(`builtin.${name}`, params)
    const reference = await rendered(session)
    expect(same(reference, await rendered({ graph, events }))).toBe(false)
    for (const blockSize of [64, 100, 1024]) expect(same(await rendered(session, blockSize), reference)).toBe(true)
  })

  it('a compressor listens to its sidechain when that is connected', async () => {
    const params = { threshold_db: -60, ratio: 100 }
    const alone = through('builtin.compressor', params)
    const silent = through('builtin.compressor', params, {
      nodes: [{ id: 'nobody', type: 'builtin.sine' }],
      connections: [{ from_node: 'nobody', from_port: 'audio_out', to_node: 'effect', to_port: 'sidechain_in' }],
    })
    const untouched = await rendered({ graph, events })
    expect(same(await rendered(silent), untouched)).toBe(true)
    expect(same(await rendered(alone), untouched)).toBe(false)
  })
})
