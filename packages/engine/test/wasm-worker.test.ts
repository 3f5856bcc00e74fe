// SPDX-License-Identifier: MIT
// The module in a worker of Node.js, as a connection.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { Display } from '../src/index.ts'
import { WasmConnection } from '../src/wasm/connection.ts'
import { faultyModule } from './support/faulty-module.ts'
import { ask, hasModule, must } from './support/wasm.ts'

const nodes = [
  { id: 'track', type: 'track_source' },
  { id: 'sine', type: 'builtin.sine' },
  { id: 'mixer', type: 'builtin.mixer' },
]
const connections = [
  { from_node: 'track', from_port: 'events_out', to_node: 'sine', to_port: 'events_in' },
  { from_node: 'sine', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
]
const graph = { cmd: 'set_graph', bpm: 120, nodes, connections }
const note = { cmd: 'set_schedule', events: [{ beat: 0, type: 'note_on', node_id: 'track', pitch: 69 }] }
const longRender = { cmd: 'render', format: 'raw_f32', duration_beats: 400, tail_seconds: 0, sample_rate: 8000 }

const open: WasmConnection[] = []
async function connect(...given: Parameters<typeof WasmConnection.open>): Promise<WasmConnection> {
  const connection = await WasmConnection.open(...given)
  open.push(connection)
  return connection
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()))
})

/** Waits for what another thread does, as long as the test may last. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe.skipIf(!hasModule)('an engine in a worker', () => {
  it('says what it has and what it lacks', async () => {
    const { features } = await must(await connect(), { cmd: 'ping' })
    expect(features).toEqual(expect.arrayContaining(['sine', 'sampler', 'display', 'files']))
    for (const lacking of ['fluidsynth', 'plugin_libraries', 'isolation', 'threads', 'in_process', 'shutdown', 'flac'])
      expect(features).not.toContain(lacking)
  })

  it('refuses a configuration in the words of the addon', async () => {
    const refused = { code: 'out_of_range', message: expect.stringContaining('sampleRate') }
    await expect(WasmConnection.open({ sampleRate: 7 })).rejects.toMatchObject(refused)
    await expect(WasmConnection.open({ outputDevice: 'Speakers' })).rejects.toMatchObject({
      code: 'device_unavailable',
    })
  })

  it('keeps the order of hundreds of requests, each with its own reply', async () => {
    const connection = await connect()
    const order: number[] = []
    const replies = await Promise.all(
      Array.from({ length: 500 }, async (_, id) => {
        const reply = await ask(connection, { cmd: 'set_bpm', bpm: 100 + id, id })
        order.push(id)
        return reply.id
      }),
    )
    expect(replies).toEqual(Array.from({ length: 500 }, (_, id) => id))
    expect(order).toEqual(replies)
    expect((await must(connection, { cmd: 'get_graph' })).bpm).toBe(599)
  })

  it('answers, plays and tells while it renders', async () => {
    const connection = await connect()
    const events: { event: string }[] = []
    connection.onEvent((json) => events.push(JSON.parse(json)))
    await must(connection, graph)
    await must(connection, note)
    await must(connection, { cmd: 'subscribe', events: ['render_progress', 'position'], interval_ms: 1 })
    await must(connection, { cmd: 'play' })
    let isDone = false
    const render = must(connection, { ...longRender, id: 'long' }).finally(() => {
      isDone = true
    })
    await until(() => events.some(({ event }) => event === 'render_progress'))
    const before = await must(connection, { cmd: 'get_position' })
    await until(async () => (await must(connection, { cmd: 'get_position' })).frame > before.frame)
    await until(() => events.some(({ event }) => event === 'position'))
    expect(isDone).toBe(false)
    await must(connection, { cmd: 'cancel', render_id: 'long' })
    await expect(render).rejects.toThrow('cancelled')
  })

  it('carries two renders to their ends, and the same bits', async () => {
    const connection = await connect()
    await must(connection, graph)
    await must(connection, note)
    const short = { ...longRender, duration_beats: 8 }
    const [a, b] = await Promise.all([must(connection, short), must(connection, short)])
    expect(a.hash).toBe(b.hash)
    expect(a.data).toBe(b.data)
  })

  it('cancels a render that another one waits behind', async () => {
    const connection = await connect()
    await must(connection, graph)
    await must(connection, note)
    const first = ask(connection, { ...longRender, id: 1 })
    const second = must(connection, { ...longRender, duration_beats: 1, id: 2 })
    await until(async () => (await must(connection, { cmd: 'cancel', render_id: 1 })).cancelled === 1)
    expect((await first).code).toBe('cancelled')
    expect((await second).frames).toBe(4000)
  })

  it('waits for what was asked when it is closed', async () => {
    const connection = await connect()
    await must(connection, graph)
    await must(connection, note)
    const render = must(connection, { ...longRender, duration_beats: 20 })
    const closed = connection.close()
    await expect(connection.request('{"cmd":"ping"}')).rejects.toMatchObject({ code: 'engine_closed' })
    await closed
    expect((await render).frames).toBe(80000)
  })

  it('plays real frames by a clock, never more than time has passed', async () => {
    const connection = await connect({ sampleRate: 48000, blockSize: 64 })
    await must(connection, graph)
    const began = performance.now()
    await must(connection, { cmd: 'play' })
    await until(async () => (await must(connection, { cmd: 'get_position' })).frame > 4800)
    const { frame } = await must(connection, { cmd: 'get_position' })
    expect(frame).toBeLessThanOrEqual(((performance.now() - began) / 1000) * 48000 + 64)
  })

  it('shows what it plays in memory that is shared', async () => {
    const connection = await connect()
    const display = new Display(Display.allocate(1024))
    connection.share(display.buffer)
    await must(connection, graph)
    await must(connection, { cmd: 'note_on', node_id: 'track', pitch: 69 })
    await until(() => display.read().peak[0] > 0.1)
    expect(display.attached).toBe(true)
    const [left, before] = [new Float32Array(512), display.read().frame]
    await until(() => display.read().frame > before + 44100 / 10)
    display.scope(left)
    // A sine obeys this recurrence and nothing else does.
    const turn = 2 * Math.cos((2 * Math.PI * 440) / 44100)
    const worst = Math.max(...left.slice(2).map((x, i) => Math.abs(x - turn * (left[i + 1] ?? 0) + (left[i] ?? 0))))
    expect(Math.max(...left)).toBeGreaterThan(0.1)
    expect(worst).toBeLessThan(1e-3)
    connection.share(null)
    await must(connection, { cmd: 'ping' })
    expect(display.attached).toBe(false)
  })

  it('writes a file whole, and reads one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arranger-wasm-'))
    const path = join(folder, 'süß.wav')
    const connection = await connect()
    await must(connection, graph)
    await must(connection, note)
    await must(connection, { cmd: 'render', path, duration_beats: 1 })
    const sampler = { id: 'sampler', type: 'builtin.sampler', params: { sample_path: path } }
    const played = { from_node: 'sampler', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_1' }
    const track = { from_node: 'track', from_port: 'events_out', to_node: 'sampler', to_port: 'events_in' }
    await must(connection, { ...graph, nodes: [...nodes, sampler], connections: [...connections, played, track] })
    const missing = { ...sampler, params: { sample_path: join(folder, 'none.wav') } }
    expect(await ask(connection, { ...graph, nodes: [...nodes, missing] })).toMatchObject({ code: 'io_error' })
    // A chunk so long that the place of the next one, in 32 bits, is its own.
    const endless = join(folder, 'endless.wav')
    writeFileSync(endless, Buffer.from('RIFF\0\0\0\0WAVEjunk\xf8\xff\xff\xff', 'latin1'))
    const broken = { ...sampler, params: { sample_path: endless } }
    expect(await ask(connection, { ...graph, nodes: [...nodes, broken] })).toMatchObject({ status: 'error' })
    const nowhere = join(folder, 'no', 'where.wav')
    expect(await ask(connection, { cmd: 'render', path: nowhere })).toMatchObject({ code: 'io_error', path: '/path' })
    rmSync(folder, { recursive: true })
  })

  it('says no in codes where it has no means', async () => {
    const connection = await connect()
    await must(connection, graph)
    const codes = async (...requests: object[]) =>
      Promise.all(requests.map(async (request) => (await ask(connection, request)).code))
    const isolated = { ...graph, nodes: nodes.map((node) => ({ ...node, isolated: node.id === 'sine' })) }
    expect(
      await codes(
        { cmd: 'load_plugin', path: join(tmpdir(), 'some.so') },
        isolated,
        { cmd: 'render', format: 'flac', duration_beats: 1 },
        { cmd: 'render', normalise_lufs: -14, duration_beats: 1 },
        { cmd: 'shutdown' },
      ),
    ).toEqual(['plugin_load_failed', 'plugin_probe_unavailable', 'out_of_range', 'out_of_range', 'unknown_command'])
  })

  it('keeps no process alive', async () => {
    const url = new URL('../dist/wasm/connection.js', import.meta.url)
    const program = `const { WasmConnection } = await import('${url}');
      const connection = await WasmConnection.open();
      console.log(JSON.parse(await connection.request('{"cmd":"ping"}')).status)`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    expect(stdout).toBe('ok\n')
  })
})

describe('a module that ends itself', () => {
  it('is an error with a code for who waits and for who asks later', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arranger-wasm-'))
    const file = join(folder, 'faulty.wasm')
    writeFileSync(file, faultyModule())
    const connection = await connect({}, file)
    rmSync(folder, { recursive: true })
    const lost = { code: 'connection_lost', message: expect.stringContaining('unreachable') }
    const waiting = [connection.request('{}'), connection.request('{}')]
    for (const request of waiting) await expect(request).rejects.toMatchObject(lost)
    // Another was started for this one.
    await expect(connection.request('{}')).rejects.toMatchObject(lost)
  })

  it('that is not there is one, too', async () => {
    await expect(WasmConnection.open({}, '/no/such/arranger.wasm')).rejects.toMatchObject({
      code: 'wasm_unavailable',
      message: expect.stringContaining('build:wasm'),
    })
  })

  it('that is damaged is one with its cause, until there is a whole one in its place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arranger-wasm-'))
    const file = join(folder, 'arranger.wasm')
    writeFileSync(file, faultyModule().subarray(0, 40))
    await expect(WasmConnection.open({}, file)).rejects.toMatchObject({
      name: 'EngineError',
      code: 'wasm_unavailable',
      message: expect.stringContaining(file),
      cause: expect.objectContaining({ name: 'CompileError' }),
    })
    writeFileSync(file, faultyModule())
    expect((await connect({}, file)).backend).toBe('wasm')
    rmSync(folder, { recursive: true })
  })
})
