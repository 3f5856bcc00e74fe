// A plugin's code is replaced while it plays: what it sounds, its parameters and its state go on.
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Json, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { LibraryFile } from './support/library-file.ts'
import { ask, eventually, level, must, useEngine } from './support/live.ts'
import { fixture } from './support/native.ts'

const folder = temporaryFolder()
let files = 0
useEngine()

/** The synth of a library of its own, a track that feeds it, and a master without colour. */
async function session(
  build: string,
  params: Json = {},
  more: Json[] = [],
): Promise<{ library: string; file: LibraryFile }> {
  const file = new LibraryFile(folder, `lib${files++}.so`).build(build)
  const { library_id: library } = await must({ cmd: 'load_plugin', path: file.path, replace: true })
  await must({
    cmd: 'set_graph',
    nodes: [
      { id: 'track', type: 'track_source' },
      { id: 'synth', type: 'test.reloaded', params },
      { id: 'lfo', type: 'builtin.control_source', params: { control_in: 0.5 } },
      { id: 'mixer', type: 'mixer', params: { soft_clip: 0 } },
    ],
    connections: [
      { from_node: 'track', from_port: 'events_out', to_node: 'synth', to_port: 'events_in' },
      { from_node: 'synth', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
      ...more,
    ],
  })
  return { library, file }
}

const data = async (port_id: string) =>
  (await ask({ cmd: 'get_node_data', node_id: 'synth', port_id, source: 'live' })).value
const buildIs = (build: number) =>
  eventually(
    () => data('build'),
    (now) => now === build,
  )
const reload = (library_id: string) => must({ cmd: 'reload_plugin', library_id })
const synth = async () => (await must({ cmd: 'get_graph' })).nodes.find(({ id }: Json) => id === 'synth')
const stateOf = async () => (await must({ cmd: 'get_state', node_id: 'synth' })).node

describe('reload_plugin', needs('plugin_libraries'), () => {
  it.each(['a client', 'the schedule'])('takes over a note that sounds, held by %s', async (holder) => {
    const { library, file } = await session('reloaded_1.so', { level: 0.5, old: 0.75 })
    if (holder === 'a client') await must({ cmd: 'note_on', node_id: 'track', velocity: 127 })
    else {
      const on = { beat: 0, type: 'note_on', node_id: 'track', pitch: 60, velocity: 127 }
      await must({ cmd: 'set_schedule', events: [on, { ...on, beat: 4000, type: 'note_off' }] })
      await must({ cmd: 'play' })
    }
    await buildIs(1)
    file.build('reloaded_2.so')
    expect(await reload(library)).toMatchObject({
      rebuilt: ['synth'],
      generation: 2,
      nodes: [
        {
          node_id: 'synth',
          plugin_id: 'test.reloaded',
          kept: ['level', 'old', 'tune'],
          dropped: [],
          renamed: [],
          state: true,
          snapshot: 'restored',
        },
      ],
    })
    await buildIs(2)
    await eventually(level, (now) => now > 0.45)
    expect(await data('begun')).toBe(1)
    expect((await synth()).params).toEqual({ level: 0.5, old: 0.75 })
    if (holder === 'a client') await must({ cmd: 'note_off', node_id: 'track' })
    else await must({ cmd: 'stop' })
    await eventually(level, (now) => now === 0)
  })

  it('begins the notes again that sound where the new code keeps nothing', async () => {
    const { library, file } = await session('reloaded_1.so')
    await must({ cmd: 'note_on', node_id: 'track', velocity: 127 })
    await must({ cmd: 'note_on', node_id: 'synth', pitch: 67, velocity: 127 })
    await eventually(
      () => data('begun'),
      (now) => now === 2,
    )
    file.build('reloaded_bare.so')
    expect((await reload(library)).nodes).toMatchObject([{ snapshot: 'none', state: true }])
    await buildIs(3)
    await eventually(
      () => data('begun'),
      (now) => now === 2,
    )
    await must({ cmd: 'note_off', node_id: 'track' })
    await must({ cmd: 'note_off', node_id: 'synth', pitch: 67 })
    await eventually(level, (now) => now === 0)
  })

  it('lets parameters that were renamed and rescaled follow: values, automation and connections', async () => {
    const modulation = { from_node: 'lfo', from_port: 'control_out', to_node: 'synth', to_port: 'level' }
    const { library, file } = await session('reloaded_1.so', { level: 0.5, old: 0.75, tune: 2 }, [
      { ...modulation, map: { min: 0.2, max: 0.4 } },
    ])
    const move = { type: 'param', node_id: 'synth', param_id: 'level', value: 0.25 }
    await must({ cmd: 'set_schedule', events: [{ beat: 1, ...move }] })
    await must({ cmd: 'note_on', node_id: 'track', velocity: 127 })
    await buildIs(1)
    file.build('reloaded_v2.so')
    expect(await reload(library)).toMatchObject({
      nodes: [
        {
          kept: ['tune'],
          dropped: ['old'],
          renamed: [{ from: 'level', to: 'percent' }],
          state: true,
          snapshot: 'layout_differs',
        },
      ],
      warnings: [{ code: 'unknown_param', path: '/nodes/1/params/old' }],
    })
    await buildIs(4)
    expect((await synth()).params).toMatchObject({ percent: 50, tune: 2 })
    const { state } = await must({ cmd: 'get_state' })
    expect(state.events).toMatchObject([{ beat: 1, param_id: 'percent', value: 25 }])
    expect(state.connections.at(-1)).toMatchObject({ to_port: 'percent', map: { min: 20, max: 40 } })
    await eventually(level, (now) => Math.abs(now - 0.3) < 0.01) // half way of the map
  })

  it('keeps what a newer version has written while an older one plays', async () => {
    const { library, file } = await session('reloaded_v2.so')
    await must({ cmd: 'note_on', node_id: 'track' })
    await buildIs(4)
    file.build('reloaded_1.so')
    await reload(library)
    await buildIs(1)
    file.build('reloaded_v2.so')
    expect(await reload(library)).toMatchObject({ nodes: [{ state: true }] })
    await buildIs(4)
    expect(Buffer.from((await stateOf()).state, 'base64').toString('latin1')).toContain('new_in_2')
  })

  it.each([
    ['is cut off', 'plugin_load_failed', (file: LibraryFile) => writeFileSync(file.path, 'ELF')],
    ['crashes when it is opened', 'plugin_crashed', (file: LibraryFile) => file.build('crash_load.so')],
    ['no longer has the plugin', 'plugin_load_failed', (file: LibraryFile) => file.build('versioned_1.so')],
    ['refuses the state', 'plugin_failed', (file: LibraryFile) => file.build('reloaded_v3.so')],
  ])('lets the old code play on when the new one %s', async (_, code, spoil) => {
    const { library, file } = await session('reloaded_1.so')
    await must({ cmd: 'note_on', node_id: 'track', velocity: 127 })
    await buildIs(1)
    spoil(file)
    const reply = await ask({ cmd: 'reload_plugin', library_id: library })
    expect(reply).toMatchObject({ status: 'error', code, path: '/library_id' })
    if (code === 'plugin_failed') expect(reply.message).toContain('a state of version 1')
    expect(await data('begun')).toBe(1)
    expect(await level()).toBeGreaterThan(0.2)
    const { libraries } = await must({ cmd: 'list_libraries' })
    expect(libraries.find(({ library_id }: Json) => library_id === library)).toMatchObject({
      generation: 1,
      plugin_ids: ['test.reloaded'],
    })
    file.build('reloaded_2.so')
    expect(await reload(library)).toMatchObject({ nodes: [{ snapshot: 'restored' }] })
    await buildIs(2)
    expect(await data('begun')).toBe(1)
  })

  it('reloads a session that is not played, too', async () => {
    const { library, file } = await session('reloaded_1.so', { level: 0.5 })
    file.build('reloaded_v2.so')
    expect(await reload(library)).toMatchObject({
      rebuilt: ['synth'],
      nodes: [{ renamed: [{ from: 'level', to: 'percent' }] }],
    })
    expect((await synth()).params).toEqual({ percent: 50 })
  })
})

describe('unload_plugin', needs('plugin_libraries'), () => {
  it('is refused with the nodes that use it, or mutes them until it is loaded again', async () => {
    const { library, file } = await session('reloaded_1.so', { level: 0.5 })
    await must({ cmd: 'note_on', node_id: 'track', velocity: 127 })
    await buildIs(1)
    expect(await ask({ cmd: 'unload_plugin', library_id: library })).toMatchObject({
      status: 'error',
      code: 'busy',
      path: '/library_id',
      message: expect.stringContaining('synth'),
    })
    expect(await level()).toBeGreaterThan(0.4)
    expect(await must({ cmd: 'unload_plugin', library_id: library, force: true })).toMatchObject({ muted: ['synth'] })
    await eventually(level, (now) => now === 0)
    expect((await must({ cmd: 'get_graph' })).nodes.map(({ id }: Json) => id)).toEqual([
      'track',
      'synth',
      'lfo',
      'mixer',
    ])
    await must({ cmd: 'set_param', node_id: 'synth', param_id: 'level', value: 0.75 })
    await must({
      cmd: 'set_graph',
      ...(({ nodes, connections }) => ({ nodes, connections }))(await must({ cmd: 'get_graph' })),
    })
    expect((await must({ cmd: 'list_registered_plugins' })).plugins.map(({ id }: Json) => id)).not.toContain(
      'test.reloaded',
    )
    expect(await ask({ cmd: 'set_graph', nodes: [{ id: 'new', type: 'test.reloaded' }] })).toMatchObject({
      code: 'unknown_plugin',
    })

    await must({ cmd: 'load_plugin', path: file.build('reloaded_2.so').path })
    await must({ cmd: 'note_off', node_id: 'track' })
    await must({ cmd: 'note_on', node_id: 'track', velocity: 127 })
    await buildIs(2)
    await eventually(level, (now) => now > 0.7)
    expect((await stateOf()).state).toBeTypeOf('string')
  })
})

describe('state of a node', needs('plugin_libraries'), () => {
  it('comes back as it was given, while everything else plays on', async () => {
    await session('reloaded_1.so', { level: 0.5 })
    await must({ cmd: 'note_on', node_id: 'track', velocity: 127 })
    await buildIs(1)
    const before = await stateOf()
    expect(before).toMatchObject({ type: 'test.reloaded', params: { level: 0.5 }, plugin_version: 1 })
    const text = Buffer.from(before.state, 'base64').toString('latin1')
    expect(text).toContain('test.reloaded')
    await must({ cmd: 'set_param', node_id: 'synth', param_id: 'level', value: 0.125 })
    await must({ cmd: 'set_state', node_id: 'synth', node: { ...before, state: undefined } })
    await must({ cmd: 'set_state', node_id: 'synth', node: before })
    expect((await synth()).params).toEqual({ level: 0.5 })
    expect((await stateOf()).params).toEqual({ level: 0.5 })
    await eventually(level, (now) => now > 0.45)
  })

  it.each([
    ['is not base64', (state: string) => `${state.slice(0, -4)}%%%%`, '/node/state'],
    ['is cut off', (state: string) => state.slice(0, 40), '/node/state'],
    ['has a byte changed', (state: string) => `${state.slice(0, 40)}AAAA${state.slice(44)}`, '/node/state'],
  ])('is refused when it %s, and nothing has changed', async (_, spoil, path) => {
    await session('reloaded_1.so', { level: 0.5 })
    await must({ cmd: 'play' })
    const before = await stateOf()
    const node = { ...before, params: { level: 1 }, state: spoil(before.state) }
    expect(await ask({ cmd: 'set_state', node_id: 'synth', node })).toMatchObject({ code: 'invalid_request', path })
    expect(await stateOf()).toEqual(before)
    expect(await ask({ cmd: 'set_state', node_id: 'mixer', node: before })).toMatchObject({
      code: 'type_mismatch',
      path: '/node/type',
    })
    expect(await ask({ cmd: 'set_state', node_id: 'nobody', node: before })).toMatchObject({ code: 'unknown_node' })
    expect(await ask({ cmd: 'set_state', node_id: 'synth' })).toMatchObject({ code: 'invalid_request' })
  })

  it('is part of the session, also when that is made with another version of the plugin', async () => {
    await session('reloaded_1.so', { level: 0.5 })
    await must({ cmd: 'play' })
    const { state } = await must({ cmd: 'get_state' })
    expect(state.nodes[1]).toMatchObject({ id: 'synth', plugin_version: 1, state: expect.any(String) })
    await must({ cmd: 'set_graph' })
    await must({ cmd: 'load_plugin', path: fixture('reloaded_v2.so'), replace: true })
    expect((await must({ cmd: 'set_state', state })).warnings).toEqual([])
    expect((await synth()).params).toEqual({ percent: 50 })
    expect((await stateOf()).plugin_version).toBe(2)
  })
})
