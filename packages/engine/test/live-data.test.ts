// What live playback shows and tells: monitors, curves, costs, libraries that change, push events.
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/folder.ts'
import { ask, chain, eventually, type Json, must, position, type Reply, server, useServer } from './support/live.ts'
import { fixture } from './support/native.ts'

useServer()

describe('what nodes show', () => {
  it('comes from the last render until something is played', async () => {
    must(chain())
    must({
      cmd: 'set_schedule',
      events: [
        { beat: 0, type: 'note_on', node_id: 'track', pitch: 69, velocity: 127 },
        { beat: 1, type: 'note_off', node_id: 'track', pitch: 69 },
      ],
    })
    const of = (source: string) => must({ cmd: 'get_node_data', node_id: 'mixer', port_id: 'level_l', source })
    expect(of('auto')).toMatchObject({ source: 'live', value: 0, data: '0' })
    must({ cmd: 'render', duration_beats: 0.5, tail_seconds: 0 })
    const rendered = of('auto')
    expect(rendered.source).toBe('render')
    expect(rendered.value).toBeGreaterThan(0.4)
    expect(JSON.parse(rendered.data)).toBe(rendered.value)
    must({ cmd: 'note_on', pitch: 30, velocity: 1 })
    expect(of('auto').source).toBe('live')
    expect(of('render').value).toBe(rendered.value)
    expect(ask({ cmd: 'get_node_data', node_id: 'mixer', port_id: 'level' })).toMatchObject({
      code: 'unknown_port',
      path: '/port_id',
    })
  })

  it('is a curve where parameters make one, out and in', () => {
    must({
      cmd: 'set_graph',
      nodes: [
        { id: 'mixer', type: 'mixer' },
        { id: 'eq', type: 'builtin.eq' },
      ],
    })
    const curve = () => must({ cmd: 'get_node_data', node_id: 'eq', port_id: 'curve' }).value
    const flat = curve()
    expect(flat.graph_type).toBe('eq_curve')
    expect(flat.response.y.every((y: number) => y === 0)).toBe(true)
    const points = [{ enabled: 1, kind: 1, x: 1000, y: 6, width: 1 }]
    must({ cmd: 'set_node_config', node_id: 'eq', config: { curve: JSON.stringify({ points }) } })
    const bent = curve()
    expect(bent.points[0]).toMatchObject(points[0] as Json)
    expect(Math.max(...bent.response.y)).toBeCloseTo(6, 1)
    const bad = { cmd: 'set_node_config', node_id: 'eq', config: { curve: '{"points":[{"x":-1}]}' } }
    expect(ask(bad).status === 'error' || ask(bad).warnings.length > 0).toBe(true)
    const worse = { cmd: 'set_node_config', node_id: 'eq', config: { curve: '{"pionts":[]}' } }
    expect(ask(worse)).toMatchObject({ code: 'invalid_request', path: '/config/curve/pionts' })
  })
})

describe('devices and costs', () => {
  it('plays against a clock of any rate where there is no device, and keeps the beat over a change', async () => {
    must(chain())
    expect(must({ cmd: 'get_stats' })).toMatchObject({ device: '', blocks: 0 })
    must({ cmd: 'seek', beat: 5 })
    must({ cmd: 'play' })
    await eventually(position, ({ beat }) => beat > 5.02)
    expect(must({ cmd: 'list_devices' })).toMatchObject({ devices: [{ name: 'none' }], open: 'none' })
    expect(must({ cmd: 'open_device', name: 'none', sample_rate: 44100, block_size: 64 })).toMatchObject({
      sample_rate: 44100,
      block_size: 64,
    })
    expect(position()).toMatchObject({ playing: false })
    expect(position().beat).toBeGreaterThan(5)
    must({ cmd: 'play' })
    const stats = await eventually(
      () => must({ cmd: 'get_stats' }),
      ({ blocks }) => blocks > 200,
    )
    expect(stats).toMatchObject({ device: 'none', sample_rate: 44100, block_size: 64, dropped_events: 0, faults: [] })
    expect(stats.nodes.map((node: { node_id: string }) => node.node_id)).toEqual(['track', 'synth', 'mixer'])
    expect(stats.p50_us).toBeGreaterThan(0)
    expect(stats.p99_us).toBeLessThanOrEqual(stats.max_us)
    must({ cmd: 'close_device' })
    expect(must({ cmd: 'list_devices' }).open).toBeUndefined()
    expect(position().playing).toBe(false)
    expect(ask({ cmd: 'open_device', name: 'nona' })).toMatchObject({ code: 'device_unavailable', path: '/name' })
  })
})

describe('a library that is watched', () => {
  it('is taken when it was built anew, and its nodes go on with their parameters', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'gain.so')
    copyFileSync(fixture('test_gain.so'), path)
    const events: Reply[] = []
    server().onEvent((text: string) => events.push(JSON.parse(text)))
    must({ cmd: 'subscribe', events: ['library_loaded', 'library_reloaded', 'library_failed'] })
    const { library_id, plugin_id, generation } = must({ cmd: 'load_plugin', path, replace: true })
    must(chain({ id: 'g', type: plugin_id, params: { gain: 0.5 } }))
    must({ cmd: 'play' })
    must({ cmd: 'watch_library', library_id })
    // Another build: other bytes, written beside and renamed, as a linker does.
    writeFileSync(`${path}.new`, Buffer.concat([readFileSync(path), Buffer.from('built again')]))
    renameSync(`${path}.new`, path)
    const reloaded = await eventually(
      () => events.find(({ event }) => event === 'library_reloaded'),
      (event) => event !== undefined,
    )
    expect(reloaded).toMatchObject({ library_id, generation: generation + 1, plugin_ids: [plugin_id] })
    expect(must({ cmd: 'get_graph' }).nodes.at(-1)).toMatchObject({ id: 'g', params: { gain: 0.5 } })
    writeFileSync(`${path}.new`, 'no library')
    renameSync(`${path}.new`, path)
    const failed = await eventually(
      () => events.find(({ event }) => event === 'library_failed'),
      (event) => event !== undefined,
    )
    expect(failed).toMatchObject({ path, code: 'plugin_load_failed' })
    expect(position().playing).toBe(true)
    expect(ask({ cmd: 'unload_plugin', library_id })).toMatchObject({
      code: 'busy',
      message: expect.stringContaining('g'),
    })
    must({ cmd: 'watch_library', library_id, enabled: false })
    must({ cmd: 'set_graph' })
    must({ cmd: 'unload_plugin', library_id })
  })
})

describe('push events', () => {
  it('tell the position and the level at their interval', async () => {
    const events: Reply[] = []
    server().onEvent((text: string) => events.push(JSON.parse(text)))
    must(chain())
    must({ cmd: 'subscribe', events: ['position', 'meters', 'stats'], interval_ms: 10 })
    must({ cmd: 'note_on', pitch: 69, velocity: 127 })
    must({ cmd: 'play' })
    const of = (name: string) => events.filter(({ event }) => event === name)
    await eventually(
      () => [of('position').length, of('meters').length, of('stats').length],
      (counts) => counts.every((count) => count > 5),
    )
    const beats = of('position').map(({ beat }) => beat)
    expect(beats.toSorted((a, b) => a - b)).toEqual(beats)
    expect(of('meters').some(({ peak_dbfs: [left] }) => left !== null && left > -12)).toBe(true)
    must({ cmd: 'unsubscribe', events: ['position', 'meters', 'stats'] })
  })
})
