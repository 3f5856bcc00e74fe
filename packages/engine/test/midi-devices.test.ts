// MIDI ports through the loop-back that is on every machine: what is played, what controllers move, and what is refused.
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import type { Engine } from '../src/index.ts'
import { createEngine, needs } from './support/engine.ts'

const loopback = 'loopback'
let engine: Engine
let keyboard: Engine

beforeEach(async () => {
  const config = { sampleRate: 48000, blockSize: 128, outputDevice: 'none' }
  engine = await createEngine(config)
  // The loop-back is the process's: where each engine has one of its own, it plays to itself.
  keyboard = inject('features').includes('in_process') ? await createEngine(config) : engine
  await keyboard.midi.openOutput(loopback)
  await engine.load({ graph, events: [] })
})
afterEach(async () => {
  await engine.close()
  await keyboard.close()
})

/** Two tracks, each with a sine on a channel of its own of the mixer. */
const graph = {
  nodes: [
    { id: 'left', type: 'track_source' },
    { id: 'right', type: 'track_source' },
    { id: 'a', type: 'sine', params: { gain: 0.2 } },
    { id: 'b', type: 'sine', params: { gain: 0.2 } },
    { id: 'mixer', type: 'mixer', params: { pan_0: -1, pan_1: 1, soft_clip: 0 } },
  ],
  connections: ['left a 0', 'right b 1'].flatMap((line) => {
    const [track = '', synth = '', channel] = line.split(' ')
    return [
      { from_node: track, from_port: 'events_out', to_node: synth, to_port: 'events_in' },
      { from_node: synth, from_port: 'audio_out', to_node: 'mixer', to_port: `audio_in_${channel}` },
    ]
  }),
}
const play = (...bytes: number[]) => keyboard.midi.send(loopback, bytes)
const on = (pitch: number, channel = 0) => play(0x90 + channel, pitch, 100)
const off = (pitch: number, channel = 0) => play(0x80 + channel, pitch, 0)
const levels = async () => {
  const [left, right] = await Promise.all(
    ['level_l', 'level_r'].map((port_id) =>
      engine.send({ cmd: 'get_node_data', node_id: 'mixer', port_id, source: 'live' }),
    ),
  )
  return [left?.value as number, right?.value as number] as const
}
const sounding = async (left: boolean, right: boolean) => {
  for (let tries = 0; tries < 2000; tries++) {
    const [l, r] = await levels()
    if (l > 0.02 === left && r > 0.02 === right && (left || l < 1e-4) && (right || r < 1e-4)) return
  }
  throw new Error(`Expected ${left} and ${right} but the levels stay at ${await levels()}`)
}
const openInputs = async () => (await engine.midi.list()).open.filter(({ direction }) => direction === 'input')
const lost = async () => (await openInputs()).map(({ lostEvents }) => lostEvents)
const code = (failing: Promise<unknown>) =>
  failing.then(
    () => 'none',
    (error: { code: string; path?: string }) => `${error.code} ${error.path ?? ''}`.trim(),
  )

describe('an input', () => {
  it('plays the first track source, or the node that it is given', async () => {
    await engine.midi.openInput(loopback)
    await on(69)
    await sounding(true, false)
    await off(69)
    await sounding(false, false)
    await engine.midi.openInput(loopback, { nodeId: 'right' })
    await on(69)
    await sounding(false, true)
  })

  it('hears only its channel, when it has one', async () => {
    await engine.midi.openInput(loopback, { channel: 5 })
    await on(60, 4)
    await on(69, 5)
    await engine.midi.record({ whileStopped: true })
    await on(61, 4)
    await on(62, 5)
    const notes = (await engine.midi.stopRecording()).filter(({ type }) => type === 'note_on')
    expect(notes).toMatchObject([{ pitch: 62, channel: 5 }])
    await sounding(true, false)
  })

  it('ends a note where it began, whatever its route is by then', async () => {
    await engine.midi.openInput(loopback, { nodeId: 'left' })
    await on(69)
    await sounding(true, false)
    await engine.midi.openInput(loopback, { nodeId: 'right', channel: 3 })
    await off(69)
    await sounding(false, false)
  })

  it('ends what it holds when it is closed', async () => {
    await engine.midi.openInput(loopback)
    for (const pitch of [60, 64, 67]) await on(pitch)
    await sounding(true, false)
    await engine.midi.close(loopback, 'input')
    await sounding(false, false)
    expect(await openInputs()).toEqual([])
  })

  it('is heard by all who have it open', needs('in_process'), async () => {
    const other = await createEngine({ sampleRate: 48000, outputDevice: 'none' })
    await other.load({ graph, events: [] })
    await other.midi.openInput(loopback)
    await other.midi.record({ whileStopped: true })
    await engine.midi.openInput(loopback)
    for (const pitch of [60, 64, 67]) await on(pitch)
    await engine.midi.close(loopback, 'input')
    await on(72)
    await other.midi.close(loopback)
    const events = await other.midi.stopRecording()
    expect(events.map(({ type, pitch }) => `${type} ${pitch}`)).toEqual([
      ...[60, 64, 67, 72].map((pitch) => `note_on ${pitch}`),
      ...[60, 64, 67, 72].map((pitch) => `note_off ${pitch}`),
    ])
    await other.close()
  })

  it('goes on over edits, waits for a node that is away, and counts what nobody played', async () => {
    await engine.midi.openInput(loopback, { nodeId: 'right' })
    await on(69)
    await sounding(false, true)
    await engine.send({ cmd: 'set_graph', nodes: [{ id: 'mixer', type: 'mixer' }] })
    await off(69) // its note went with its node
    expect(await lost()).toEqual([0])
    await on(70)
    expect(await lost()).toEqual([1])
    await engine.load({ graph, events: [] })
    await on(69)
    await sounding(false, true)
    expect(await lost()).toEqual([1])
  })

  it('is opened and closed hundreds of times while keys are played, and leaves no note behind', async () => {
    const pitches = Array.from({ length: 3000 }, (_, i) => 40 + ((i * 7) % 40))
    let playing = true
    const player = (async () => {
      for (const [i, pitch] of pitches.entries()) await (i % 3 === 2 ? off(pitch) : on(pitch))
      playing = false
    })()
    let cycles = 0
    for (; playing || cycles < 200; cycles++) {
      await engine.midi.openInput(loopback, { nodeId: cycles % 2 ? 'left' : 'right' })
      if (cycles % 10 === 0) await engine.send({ cmd: 'set_param', node_id: 'a', param_id: 'gain', value: 0.1 })
      await engine.midi.close(loopback, 'input')
    }
    await player
    expect(cycles).toBeGreaterThanOrEqual(200)
    await sounding(false, false)
  })
})

describe('a controller', () => {
  const gains = async () => {
    const { nodes } = await engine.send({ cmd: 'get_graph' })
    return ['a', 'b'].map((id) => nodes.find((node) => node.id === id)?.params?.gain)
  }

  it('is learned, moves its parameter from then on, and no longer reaches the node', async () => {
    await engine.midi.openInput(loopback)
    await engine.midi.record({ whileStopped: true })
    const learned = engine.midi.learn('a', 'gain')
    let taken = false
    void learned.then(() => {
      taken = true
    })
    while (!taken) await play(0xb2, 21, 0)
    expect(await learned).toEqual({ port: loopback, channel: 2, controller: 21, nodeId: 'a', paramId: 'gain' })
    expect((await gains())[0]).toBe(0)
    await play(0xb2, 21, 127)
    await play(0xb2, 22, 3) // another one
    await play(0xb1, 21, 3) // another channel
    expect((await gains())[0]).toBe(1)
    const events = await engine.midi.stopRecording()
    expect(events.slice(-3)).toMatchObject([
      { type: 'param', node_id: 'a', param_id: 'gain', value: 1 },
      { type: 'cc', pitch: 22 },
      { type: 'cc', pitch: 21, channel: 1 },
    ])
  })

  it('keeps its parameter over new graphs, waits while the node is away, and gives it up when told', async () => {
    await engine.midi.openInput(loopback)
    const mapping = { port: loopback, channel: 0, controller: 7, nodeId: 'b', paramId: 'gain' }
    await engine.midi.map(mapping)
    await engine.load({ graph: { ...graph, bpm: 90 }, events: [] })
    await play(0xb0, 7, 127)
    expect((await gains())[1]).toBe(1)
    await engine.send({ cmd: 'set_graph', nodes: [{ id: 'mixer', type: 'mixer' }] })
    await play(0xb0, 7, 0)
    expect((await engine.midi.list()).mappings).toEqual([mapping])
    expect(await lost()).toEqual([0])
    await engine.load({ graph, events: [] })
    await play(0xb0, 7, 0)
    expect((await gains())[1]).toBe(0)
    await engine.midi.map({ ...mapping, nodeId: 'a' }) // it moves one thing at a time
    await play(0xb0, 7, 127)
    expect(await gains()).toEqual([1, 0])
    expect([await engine.midi.unmap('a', 'gain'), await engine.midi.unmap('a', 'gain')]).toEqual([true, false])
    await play(0xb0, 7, 0)
    expect(await gains()).toEqual([1, 0])
  })

  it('goes from end to end of every parameter there is, even in its taper and on its grid', async () => {
    const types = (await engine.listPlugins()).filter(({ id }) => id.startsWith('builtin.'))
    const seen = new Set<string>()
    await engine.midi.openInput(loopback)
    for (const { id, ports } of types) {
      const nodes = [
        { id: 'left', type: 'track_source' },
        { id: 'x', type: id },
        { id: 'mixer', type: 'mixer' },
      ]
      if ((await code(engine.send({ cmd: 'set_graph', nodes }))) !== 'none') continue // it needs a file
      for (const port of ports.filter(({ type, role }) => type === 'control' && role === 'input').slice(0, 12)) {
        const { min, max, step, taper } = port
        const isRatio = taper === 'log' || (taper === 'db' && min > 0)
        const meant = (x: number) => {
          const value = isRatio ? min * (max / min) ** x : min + (max - min) * (taper === 'exp' ? x * x : x)
          return step > 0 ? min + Math.round((value - min) / step) * step : value
        }
        await engine.midi.map({ port: loopback, channel: 0, controller: 1, nodeId: 'x', paramId: port.id })
        for (const position of [127, 64, 31, 1, 0]) {
          await play(0xb0, 1, position)
          const value = (await engine.send({ cmd: 'get_graph' })).nodes.find(({ id }) => id === 'x')?.params[port.id]
          expect(value, `${id}.${port.id} at ${position}`).toBeCloseTo(meant(position / 127), 6)
          if (position === 127) expect(value).toBeCloseTo(max, 9)
          if (position === 0) expect(value).toBe(min)
        }
        await engine.midi.unmap('x', port.id)
        seen.add(taper)
      }
    }
    expect([...seen].sort()).toEqual(['db', 'exp', 'linear', 'log'])
    expect(await lost()).toEqual([0])
  })

  it('is not waited for any more when that is cancelled', async () => {
    await engine.midi.openInput(loopback)
    const waiting = new AbortController()
    const learned = engine.midi.learn('a', 'gain', { signal: waiting.signal })
    waiting.abort('enough')
    await expect(learned).rejects.toMatchObject({ code: 'cancelled', cause: 'enough' })
    await play(0xb0, 7, 127)
    expect(await engine.midi.list()).toMatchObject({ mappings: [] })
  })
})

describe('what is refused', () => {
  it('has a code and a path, and opens nothing', async () => {
    const { midi } = engine
    await keyboard.midi.close(loopback)
    expect([
      await code(midi.openInput('loopbak')),
      await code(midi.openOutput('no such port')),
      await code(midi.openInput(loopback, { nodeId: 'lift' })),
      await code(midi.openInput(loopback, { nodeId: 'mixer' })),
      await code(midi.openInput(loopback, { channel: 16 })),
      await code(engine.send({ cmd: 'open_midi', name: loopback, direction: 'output', channel: 1 })),
      await code(midi.close(loopback)),
      await code(midi.send(loopback, [0x90, 60, 100])),
      await code(midi.learn('a', 'gian')),
      await code(midi.map({ port: loopback, channel: 0, controller: 120, nodeId: 'a', paramId: 'gain' })),
    ]).toEqual([
      'device_unavailable /name',
      'device_unavailable /name',
      'unknown_node /node_id',
      'type_mismatch /node_id',
      'out_of_range /channel',
      'invalid_request /channel',
      'device_unavailable /name',
      'device_unavailable /name',
      'unknown_param /param_id',
      'out_of_range /controller',
    ])
    await expect(midi.openInput('loopbak')).rejects.toThrow("nearest is 'loopback'")
    expect(await midi.list()).toMatchObject({ inputs: [loopback], outputs: [loopback], open: [], mappings: [] })
  })

  it.each([
    [[]],
    [[60, 100]],
    [[0x90, 60]],
    [[0x90, 60, 128]],
    [[0x90, 60, 100, 0]],
    [[0xc0, 1, 2]],
    [[0xf0, 1]],
    [[0xf4]],
    [[0xf7]],
  ])('includes bytes that are not one message: %j', async (bytes) => {
    expect(await code(keyboard.midi.send(loopback, bytes))).toBe('out_of_range /bytes')
  })

  it.each([[[0x90, 60, 100]], [[0xc0, 1]], [[0xf0, 1, 2, 0xf7]], [[0xf8]], [[0xf2, 0, 1]], [[0xf3, 5]], [[0xff]]])(
    'does not include whole messages: %j',
    async (bytes) => {
      await engine.midi.openInput(loopback)
      expect(await code(keyboard.midi.send(loopback, bytes))).toBe('none')
    },
  )
})
