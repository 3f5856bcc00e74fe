// Every code of the catalogue comes from a request, and leaves the session as it was. A code that nothing here raises fails.
import { spawnSync } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JsonEngine, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { addonPath, fixture } from './support/native.ts'

await using described = await JsonEngine.open()
const { errors }: { errors: { code: string }[] } = await described.must({ cmd: 'describe' })
const catalogue = errors.map(({ code }) => code)
const folder = temporaryFolder()

let engine: JsonEngine
beforeEach(async () => {
  engine = await JsonEngine.open()
  await ask(graph([sine, mixer], [wire]))
})
afterEach(() => engine.close())

const ask = (request: object) => engine.ask(request)
const sine = { id: 'sine', type: 'sine' }
const mixer = { id: 'mixer', type: 'mixer' }
const reverb = { id: 'reverb', type: 'builtin.reverb' }
const wire = { from_node: 'sine', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' }
const loop = { from_node: 'reverb', from_port: 'audio_out', to_node: 'reverb', to_port: 'audio_in' }
const graph = (nodes: object[], connections: object[] = []) => ({ cmd: 'set_graph', nodes, connections })
const load = (name: string) => ask({ cmd: 'load_plugin', path: fixture(name) })

/** Answers a request that comes when the system gives no more threads: in a process of its own, which is then of no use. */
function withoutThreads(): object {
  const code = `const { AudioServer } = require(${JSON.stringify(addonPath)})
    const { execFileSync } = require('node:child_process')
    const server = new AudioServer()
    const used = /VmSize:\\s+(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1] * 1024
    execFileSync('prlimit', ['--pid', String(process.pid), '--as=' + (used + 2 ** 20)])
    server.handleAsync('{"cmd":"ping"}').then((reply) => { process.stdout.write(reply); process.exit(0) })`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', timeout: 30_000 })
  return stdout ? JSON.parse(stdout) : { stderr }
}

/** Two sources that both set the same parameter. */
function twoSources() {
  const curves = ['one', 'other'].map((id) => ({ id, type: 'builtin.control_lfo' }))
  const sources = curves.map(({ id }) => ({
    from_node: id,
    from_port: 'control_out',
    to_node: 'sine',
    to_port: 'gain',
  }))
  return ask(graph([...curves, sine, mixer], [wire, ...sources]))
}

async function withoutGraph() {
  await using empty = await JsonEngine.open()
  return await empty.ask({ cmd: 'render' })
}

async function cancelled() {
  const path = join(folder, 'cancelled.wav')
  const render = engine.handle(JSON.stringify({ cmd: 'render', id: 1, duration_beats: 2000, path }))
  // Queued behind the render's start, so it finds it running.
  await engine.handle('{"cmd":"get_graph"}')
  await ask({ cmd: 'cancel', render_id: 1 })
  return JSON.parse(await render)
}

async function withoutProbe() {
  const before = process.env.ARRANGER_PROBE
  process.env.ARRANGER_PROBE = join(folder, 'no-such-program')
  try {
    const path = join(folder, 'unprobed.so')
    copyFileSync(fixture('impulse.so'), path)
    await using other = await JsonEngine.open()
    return await other.ask({ cmd: 'load_plugin', path })
  } finally {
    if (before === undefined) delete process.env.ARRANGER_PROBE
    else process.env.ARRANGER_PROBE = before
  }
}

function badSample() {
  const path = join(folder, 'bad.wav')
  writeFileSync(path, 'RIFF')
  return ask(graph([{ id: 'drum', type: 'builtin.sampler', params: { sample_path: path } }, mixer]))
}

/** How each code is raised. @see the catalogue, core/base/error.cpp */
const raisers: Record<string, () => object | Promise<object>> = {
  unknown_command: () => ask({ cmd: 'set_grahp' }),
  invalid_json: async () => JSON.parse(await engine.handle('{"cmd":')),
  invalid_request: () => ask({ cmd: 'set_bpm', bmp: 90 }),
  out_of_range: () => ask({ cmd: 'set_bpm', bpm: 1000 }),
  type_mismatch: () => ask({ cmd: 'set_bpm', bpm: 'fast' }),
  unknown_node: () => ask({ cmd: 'unload_node', node_id: 'sin' }),
  unknown_port: () => ask(graph([sine, mixer], [{ ...wire, from_port: 'audio_aut' }])),
  unknown_param: () => ask({ cmd: 'set_param', node_id: 'sine', param_id: 'gian', value: 0 }),
  unknown_plugin: () => ask(graph([{ id: 'x', type: 'builtin.sin' }, mixer])),
  duplicate_id: () => ask(graph([sine, sine, mixer])),
  duplicate_connection: twoSources,
  cycle: () => ask(graph([reverb, mixer], [loop, { ...wire, from_node: 'reverb' }])),
  no_master: () => ask(graph([sine])),
  needs_set_graph: () => ask({ cmd: 'set_node_config', node_id: 'mixer', config: { channel_count: 7 } }),
  nothing_to_render: withoutGraph,
  cancelled,
  io_error: () => ask({ cmd: 'render', duration_beats: 1, path: join(folder, 'no', 'such', 'folder.wav') }),
  busy: withoutThreads,
  device_unavailable: () => ask({ cmd: 'open_device', name: 'no such device' }),
  plugin_load_failed: () => load('not_a_library.so'),
  plugin_abi_mismatch: () => load('other_abi.so'),
  plugin_crashed: () => load('crash_register.so'),
  plugin_timeout: () => load('hang_register.so'),
  plugin_probe_unavailable: withoutProbe,
  plugin_failed: badSample,
  message_empty: async () => JSON.parse(await engine.handle('')),
  message_too_large: async () => JSON.parse(await engine.handle(' '.repeat(2 ** 26 + 1))),
}

/** What a back end must have for a code to come at all. Where no thread can be made, only this process can be told. */
const needed: Record<string, string[]> = {
  busy: ['in_process'],
  io_error: ['files'],
  plugin_failed: ['files'],
  ...Object.fromEntries(
    ['load_failed', 'abi_mismatch', 'crashed', 'timeout', 'probe_unavailable'].map((code) => [
      `plugin_${code}`,
      ['plugin_libraries'],
    ]),
  ),
}

describe('every error code', () => {
  it('has a request that raises it', () => {
    expect(Object.keys(raisers).sort()).toEqual([...catalogue].sort())
  })

  // Only Linux is asked how a system refuses threads.
  for (const code of catalogue.filter((code) => process.platform === 'linux' || code !== 'busy'))
    it(`comes, and changes nothing: ${code}`, needs(...(needed[code] ?? [])), async () => {
      const before = await ask({ cmd: 'get_graph' })
      const reply = await raisers[code]?.()
      expect(reply).toMatchObject({ status: 'error', code, message: expect.stringMatching(/./) })
      expect(await ask({ cmd: 'get_graph' })).toEqual(before)
    })
})
