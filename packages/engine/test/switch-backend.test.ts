// SPDX-License-Identifier: MIT
// An engine goes over to another back end, and nothing of what it has is another.
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openBackend } from '../src/backends.ts'
import { BindingConnection } from '../src/connection-binding.ts'
import {
  ArrangerEngine,
  type BackendName,
  backendNames,
  createEngine,
  Engine,
  type EngineOptions,
  type Graph,
  ServerConnection,
} from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { fixture } from './support/native.ts'
import { serverPath } from './support/server-program.ts'
import { notes } from './support/sessions.ts'
import { hasModule } from './support/wasm.ts'

const folder = temporaryFolder()
let count = 0
beforeEach(() => vi.stubEnv('ARRANGER_SERVER_ADDRESS', join(folder, String(++count))))
afterEach(() => vi.unstubAllEnvs())

async function engineOn(backend: BackendName, options: EngineOptions = {}): Promise<Engine> {
  const engine = await createEngine({ ...options, backend })
  onTestFinished(() => engine.close())
  return engine
}

/** Those that are built here; whether they then work is for the tests to say. */
const isBuilt: Record<BackendName, boolean> = { binding: true, server: existsSync(serverPath), wasm: hasModule }
const there = backendNames.filter((name) => isBuilt[name])
it('is tried between two back ends at least', () => expect(there.length).toBeGreaterThan(1))

const graph: Graph = {
  bpm: 96,
  nodes: [
    { id: 'track', type: 'track_source' },
    { id: 'tone', type: 'builtin.sine' },
    { id: 'lfo', type: 'builtin.control_lfo', params: { frequency: 3 } },
    { id: 'room', type: 'builtin.reverb' },
    { id: 'mixer', type: 'mixer' },
  ],
  connections: [
    { from_node: 'track', from_port: 'events_out', to_node: 'tone', to_port: 'events_in' },
    { from_node: 'tone', from_port: 'audio_out', to_node: 'room', to_port: 'audio_in' },
    { from_node: 'lfo', from_port: 'control_out', to_node: 'room', to_port: 'width' },
    { from_node: 'room', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
  ],
}

/** All that can be asked of a session. */
async function everythingOf(engine: Engine) {
  const { state } = await engine.send({ cmd: 'get_state' })
  const { beat, playing, bpm } = await engine.position()
  const { hash } = await engine.render(undefined, { durationBeats: 8 })
  const { open, mappings } = await engine.midi.list()
  // Once a device runs, a beat is that of a frame.
  return { state, beat: Number(beat.toFixed(3)), playing, bpm, hash, open, mappings }
}

describe('a switch', () => {
  it(`takes all along, from one to the next and back: ${[...there, there[0]].join(', ')}`, async () => {
    const engine = await engineOn('binding')
    await engine.load({ graph, events: notes([60, 64, 67, 72, 60, 64, 67, 72]) })
    await engine.node('room', 'builtin.reverb').setParam('wet', 0.77)
    await engine.setLoop({ start: 2, end: 6 })
    await engine.seek(3.5)
    await engine.midi.openInput('loopback', { nodeId: 'track', channel: 3 })
    await engine.midi.map({ port: 'loopback', channel: 3, controller: 7, nodeId: 'room', paramId: 'wet' })
    const before = await everythingOf(engine)
    expect(before).toMatchObject({ beat: 3.5, playing: false, bpm: 96, open: [{ nodeId: 'track', channel: 3 }] })
    for (const name of [...there.slice(1), 'binding' as const]) {
      await engine.switchBackend(name)
      expect(engine.backend).toBe(name)
      expect(await everythingOf(engine), name).toEqual(before)
    }
  })

  it('goes on playing where it was, and those who listen hear it', async () => {
    const engine = await engineOn('binding')
    await engine.load({ graph, events: notes(Array.from({ length: 400 }, () => 60)) })
    const beats: number[] = []
    engine.on('position', ({ beat }) => beats.push(beat), { intervalMs: 20 })
    const display = await engine.display()
    await engine.seek(100)
    await engine.play()
    for (const name of [...there.slice(1), 'binding' as const]) {
      await vi.waitFor(() => expect(beats.at(-1)).toBeGreaterThan(100), { timeout: 20_000 })
      const { beat } = await engine.position()
      await engine.switchBackend(name)
      const after = await engine.position()
      expect(after.playing, name).toBe(true)
      expect(after.beat, name).toBeGreaterThanOrEqual(beat)
      expect(after.beat, name).toBeLessThan(beat + 50)
      const told = beats.length
      await vi.waitFor(() => expect(beats.length, name).toBeGreaterThan(told + 2), { timeout: 20_000 })
      expect(display.attached, name).toBe(name !== 'server')
    }
    await vi.waitFor(() => expect(display.read().beat).toBeGreaterThan(100), { timeout: 20_000 })
    await engine.stop()
  })

  it.runIf(there.includes('server'))(
    'loads the libraries that the graph needs, and carries the states of plugins',
    async () => {
      const library = join(folder, 'reloaded.so')
      copyFileSync(fixture('reloaded_1.so'), library)
      const engine = await engineOn('binding', { pluginPaths: [library] })
      const own = (await engine.listLibraries()).find(({ path }) => path === library)
      const nodes = [
        { id: 'own', type: own?.pluginIds[0] as string },
        { id: 'mixer', type: 'mixer' },
      ]
      await engine.send({ cmd: 'set_graph', nodes })
      const { state } = await engine.send({ cmd: 'get_state' })
      await engine.switchBackend('server')
      expect((await engine.listLibraries()).map(({ path }) => path)).toContain(library)
      expect((await engine.send({ cmd: 'get_state' })).state).toEqual(state)
    },
  )

  it.runIf(there.includes('server'))('lets renders end where they began, heard and seen no more', async () => {
    const engine = await engineOn('binding')
    await engine.load({ graph, events: notes(Array.from({ length: 300 }, () => 60)) })
    const display = await engine.display()
    const expected = (await engine.render()).hash
    const cancelled = new AbortController()
    const long = engine.render(join(folder, 'long.ogg'), { signal: cancelled.signal, durationBeats: 20_000 })
    const render = engine.render()
    await engine.switchBackend('server')
    expect(display.attached).toBe(false)
    cancelled.abort()
    await expect(long).rejects.toMatchObject({ code: 'cancelled' })
    expect((await render).hash).toBe(expected)
  })

  it.runIf(there.includes('server'))(
    'has calls that come meanwhile carried out by the new one, in their order',
    async () => {
      const engine = await engineOn('binding')
      const former = vi.spyOn(BindingConnection.prototype, 'request')
      let over = false
      const switching = engine.switchBackend('server').then(() => {
        over = true
      })
      const sent: Promise<unknown>[] = []
      while (!over) {
        sent.push(engine.send({ cmd: 'set_bpm', bpm: 100 + (sent.length % 100) }))
        await new Promise(setImmediate)
      }
      await Promise.all([switching, ...sent])
      expect(former.mock.calls.filter(([json]) => json.includes('set_bpm'))).toEqual([])
      expect((await engine.position()).bpm).toBe(100 + ((sent.length - 1) % 100))
      former.mockRestore()
    },
  )

  it.runIf(there.includes('server'))(
    'sends arrays as they were at the call, whatever is written there later',
    async () => {
      const engine = await engineOn('binding')
      await engine.load({ graph, events: [] })
      const switching = engine.switchBackend('server')
      const beat = Buffer.from([1, 2])
      const value = Float32Array.of(0.25, 0.5)
      const column = { type: 'param', node_id: 'room', param_id: 'wet', beat, value } as const
      const columns = [{ ...column, param_id: 'wet' }]
      const sent = engine.send({ cmd: 'set_schedule', columns })
      beat.fill(9)
      value.fill(1)
      columns.length = 0
      await Promise.all([switching, sent])
      const { state } = await engine.send({ cmd: 'get_state' })
      expect(state?.events).toMatchObject([
        { beat: 1, value: 0.25 },
        { beat: 2, value: 0.5 },
      ])
    },
  )

  it.runIf(there.includes('server'))('of an ArrangerEngine is the same, and its song is not sent again', async () => {
    const melody = Array.from({ length: 400 }, (_, beat) => ({ beat, pitch: 60, length: 0.5 }))
    const front = new ArrangerEngine({ bpm: 100, tracks: [{ id: 'melody', notes: melody }] }, { outputDevice: null })
    onTestFinished(() => front.shutdown())
    await front.seek(50)
    await front.play()
    await front.setParam('synth_melody', 'gain', 0.25)
    await front.switchBackend('server')
    expect([front.backend, front.isPlaying()]).toEqual(['server', true])
    expect(front.currentBeat()).toBeGreaterThanOrEqual(50)
    const { nodes } = await front.send({ cmd: 'get_graph' })
    expect(nodes.find(({ id }) => id === 'synth_melody')?.params).toMatchObject({ gain: 0.25 })
    const commands = vi.spyOn(ServerConnection.prototype, 'request')
    await front.play()
    expect(commands.mock.calls.map(([json]) => json).join()).not.toMatch(/set_graph|set_schedule/)
    commands.mockRestore()
  })

  it('that is on when the engine is closed leaves no engine behind', async () => {
    const present = await openBackend(['binding'], { outputDevice: null })
    const next = new BindingConnection({ outputDevice: null })
    const engine = new Engine(present.connection, {
      ...present,
      open: async () => ({ connection: next, backend: 'wasm', attempts: [] }),
    })
    await engine.load({ graph, events: notes([60, 64, 67, 72]) })
    await engine.play()
    const ask = present.connection.request.bind(present.connection)
    let closed: Promise<void> | undefined
    vi.spyOn(present.connection, 'request').mockImplementation((json) => {
      const reply = ask(json)
      // The last that it is told: by then the next one plays.
      if (json.includes('"stop"')) closed = engine.close()
      return reply
    })
    await expect(engine.switchBackend('wasm')).rejects.toMatchObject({ code: 'engine_closed' })
    await closed
    expect(engine.backend).toBe('binding')
    for (const connection of [present.connection, next])
      await expect(connection.request('{"cmd":"ping"}')).rejects.toMatchObject({ code: 'engine_closed' })
  })

  it.runIf(there.includes('server'))('to a server with a session of others says that it is replaced', async () => {
    const others = await engineOn('server')
    await others.load({ graph, events: [] })
    const engine = await engineOn('binding')
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await engine.switchBackend('server')
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining(`${graph.nodes?.length} nodes`), expect.objectContaining({ code: 'session_replaced' })],
    ])
    warn.mockRestore()
    await engine.switchBackend('binding')
  })

  it('that is refused leaves everything as it is, and tells why', async () => {
    const engine = await engineOn('binding')
    await engine.load({ graph, events: notes([60, 64, 67, 72]) })
    const before = await everythingOf(engine)
    vi.stubEnv('ARRANGER_SERVER', join(folder, 'nothing'))
    await expect(engine.switchBackend('server')).rejects.toMatchObject({ code: 'server_unavailable' })
    await engine.midi.record()
    vi.unstubAllEnvs()
    if (there.includes('server')) {
      vi.stubEnv('ARRANGER_SERVER_ADDRESS', join(folder, `${count}-other`))
      await expect(engine.switchBackend('server')).rejects.toMatchObject({ code: 'busy' })
    }
    await engine.midi.stopRecording()
    expect(engine.backend).toBe('binding')
    expect(await everythingOf(engine)).toEqual(before)
    await engine.switchBackend('binding')
    await engine.close()
    await expect(engine.switchBackend('server')).rejects.toMatchObject({ code: 'engine_closed' })
  })
})
