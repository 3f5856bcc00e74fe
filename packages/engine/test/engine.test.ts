import { afterEach, describe, expect, it } from 'vitest'
import { type Engine, EngineError, type EngineOptions } from '../src/index.ts'
import { createEngine, JsonEngine, needs } from './support/engine.ts'
import { fixture } from './support/native.ts'
import { notes, sessionOf } from './support/sessions.ts'

const open: Engine[] = []
async function engineWith(options?: EngineOptions): Promise<Engine> {
  const engine = await createEngine(options)
  open.push(engine)
  return engine
}
afterEach(() => Promise.all(open.splice(0).map((engine) => engine.close())))

describe('Engine.send', () => {
  it('gives the reply of a command', async () => {
    const engine = await engineWith()
    const { version, features } = await engine.send({ cmd: 'ping' })
    expect(version).toMatch(/^\d+\.\d+\.\d+/)
    expect(features).toEqual(expect.arrayContaining(['sine', 'mixer', 'track_source']))
  })

  it('rejects with the code and the path of what was wrong, and changes nothing', async () => {
    const engine = await engineWith()
    const { graph } = sessionOf('builtin.sine', [])
    await engine.send({ cmd: 'set_graph', ...graph })
    const before = await engine.send({ cmd: 'get_graph' })
    const nodes = [...(graph.nodes ?? []), { id: 'odd', type: 'builtin.no_such_plugin' }]
    const error = await engine.send({ cmd: 'set_graph', nodes }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EngineError)
    expect(error).toMatchObject({ code: 'unknown_plugin', path: `/nodes/${nodes.length - 1}/type` })
    expect(await engine.send({ cmd: 'get_graph' })).toEqual(before)
  })

  it('is typed by command', async () => {
    const engine = await engineWith()
    // @ts-expect-error There is no such command.
    await expect(engine.send({ cmd: 'pong' })).rejects.toMatchObject({ code: 'unknown_command' })
    // @ts-expect-error A bpm is a number.
    await expect(engine.send({ cmd: 'set_bpm', bpm: 'fast' })).rejects.toBeInstanceOf(EngineError)
  })

  it('keeps the order of commands', async () => {
    const engine = await engineWith()
    const all = [60, 70, 80, 90].map((bpm) => engine.send({ cmd: 'set_bpm', bpm }))
    const graph = engine.send({ cmd: 'get_graph' })
    await Promise.all(all)
    expect((await graph).bpm).toBe(90)
  })
})

describe('Engine.load', () => {
  it('takes a graph and its events, and says what was odd', async () => {
    const engine = await engineWith()
    const session = sessionOf('builtin.sine', [
      { beat: 0, type: 'note_on', node_id: 'nobody', pitch: 60, velocity: 100 },
    ])
    const warnings = await engine.load(session)
    expect(warnings).toEqual([expect.objectContaining({ message: expect.stringContaining('nobody') })])
  })

  it('leaves the former graph in place when the events are refused', async () => {
    const engine = await engineWith()
    await engine.load(sessionOf('builtin.sine', notes([60]), 77))
    const before = await engine.send({ cmd: 'get_graph' })
    const wrong = [{ beat: 0, type: 'note_on' as const, node_id: 'track', pitch: 60, velocity: 100, channel: 99 }]
    await expect(engine.load(sessionOf('builtin.synth', wrong))).rejects.toMatchObject({ path: '/events/0/channel' })
    expect(await engine.send({ cmd: 'get_graph' })).toEqual(before)
  })
})

describe('Engine.close', () => {
  it('ends everything, once and again', async () => {
    const engine = await createEngine()
    await Promise.all([engine.close(), engine.close()])
    await engine.close()
    await expect(engine.send({ cmd: 'ping' })).rejects.toMatchObject({ code: 'engine_closed' })
    await expect(engine.render()).rejects.toMatchObject({ code: 'engine_closed' })
  })

  it('waits for what was asked before', async () => {
    const engine = await createEngine()
    const ping = engine.send({ cmd: 'ping' })
    await engine.close()
    expect((await ping).status).toBe('ok')
  })

  it('is what `await using` does', async () => {
    let inside: Engine | undefined
    {
      await using engine = await createEngine()
      inside = engine
      expect((await engine.send({ cmd: 'ping' })).status).toBe('ok')
    }
    await expect(inside.send({ cmd: 'ping' })).rejects.toMatchObject({ code: 'engine_closed' })
  })
})

describe('createEngine', () => {
  it('loads the libraries of its plugin paths', needs('plugin_libraries'), async () => {
    const engine = await engineWith({ pluginPaths: [fixture('impulse.so')] })
    expect((await engine.listPlugins()).map(({ id }) => id)).toContain('test.impulse')
  })

  it('says which plugin path is wrong', needs('plugin_libraries'), async () => {
    await expect(createEngine({ pluginPaths: ['/no/such/folder'] })).rejects.toMatchObject({
      code: 'plugin_load_failed',
      message: expect.stringContaining('/no/such/folder'),
    })
  })

  it('refuses a configuration that makes no sense', async () => {
    await expect(createEngine({ sampleRate: -1 })).rejects.toMatchObject({ code: 'out_of_range' })
    await expect(createEngine({ blockSize: 0 })).rejects.toMatchObject({ code: 'out_of_range' })
  })
})

describe('the JSON face', () => {
  it('answers everything, and throws nothing', async () => {
    await using engine = await JsonEngine.open()
    expect(await engine.ask({ cmd: 'ping', id: [1] })).toMatchObject({ status: 'ok', id: [1] })
    expect(JSON.parse(await engine.handle('not json'))).toMatchObject({ status: 'error', code: 'invalid_json' })
    expect(JSON.parse(await engine.handle(''))).toMatchObject({ status: 'error', code: 'message_empty' })
  })

  it('keeps engines apart', async () => {
    const [one, two] = [await JsonEngine.open(), await JsonEngine.open({ sampleRate: 48_000 })]
    await one.must({ cmd: 'set_bpm', bpm: 77 })
    expect((await one.must({ cmd: 'get_graph' })).bpm).toBe(77)
    expect((await two.must({ cmd: 'get_graph' })).bpm).not.toBe(77)
    await one.close()
    await one.close()
    await two.close()
  })
})
