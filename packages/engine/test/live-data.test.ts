// What live playback shows and tells: monitors, curves, costs, libraries that change, push events.
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Json, needs, type Reply } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { ask, chain, engine, eventually, must, position, useEngine } from './support/live.ts'
import { fixture } from './support/native.ts'

useEngine()

describe('what nodes show', () => {
  it('comes from the last render until something is played', async () => {
    await must(chain())
    await must({
      cmd: 'set_schedule',
      events: [
        { beat: 0, type: 'note_on', node_id: 'track', pitch: 69, velocity: 127 },
        { beat: 1, type: 'note_off', node_id: 'track', pitch: 69 },
      ],
    })
    const of = (source: string) => must({ cmd: 'get_node_data', node_id: 'mixer', port_id: 'level_l', source })
    expect(await of('auto')).toMatchObject({ source: 'live', value: 0, data: '0' })
    await must({ cmd: 'render', duration_beats: 0.5, tail_seconds: 0 })
    const rendered = await of('auto')
    expect(rendered.source).toBe('render')
    expect(rendered.value).toBeGreaterThan(0.4)
    expect(JSON.parse(rendered.data)).toBe(rendered.value)
    await must({ cmd: 'note_on', pitch: 30, velocity: 1 })
    expect((await of('auto')).source).toBe('live')
    expect((await of('render')).value).toBe(rendered.value)
    expect(await ask({ cmd: 'get_node_data', node_id: 'mixer', port_id: 'level' })).toMatchObject({
      code: 'unknown_port',
      path: '/port_id',
    })
  })

  it('is a curve where parameters make one, out and in', async () => {
    await must({
      cmd: 'set_graph',
      nodes: [
        { id: 'mixer', type: 'mixer' },
        { id: 'eq', type: 'builtin.eq' },
      ],
    })
    const curve = async () => (await must({ cmd: 'get_node_data', node_id: 'eq', port_id: 'curve' })).value
    const flat = await curve()
    expect(flat.graph_type).toBe('eq_curve')
    expect(flat.response.y.every((y: number) => y === 0)).toBe(true)
    const points = [{ enabled: 1, kind: 1, x: 1000, y: 6, width: 1 }]
    await must({ cmd: 'set_node_config', node_id: 'eq', config: { curve: JSON.stringify({ points }) } })
    const bent = await curve()
    expect(bent.points[0]).toMatchObject(points[0] as Json)
    expect(Math.max(...bent.response.y)).toBeCloseTo(6, 1)
    const bad = { cmd: 'set_node_config', node_id: 'eq', config: { curve: '{"points":[{"x":-1}]}' } }
    expect((await ask(bad)).status === 'error' || (await ask(bad)).warnings.length > 0).toBe(true)
    const worse = { cmd: 'set_node_config', node_id: 'eq', config: { curve: '{"pionts":[]}' } }
    expect(await ask(worse)).toMatchObject({ code: 'invalid_request', path: '/config/curve/pionts' })
  })
})

describe('devices and costs', () => {
  it('plays against a clock of any rate where there is no device, and keeps the beat over a change', async () => {
    await must(chain())
    expect(await must({ cmd: 'get_stats' })).toMatchObject({ device: '', blocks: 0 })
    await must({ cmd: 'seek', beat: 5 })
    await must({ cmd: 'play' })
    await eventually(position, ({ beat }) => beat > 5.02)
    expect(await must({ cmd: 'list_devices' })).toMatchObject({ devices: [{ name: 'none' }], open: 'none' })
    expect(await must({ cmd: 'open_device', name: 'none', sample_rate: 44100, block_size: 64 })).toMatchObject({
      sample_rate: 44100,
      block_size: 64,
    })
    expect(await position()).toMatchObject({ playing: false })
    expect((await position()).beat).toBeGreaterThan(5)
    await must({ cmd: 'play' })
    const stats = await eventually(
      () => must({ cmd: 'get_stats' }),
      ({ blocks }) => blocks > 200,
    )
    expect(stats).toMatchObject({ device: 'none', sample_rate: 44100, block_size: 64, dropped_events: 0, faults: [] })
    expect(stats.nodes.map((node: { node_id: string }) => node.node_id)).toEqual(['track', 'synth', 'mixer'])
    expect(stats.p50_us).toBeGreaterThan(0)
    expect(stats.p99_us).toBeLessThanOrEqual(stats.max_us)
    await must({ cmd: 'close_device' })
    expect((await must({ cmd: 'list_devices' })).open).toBeUndefined()
    expect((await position()).playing).toBe(false)
    expect(await ask({ cmd: 'open_device', name: 'nona' })).toMatchObject({ code: 'device_unavailable', path: '/name' })
  })
})

describe('a library that is watched', needs('plugin_libraries'), () => {
  it('is taken when it was built anew, and its nodes go on with their parameters', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'gain.so')
    copyFileSync(fixture('test_gain.so'), path)
    const events: Reply[] = []
    engine().onEvent((text: string) => events.push(JSON.parse(text)))
    await must({ cmd: 'subscribe', events: ['library_loaded', 'library_reloaded', 'library_failed'] })
    const { library_id, plugin_id, generation } = await must({ cmd: 'load_plugin', path, replace: true })
    await must(chain({ id: 'g', type: plugin_id, params: { gain: 0.5 } }))
    await must({ cmd: 'play' })
    await must({ cmd: 'watch_library', library_id })
    // Another build: other bytes, written beside and renamed, as a linker does.
    writeFileSync(`${path}.new`, Buffer.concat([readFileSync(path), Buffer.from('built again')]))
    renameSync(`${path}.new`, path)
    const reloaded = await eventually(
      () => events.find(({ event }) => event === 'library_reloaded'),
      (event) => event !== undefined,
    )
    expect(reloaded).toMatchObject({ library_id, generation: generation + 1, plugin_ids: [plugin_id] })
    expect((await must({ cmd: 'get_graph' })).nodes.at(-1)).toMatchObject({ id: 'g', params: { gain: 0.5 } })
    writeFileSync(`${path}.new`, 'no library')
    renameSync(`${path}.new`, path)
    const failed = await eventually(
      () => events.find(({ event }) => event === 'library_failed'),
      (event) => event !== undefined,
    )
    expect(failed).toMatchObject({ path, code: 'plugin_load_failed' })
    expect((await position()).playing).toBe(true)
    expect(await ask({ cmd: 'unload_plugin', library_id })).toMatchObject({
      code: 'busy',
      message: expect.stringContaining('g'),
    })
    await must({ cmd: 'watch_library', library_id, enabled: false })
    await must({ cmd: 'set_graph' })
    await must({ cmd: 'unload_plugin', library_id })
  })
})

describe('push events', () => {
  it('tell the position and the level at their interval', async () => {
    const events: Reply[] = []
    engine().onEvent((text: string) => events.push(JSON.parse(text)))
    await must(chain())
    await must({ cmd: 'subscribe', events: ['position', 'meters', 'stats'], interval_ms: 10 })
    await must({ cmd: 'note_on', pitch: 69, velocity: 127 })
    await must({ cmd: 'play' })
    const of = (name: string) => events.filter(({ event }) => event === name)
    await eventually(
      async () => [(await of('position')).length, (await of('meters')).length, (await of('stats')).length],
      (counts) => counts.every((count) => count > 5),
    )
    const beats = (await of('position')).map(({ beat }) => beat)
    expect(beats.toSorted((a, b) => a - b)).toEqual(beats)
    expect((await of('meters')).some(({ peak_dbfs: [left] }) => left !== null && left > -12)).toBe(true)
    await must({ cmd: 'unsubscribe', events: ['position', 'meters', 'stats'] })
  })
})
