// SPDX-License-Identifier: MIT
// Requests that are prepared do what they would do as text: same effect, same refusals, same order.
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AudioServer, type Engine } from '../src/index.ts'
import { createEngine, needs } from './support/engine.ts'

const graph = {
  cmd: 'set_graph',
  nodes: [
    { id: 'x', type: 'builtin.sine', params: { gain: 0.25 } },
    { id: 'mixer', type: 'mixer' },
  ],
  connections: [{ from_node: 'x', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' }],
} as const
const setGain = '{"cmd":"set_param","node_id":"x","param_id":"gain"}'

describe('prepared requests', needs('in_process'), () => {
  let server: AudioServer
  beforeEach(() => {
    server = new AudioServer({ sampleRate: 48000, outputDevice: null })
    server.handle(JSON.stringify(graph))
  })
  afterEach(() => server.close())

  const gain = () => JSON.parse(server.handle('{"cmd":"get_graph"}')).nodes[0].params.gain
  const refusal = (task: () => unknown) => {
    try {
      task()
    } catch (error) {
      const { code, path } = error as { code?: string; path?: string }
      return `${code} ${path}`
    }
    return 'accepted'
  }

  it('set what they were prepared for, in order with the others, at rest and while it plays', () => {
    const number = server.prepare(setGain)
    expect(server.prepare(setGain)).toBe(number)
    server.send(number, 0.5)
    expect(gain()).toBe(0.5)
    server.handle(setGain.replace('}', ',"value":0.75}'))
    expect(gain()).toBe(0.75)
    server.handle('{"cmd":"play"}')
    for (let i = 0; i < 1000; i++) server.send(number, i / 1000)
    expect(gain()).toBe(0.999)
  })

  it('have another way than a batch, which does and refuses the same', () => {
    const values = [0, 0.3, 1, 2, -1, 'loud', null, undefined]
    const names = [
      { node_id: 'x', param_id: 'gain' },
      { node_id: 'y', param_id: 'gain' },
      { node_id: 'x', param_id: 'gian' },
      { node_id: 'x' },
      { param_id: 'gain' },
      { node_id: 'x', param_id: 'gain', ramp_ms: 20 },
      { node_id: 'x', param_id: 'gain', ramp_ms: -1 },
      { node_id: 'x', param_id: 'gain', at_beat: 4 },
    ]
    const did = (request: object) => {
      const { status, code, message, path } = JSON.parse(server.handle(JSON.stringify(request)))
      return { status, code, message, path: path?.replace('/commands/0', ''), gain: gain() }
    }
    for (const playing of [false, true]) {
      if (playing) server.handle('{"cmd":"play"}')
      for (const name of names)
        for (const value of values) {
          const command = { cmd: 'set_param', ...name, value }
          const before = { cmd: 'set_param', ...names[0], value: 0.125 }
          did(before)
          const alone = did(command)
          did(before)
          expect(did({ cmd: 'batch', commands: [command] }), JSON.stringify(command)).toEqual(alone)
        }
    }
  })

  it('are refused as the request would be', () => {
    const number = server.prepare(setGain)
    expect(refusal(() => server.send(number, 2))).toBe('out_of_range /value')
    expect(refusal(() => server.send(number, Number.NaN))).toBe('out_of_range /value')
    expect(refusal(() => server.send(number + 1, 0))).toBe('out_of_range undefined')
    expect(refusal(() => server.send(-1, 0))).toBe('out_of_range undefined')
    expect(refusal(() => server.send(0.5, 0))).toBe('out_of_range undefined')
    expect(refusal(() => server.send(Number.NaN, 0))).toBe('out_of_range undefined')
    expect(refusal(() => server.prepare('{"cmd":"set_param","node_id":"y","param_id":"gain"}'))).toBe(
      'unknown_node /node_id',
    )
    expect(refusal(() => server.prepare('{"cmd":"set_param","node_id":"x"}'))).toBe('invalid_request /param_id')
    expect(refusal(() => server.prepare('{"cmd":"ping"}'))).toBe('invalid_request /cmd')
    expect(refusal(() => server.prepare('{"cmd":"pong"}'))).toBe('unknown_command /cmd')
    expect(refusal(() => server.prepare('{'))).toBe('invalid_json undefined')
    expect(() => server.send('0' as never, 0)).toThrow(TypeError)
    expect(() => (server as { send(...all: unknown[]): void }).send(number)).toThrow(TypeError)
    expect(gain()).toBe(0.25)
  })

  it('end with their node, and serve the next of its name, of whatever plugin', () => {
    const number = server.prepare(setGain)
    for (const play of [false, true]) {
      if (play) server.handle('{"cmd":"play"}')
      server.handle('{"cmd":"unload_node","node_id":"x"}')
      expect(refusal(() => server.send(number, 0.5))).toBe('unknown_node /node_id')
      server.handle(
        JSON.stringify({ ...graph, nodes: [graph.nodes[1], { id: 'x', type: 'builtin.synth' }], connections: [] }),
      )
      expect(refusal(() => server.send(number, 0.5))).toBe('accepted')
      server.handle(JSON.stringify(graph))
      expect(refusal(() => server.send(number, 0.125))).toBe('accepted')
      expect(gain()).toBe(0.125)
    }
  })

  it('throw when the engine is closed', () => {
    const number = server.prepare(setGain)
    server.close()
    expect(() => server.send(number, 0.5)).toThrow('closed')
    expect(() => server.prepare(setGain)).toThrow('closed')
  })
})

describe('a parameter', () => {
  let engine: Engine
  beforeEach(async () => {
    engine = await createEngine({ sampleRate: 48000, outputDevice: null })
    await engine.send(graph as never)
  })
  afterEach(() => engine.close())
  const gain = async () => (await engine.send({ cmd: 'get_graph' })).nodes[0]?.params?.gain

  it('is set in the order of all calls, whatever stands behind the engine', async () => {
    const parameter = engine.parameter('x', 'gain')
    parameter.set(0.5)
    expect(await gain()).toBe(0.5)
    void engine.send({ cmd: 'set_param', node_id: 'x', param_id: 'gain', value: 0.1 })
    parameter.set(0.2)
    const before = gain()
    parameter.set(0.3)
    expect(await before).toBe(0.2)
    await parameter.settled()
    expect(await gain()).toBe(0.3)
  })

  it('tells what was refused, at once or when it is settled', async () => {
    for (const [node, param, value, code] of [
      ['y', 'gain', 0, 'unknown_node'],
      ['x', 'loudness', 0, 'unknown_param'],
      ['x', 'gain', 2, 'out_of_range'],
    ] as const) {
      const parameter = engine.parameter(node, param)
      const failure = (async () => {
        parameter.set(value)
        await parameter.settled()
      })()
      await expect(failure).rejects.toMatchObject({ code })
      await parameter.settled()
    }
  })

  it('goes over with its engine to another back end', needs('in_process'), async () => {
    const parameter = engine.parameter('x', 'gain', { rampMs: 5 })
    parameter.set(0.5)
    const switched = engine.switchBackend('binding')
    parameter.set(0.25)
    await switched
    await parameter.settled()
    expect(await gain()).toBe(0.25)
  })

  it('is set as well when there are more than can be prepared', needs('in_process'), async () => {
    for (let i = 0; i <= 65_536; i++) engine.parameter('x', 'gain', { rampMs: i / 100 }).set(0.5)
    const parameter = engine.parameter('x', 'gain')
    parameter.set(0.75)
    await parameter.settled()
    expect(await gain()).toBe(0.75)
  })

  it('of a closed engine throws', async () => {
    const parameter = engine.parameter('x', 'gain')
    await engine.close()
    const failure = (async () => {
      parameter.set(0.5)
      await parameter.settled()
    })()
    await expect(failure).rejects.toMatchObject({ code: 'engine_closed' })
  })
})

describe('threads', needs('in_process'), () => {
  it('each prepare and send in an engine of their own', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads')
      import(workerData.module).then(({ AudioServer }) => {
        const server = new AudioServer({ outputDevice: null })
        server.handle(workerData.graph)
        const number = server.prepare(workerData.request)
        for (let i = 0; i < 20000; i++) server.send(number, (i % 100) / 100)
        parentPort.postMessage(JSON.parse(server.handle('{"cmd":"get_graph"}')).nodes[0].params.gain)
        server.close()
      })`
    const module = new URL('../dist/index.js', import.meta.url).href
    const run = () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(code, {
          eval: true,
          workerData: { module, graph: JSON.stringify(graph), request: setGain },
        })
        worker.once('message', resolve).once('error', reject)
      })
    expect(await Promise.all([run(), run()])).toEqual([0.99, 0.99])
  })
})
