import { describe, expect, it } from 'vitest'
import type { Engine } from '../src/index.ts'
import { createEngine } from './support/engine.ts'

const offline = { outputDevice: null, sampleRate: 48000 }
const graphOf = async (engine: Engine) => {
  const { nodes, connections } = await engine.send({ cmd: 'get_graph' })
  const ends = connections.map(({ from_node, from_port, to_node, to_port }) =>
    [from_node, from_port, to_node, to_port].join(' '),
  )
  return { nodes: nodes.map(({ id, type }) => `${id} ${type}`), connections: ends }
}

describe('engine.add', () => {
  it('builds a graph that is heard, node by node', async () => {
    await using engine = await createEngine(offline)
    const track = await engine.add('track_source')
    const sine = await engine.add('builtin.sine', { gain: 0.5 })
    const mixer = engine.node('mixer', 'builtin.mixer')
    await track.connect('events_out', sine, 'events_in')
    await sine.connect('audio_out', mixer, 'audio_in_1')
    expect(await graphOf(engine)).toEqual({
      nodes: ['track_source track_source', 'mixer mixer', 'sine builtin.sine'],
      connections: ['track_source events_out sine events_in', 'sine audio_out mixer audio_in_1'],
    })
    const note = { node_id: track.id, pitch: 69, channel: 0 }
    const on = { ...note, beat: 0, type: 'note_on' as const, velocity: 127 }
    await engine.send({ cmd: 'set_schedule', events: [on, { ...note, beat: 1, type: 'note_off' }] })
    const { channelData } = await engine.render()
    expect(Math.max(...(channelData[0] as Float32Array).subarray(4800, 9600))).toBeGreaterThan(0.2)
  })

  it('finds ids that are free, and refuses one that is taken', async () => {
    await using engine = await createEngine(offline)
    const ids = [await engine.add('builtin.reverb'), await engine.add('builtin.reverb')].map(({ id }) => id)
    expect(ids).toEqual(['reverb', 'reverb_2'])
    const before = await graphOf(engine)
    await expect(engine.add('builtin.delay', {}, { id: 'reverb' })).rejects.toMatchObject({ code: 'duplicate_id' })
    expect(await graphOf(engine)).toEqual(before)
  })

  it('loses none of many at once, nor of a song that is loaded meanwhile', async () => {
    await using engine = await createEngine(offline)
    const many = Array.from({ length: 20 }, () => engine.add('builtin.delay'))
    const ids = (await Promise.all(many)).map(({ id }) => id)
    expect(new Set(ids).size).toBe(20)
    expect((await graphOf(engine)).nodes.length).toBe(21)
    const added = engine.add('builtin.chorus')
    const loaded = engine.load({ graph: { nodes: [{ id: 'mixer', type: 'mixer' }] }, events: [] })
    const last = engine.add('builtin.eq')
    await Promise.all([added, loaded, last])
    expect((await graphOf(engine)).nodes).toEqual(['mixer mixer', 'eq builtin.eq'])
  })

  it('makes no second mixer', async () => {
    await using engine = await createEngine(offline)
    expect((await engine.add('builtin.mixer', { channel_count: 4 })).id).toBe('mixer')
    await engine.add('builtin.delay')
    expect((await graphOf(engine)).nodes).toEqual(['mixer builtin.mixer', 'delay builtin.delay'])
  })

  it('tells what was forgiven, and refuses a plugin that is not there', async () => {
    await using engine = await createEngine(offline)
    const { warnings } = await engine.add('builtin.reverb', { wet: 7 })
    expect(warnings).toMatchObject([{ path: '/nodes/0/params/wet', message: expect.stringContaining('7') }])
    await expect(engine.addUntyped('com.acme.unknown')).rejects.toMatchObject({ code: 'unknown_plugin' })
    // A failed edit does not hold up the next.
    expect((await engine.addUntyped('builtin.delay', { mix: 0.5 })).id).toBe('delay')
  })
})

describe('a node', () => {
  it('is set, connected and removed', async () => {
    await using engine = await createEngine(offline)
    const lfo = await engine.add('builtin.control_lfo')
    const reverb = await engine.add('builtin.reverb')
    await lfo.connect('control_out', reverb, 'wet', { mode: 'add', amount: 0.25 })
    await reverb.setParam('dry', 0.5)
    expect(await reverb.set({ room_size: 0.25 })).toEqual([])
    const { nodes, connections } = await engine.send({ cmd: 'get_graph' })
    expect(nodes.find(({ id }) => id === 'reverb')?.params).toMatchObject({ dry: 0.5, room_size: 0.25 })
    expect(connections).toMatchObject([{ mode: 'add', amount: 0.25 }])
    await lfo.remove()
    expect(await graphOf(engine)).toEqual({ nodes: ['mixer mixer', 'reverb builtin.reverb'], connections: [] })
    await expect(lfo.setParam('frequency', 2)).rejects.toMatchObject({ code: 'unknown_node' })
  })

  it('keeps what was set while another is added', async () => {
    await using engine = await createEngine(offline)
    const reverb = await engine.add('builtin.reverb', { wet: 0.1 })
    await reverb.setParam('wet', 0.9)
    await engine.add('builtin.delay')
    const { nodes } = await engine.send({ cmd: 'get_graph' })
    expect(nodes.find(({ id }) => id === 'reverb')?.params.wet).toBeCloseTo(0.9)
  })
})
