// Plugins in processes of their own: the same sound, and nothing that they do harms anything else.

import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { afterEach, describe, expect, inject, it } from 'vitest'
import type { Engine, EngineOptions } from '../src/index.ts'
import { createEngine, type Json, needs, ownEngine, processId, type Reply } from './support/engine.ts'
import { eventually } from './support/live.ts'
import { fixture } from './support/native.ts'
import { processes } from './support/processes.ts'

let engine: Engine
/** Long blocks: half of one is far longer than a busy machine keeps a process waiting. */
const open = async (options: EngineOptions = {}) => {
  engine = await createEngine({
    sampleRate: 48_000,
    blockSize: 8192,
    outputDevice: 'none',
    pluginPaths: [fixture('unruly.so')],
    ...options,
  })
  return engine
}
afterEach(() => engine?.close())

const ask = (request: Json): Promise<Reply> => engine.send(request as never)
const shown = async (node_id: string, port_id: string): Promise<number> =>
  (await ask({ cmd: 'get_node_data', node_id, port_id, source: 'live' })).value
const until = async <T>(question: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> => {
  for (let tries = 0; tries < 2000; tries++) {
    const answer = await question()
    if (fits(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`It never came: the last answer was ${JSON.stringify(await question())}`)
}

/** An isolated node on the left of the mixer, and on the right a sine that is none of its business. */
const beside = (isolated = true, type = 'test.unruly') => ({
  cmd: 'set_graph',
  nodes: [
    { id: 'track', type: 'track_source' },
    { id: 'tone', type: 'sine', params: { gain: 0.5 } },
    { id: 'unruly', type, isolated },
    { id: 'mixer', type: 'mixer', params: { pan_0: -1, pan_1: 1, soft_clip: 0 } },
  ],
  connections: [
    { from_node: 'track', from_port: 'events_out', to_node: 'tone', to_port: 'events_in' },
    { from_node: 'unruly', from_port: 'out', to_node: 'mixer', to_port: 'audio_in_0' },
    { from_node: 'tone', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_1' },
  ],
})
const left = () => shown('mixer', 'level_l')
const right = () => shown('mixer', 'level_r')
const isLoud = (level: number) => level > 0.2
/** Both sides sound, and the process that the left one is in. */
async function play(): Promise<number> {
  await ask(beside())
  await ask({ cmd: 'note_on', node_id: 'track', pitch: 69, velocity: 127 })
  await until(left, isLoud)
  await until(right, isLoud)
  return shown('unruly', 'process_id')
}
/** Ended at once, so that it is not begun again in the new process. */
const trigger = async (pitch: number) => {
  await ask({
    cmd: 'batch',
    commands: ['note_on', 'note_off'].map((cmd) => ({ cmd, node_id: 'unruly', pitch })),
  })
}

/** The processes of isolated nodes that the engine's has started and that are still there, whatever has become of them. */
function children(): number[] {
  const engineProcess = processId(engine)
  return processes()
    .filter(({ parent, name }) => parent === engineProcess && name.includes('arranger-isolat'))
    .map(({ pid }) => pid)
}

/** Ends the engine, and with it all of them; those of an engine in a process of its own have a moment for it. */
async function closeAll(): Promise<void> {
  const before = children()
  await engine.close()
  const left = () => processes().filter(({ pid, command }) => before.includes(pid) && command !== '')
  if (inject('features').includes('in_process')) expect(children()).toEqual([])
  await until(
    async () => left(),
    (all) => all.length === 0,
  )
}

describe('what an isolated node plays', needs('isolation', 'plugin_libraries'), () => {
  /** Events and control both ways, the transport, a tempo that moves, monitors, a tail, a cycle of events. */
  const song = (isolated: boolean): Json[] => {
    const node = (id: string, type: string, params: Json = {}) => ({ id, type: `builtin.${type}`, params, isolated })
    const connect = (from: string, to: string) => {
      const [from_node, from_port] = from.split('.')
      const [to_node, to_port] = to.split('.')
      return { from_node, from_port, to_node, to_port }
    }
    return [
      {
        cmd: 'set_graph',
        bpm: 113,
        nodes: [
          { id: 'track', type: 'track_source' },
          node('arp', 'arpeggiator'),
          node('synth', 'synth'),
          node('tone', 'sine', { gain: 0.2 }),
          node('click', 'metronome'),
          node('lfo', 'control_lfo'),
          node('filter', 'filter'),
          node('delay', 'delay'),
          node('room', 'reverb'),
          node('level', 'level'),
          node('lines', 'spectrum'),
          { ...node('mixer', 'mixer'), params: { channel_count: 6, soft_clip: 0 } },
        ],
        connections: [
          connect('track.events_out', 'arp.events_in'),
          connect('arp.events_out', 'synth.events_in'),
          connect('track.events_out', 'tone.events_in'),
          connect('synth.audio_out', 'filter.audio_in'),
          { ...connect('lfo.control_out', 'filter.cutoff'), map: { min: 300, max: 6000 } },
          connect('filter.audio_out', 'delay.audio_in'),
          connect('delay.audio_out', 'room.audio_in'),
          connect('room.audio_out', 'level.audio_in'),
          connect('level.audio_out', 'lines.audio_in'),
          connect('lines.audio_out', 'mixer.audio_in_0'),
          connect('tone.audio_out', 'mixer.audio_in_1'),
          connect('click.audio_out', 'mixer.audio_in_5'),
        ],
      },
      {
        cmd: 'set_schedule',
        events: [
          { beat: 1, type: 'tempo', value: 171, ramp_beats: 2.5 },
          ...[60, 64, 67].flatMap((pitch, i) => [
            { beat: i / 3, type: 'note_on', node_id: 'track', pitch, velocity: 90 + i },
            { beat: 4 + i / 5, type: 'note_off', node_id: 'track', pitch },
          ]),
          { beat: 2, type: 'param', node_id: 'delay', param_id: 'feedback', value: 0.7, ramp_beats: 1 },
        ],
      },
    ]
  }
  const render = async (isolated: boolean) => {
    for (const request of song(isolated)) await ask(request)
    const { hash, faults } = await ask({ cmd: 'render', sample_rate: 44_100 })
    const data = async (node_id: string, port_id: string) =>
      (await ask({ cmd: 'get_node_data', node_id, port_id, source: 'render' })).value
    return { hash, faults, level: await data('level', 'rms_l'), lines: await data('lines', 'spectrum') }
  }

  it('is the same to the bit as in the engine’s process, and so is what it shows', async () => {
    await open({ blockSize: 512 })
    const inside = await render(false)
    expect(inside.level).toBeGreaterThan(-90)
    expect(inside.lines.length).toBeGreaterThan(10)
    expect(await render(true)).toEqual(inside)
  }, 60_000)

  it('follows edits without a new process, and changes its process only with `isolated`', async () => {
    await open()
    const pid = await play()
    expect(pid).not.toBe(processId(engine))
    expect(children()).toEqual([pid])
    await ask({ cmd: 'set_param', node_id: 'unruly', param_id: 'level', value: 0.5 })
    await until(left, (level) => level > 0.4)
    const graph = await ask({ cmd: 'get_graph' })
    expect(graph.nodes.map((node: Json) => node.isolated)).toEqual([undefined, undefined, true, undefined])
    const more = { ...beside(), nodes: [...beside().nodes, { id: 'other', type: 'sine' }] }
    expect(await ask(more)).toMatchObject({ kept: ['track', 'tone', 'unruly', 'mixer'], added: ['other'] })
    expect(await shown('unruly', 'process_id')).toBe(pid)
    expect(await ask(beside(false))).toMatchObject({ rebuilt: ['unruly'] })
    await until(
      () => shown('unruly', 'process_id'),
      (now) => now === processId(engine),
    )
    await until(
      async () => children(),
      (all) => all.length === 0,
    )
    expect(await ask(beside(true))).toMatchObject({ rebuilt: ['unruly'] })
    await until(
      () => shown('unruly', 'process_id'),
      (now) => now !== processId(engine) && now > 0,
    )
  })

  it('is drawn like another', async () => {
    await open()
    const curve = async (isolated: boolean) => {
      await ask({ cmd: 'set_graph', nodes: [{ id: 'mixer', type: 'builtin.eq', isolated }] })
      const points = [{ enabled: 1, kind: 1, x: 1000, y: 6, width: 1 }]
      await ask({ cmd: 'set_node_config', node_id: 'mixer', config: { curve: JSON.stringify({ points }) } })
      return (await ask({ cmd: 'get_node_data', node_id: 'mixer', port_id: 'curve' })).value
    }
    const inside = await curve(false)
    expect(inside.response.y.length).toBeGreaterThan(10)
    expect(await curve(true)).toEqual(inside)
  })

  it('is refused where there is no plugin', async () => {
    await open()
    await expect(ask({ cmd: 'set_graph', nodes: [{ id: 't', type: 'track_source', isolated: true }] })).rejects.toThrow(
      /isolated/,
    )
  })
})

describe('a render', needs('isolation', 'plugin_libraries'), () => {
  it.each([
    [61, 'plugin_crashed', /unruly.*SIGSEGV.*process/],
    [63, 'plugin_crashed', /unruly.*exit code 0.*process/],
    [62, 'plugin_timeout', /unruly.*process/],
  ])(
    'fails when the process of a node does, by note %i: %s',
    async (pitch, code, message) => {
      await open()
      await ask(beside())
      const note = { node_id: 'unruly', pitch, velocity: 100 }
      await ask({ cmd: 'set_schedule', events: [{ beat: 0.5, type: 'note_on', ...note }] })
      const failed = await engine.render().catch((error) => error)
      expect(failed).toMatchObject({ code, message: expect.stringMatching(message) })
      expect(children()).toEqual([])
    },
    60_000,
  )
})

describe('while it plays', needs('isolation', 'plugin_libraries'), () => {
  it.each([
    ['kill -9', 0, 'crashed', /SIGKILL/],
    ['a segmentation fault', 61, 'crashed', /SIGSEGV/],
    ['a hang', 62, 'late', /in time/],
    ['exit(0)', 63, 'crashed', /exit code 0/],
    ['a corrupt heap', 64, 'crashed', /SIG/],
  ])(
    '%s silences only its node, which is started anew',
    async (_, pitch, reason, message) => {
      await open()
      const pid = await play()
      const faults = engine.events('plugin_fault')
      const restarts = engine.events('plugin_restarted')
      const fault = faults.next()
      const restarted = restarts.next()
      await ask({ cmd: 'play' })
      const { frame } = await engine.position()
      if (pitch === 0) process.kill(pid, 'SIGKILL')
      else await trigger(pitch)
      expect((await fault).value).toMatchObject({
        node_id: 'unruly',
        plugin_id: 'test.unruly',
        reason,
        message: expect.stringMatching(message),
      })
      expect((await restarted).value).toMatchObject({ node_id: 'unruly', restarts: 1 })
      const now = await until(
        () => shown('unruly', 'process_id'),
        (other) => other !== pid && other > 0,
      )
      expect(now).not.toBe(processId(engine))
      await until(left, isLoud)
      expect(isLoud(await right())).toBe(true)
      expect((await engine.position()).frame).toBeGreaterThan(frame)
      await until(
        async () => children(),
        (all) => all.length === 1,
      )
      await faults.return()
      await restarts.return()
    },
    60_000,
  )

  it('a process that fails again and again is left alone after five restarts, until reset_node', async () => {
    await open()
    let pid = await play()
    for (let restarts = 0; restarts < 5; restarts++) {
      process.kill(pid, 'SIGKILL')
      const old = pid
      pid = await until(
        () => shown('unruly', 'process_id'),
        (now) => now !== old && now > 0,
      )
    }
    const faults = engine.events('plugin_fault')
    const last = faults.next()
    process.kill(pid, 'SIGKILL')
    expect((await last).value).toMatchObject({ message: expect.stringContaining('reset_node') })
    await until(left, (level) => level === 0)
    await until(
      async () => children(),
      (all) => all.length === 0,
    )
    expect(isLoud(await right())).toBe(true)
    await ask({ cmd: 'reset_node', node_id: 'unruly' })
    await until(left, isLoud)
    await faults.return()
  }, 60_000)

  it('one block that is late is silent, counted, and no fault', async () => {
    await open()
    const pid = await play()
    await trigger(65)
    await until(
      async () => (await ask({ cmd: 'get_stats' })).isolated,
      ([node]) => node.misses > 0,
    )
    await until(left, isLoud)
    expect(await shown('unruly', 'process_id')).toBe(pid)
    expect((await ask({ cmd: 'get_stats' })).faults).toEqual([])
  })
})

describe('what is left', needs('isolation', 'plugin_libraries'), () => {
  it('is nothing: no process, no file and no memory after fifty graphs and the end', async () => {
    await open()
    await play()
    const engineProcess = processId(engine)
    const files = () => readdirSync(`/proc/${engineProcess}/fd`).length
    const shared = () =>
      execFileSync('grep', ['-c', 'memfd:arranger', `/proc/${engineProcess}/maps`])
        .toString()
        .trim()
    const other = { ...beside(), nodes: beside().nodes.map((node) => ({ ...node, isolated: false })) }
    await ask(beside())
    const before = process.platform === 'linux' ? files() : 0
    for (let i = 0; i < 50; i++) {
      await ask(other)
      await ask(beside())
    }
    await until(
      async () => children(),
      (all) => all.length === 1,
    )
    if (process.platform === 'linux') {
      await until(
        async () => files(),
        (now) => now <= before,
      )
      await until(
        async () => shared(),
        (now) => now === '1',
      )
    }
    await closeAll()
  }, 120_000)

  it('of a process that is killed with its isolated nodes is nothing', async () => {
    const program = `
      import { createEngine } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
      const engine = await createEngine({ outputDevice: 'none', blockSize: 8192 })
      await engine.loadPluginLibrary(${JSON.stringify(fixture('unruly.so'))})
      await engine.send(${JSON.stringify(beside())})
      await engine.play()
      const pid = async () => (await engine.send({ cmd: 'get_node_data', node_id: 'unruly', port_id: 'process_id', source: 'live' })).value
      while (!(await pid())) await new Promise((resolve) => setTimeout(resolve, 5))
      console.log(await pid())
      process.kill(process.pid, 'SIGKILL')`
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      env: ownEngine(),
    })
    const pid = Number(stdout)
    expect(pid).toBeGreaterThan(0)
    const isThere = () => processes().some((other) => other.pid === pid)
    await eventually(isThere, (there) => !there)
  }, 60_000)

  it('a hundred isolated nodes play together', async () => {
    await open()
    const names = Array.from({ length: 100 }, (_, i) => `node${i}`)
    await ask({
      cmd: 'set_graph',
      nodes: [
        ...names.map((id) => ({ id, type: 'test.unruly', isolated: true, params: { level: 0.01 } })),
        { id: 'mixer', type: 'mixer', params: { soft_clip: 0, channel_count: 1, pan_0: 0 } },
      ],
      connections: names.map((id) => ({ from_node: id, from_port: 'out', to_node: 'mixer', to_port: 'audio_in_0' })),
    })
    await ask({ cmd: 'play' })
    await until(left, (level) => level > 0.5)
    expect(children().length).toBe(100)
    await closeAll()
  }, 120_000)
})
