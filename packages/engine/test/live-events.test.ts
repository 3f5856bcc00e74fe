// What a real engine sends unasked.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { Engine, EngineOptions, Events } from '../src/index.ts'
import { createEngine, needs, ownEngine } from './support/engine.ts'
import { fixture } from './support/native.ts'

let engine: Engine
const open = async (options: EngineOptions = {}) => {
  engine = await createEngine({
    sampleRate: 48_000,
    blockSize: 128,
    outputDevice: 'none',
    pluginPaths: [fixture('nodes.so')],
    ...options,
  })
}
afterEach(() => engine?.close())

/** A graph whose sound is 0.25 in every frame of both channels, until it fails at a frame: by NaN (0) or by its status (2). */
const constant = (kind = 2, at = 1e6) => ({
  nodes: [{ id: 'mixer', type: 'test.failing', params: { kind, at } }],
  connections: [],
})

describe('meters', needs('plugin_libraries'), () => {
  it.each([1, 100, 8192])('tell the true level in blocks of %i frames, each frame once', async (blockSize) => {
    await open({ blockSize, sampleRate: 96_000 })
    await engine.send({ cmd: 'set_graph', ...constant() })
    const meters = engine.events('meters', { intervalMs: 10 })
    const first = meters.next()
    await engine.play()
    const levels = [(await first).value as Events['meters']]
    for await (const event of meters) if (levels.push(event) > 4) break
    for (const { peak_dbfs, rms_dbfs, frames } of levels) {
      expect(frames).toBeGreaterThan(0)
      expect(frames % blockSize).toBe(0)
      expect(peak_dbfs).toEqual([expect.closeTo(-12.0412, 3), expect.closeTo(-12.0412, 3)])
      expect(rms_dbfs).toEqual([expect.closeTo(-12.0412, 3), expect.closeTo(-12.0412, 3)])
    }
    const { frame } = await engine.position()
    expect(levels.reduce((sum, { frames }) => sum + frames, 0)).toBeLessThanOrEqual(frame)
  })

  it('are null in silence', async () => {
    await open()
    await engine.send({ cmd: 'set_graph', nodes: [{ id: 'mixer', type: 'mixer' }] })
    const meters = engine.events('meters', { intervalMs: 5 })
    const first = meters.next()
    await engine.play()
    expect((await first).value).toMatchObject({ peak_dbfs: [null, null], rms_dbfs: [null, null] })
    await meters.return()
  })
})

describe('faults', needs('plugin_libraries'), () => {
  it.each([
    [0, 'not_finite', 'put out NaN or infinity'],
    [2, 'error_status', 'reported an error'],
  ] as const)('name node, plugin and reason, once, and stand in the log (kind %i)', async (kind, reason, words) => {
    await open()
    await engine.send({ cmd: 'set_graph', ...constant(kind, 1000) })
    const faults = engine.events('plugin_fault', { intervalMs: 5 })
    const log = engine.events('log', { intervalMs: 5 })
    const [fault, entry] = [faults.next(), log.next()]
    await engine.play()
    const message = `The node 'mixer' ${words} and is muted until reset_node`
    const [plugin_id, source] = ['test.failing', 'test.failing']
    expect((await fault).value).toEqual({
      event: 'plugin_fault',
      node_id: 'mixer',
      plugin_id,
      reason,
      function: 'process',
      message,
    })
    expect((await entry).value).toEqual({ event: 'log', level: 'error', source, message })
    // It fails again after a reset: that is another fault. Between the two nothing came.
    const again = faults.next()
    await engine.send({ cmd: 'reset_node', node_id: 'mixer' })
    expect((await again).value).toMatchObject({ node_id: 'mixer', reason })
    for (const stream of [faults, log]) await stream.return()
  })
})

describe('a plugin that takes too long', needs('plugin_libraries'), () => {
  it('to be activated is named while it does, and what plays goes on', async () => {
    await open()
    const folder = mkdtempSync(join(tmpdir(), 'arranger-gate-'))
    const gate = join(folder, 'gate')
    await engine.send({ cmd: 'load_plugin', path: fixture('slow_activate.so'), probe: false }) // it would not pass
    await engine.send({ cmd: 'set_graph', ...constant() })
    await engine.play()
    const log = engine.events('log', { intervalMs: 5 })
    const entry = log.next()
    const meters = engine.events('meters', { intervalMs: 5, buffer: 1 })
    await meters.next()
    const { nodes, connections } = constant()
    let is_done = false
    const edit = engine
      .send({
        cmd: 'set_graph',
        nodes: [...nodes, { id: 'slow', type: 'test.slow_activate', params: { gate } }],
        connections,
      })
      .then(() => (is_done = true))
    expect((await entry).value).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/^test\.slow_activate does not return from activate; /),
    })
    // At most the first of two waited there from before.
    for (const next of [meters.next(), meters.next()])
      expect((await next).value).toMatchObject({ peak_dbfs: [expect.closeTo(-12.04, 2), expect.anything()] })
    expect(is_done).toBe(false)
    writeFileSync(gate, '')
    await edit
    for (const stream of [log, meters]) await stream.return()
    rmSync(folder, { recursive: true })
  })
})

describe('xruns', needs('plugin_libraries'), () => {
  it('are counted between events and in all', async () => {
    await open({ sampleRate: 384_000, blockSize: 1 }) // 2.6 µs for a block: nobody can keep that up
    await engine.send({ cmd: 'set_graph', ...constant() })
    const xruns = engine.events('xrun', { intervalMs: 5 })
    const first = xruns.next()
    await engine.play()
    let total = 0
    for await (const event of [await first, await xruns.next(), await xruns.next()].map(({ value }) => value)) {
      total += event?.count ?? 0
      expect(event?.total).toBe(total)
      expect(event?.count).toBeGreaterThan(0)
    }
    await xruns.return()
    const { xruns: counted, message_room, most_waiting, dropped_pushes } = await engine.send({ cmd: 'get_stats' })
    expect(counted).toBeGreaterThanOrEqual(total)
    expect({ message_room, most_waiting, dropped_pushes }).toEqual({
      message_room: 4096,
      most_waiting: 0,
      dropped_pushes: 0,
    })
  })
})

describe('a process', () => {
  const index = fileURLToPath(new URL('../dist/index.js', import.meta.url))
  const run = (code: string) => {
    const program = `import { createEngine } from ${JSON.stringify(index)}
      const engine = await createEngine({ outputDevice: 'none' }); await engine.play()\n${code}`
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 30_000,
      env: ownEngine(),
    })
    return { status, stdout, stderr }
  }

  it('waits for the events it iterates over', () => {
    const code = `let count = 0
      for await (const { event } of engine.events('position', { intervalMs: 5 })) if (++count === 3) break
      console.log(count)`
    expect(run(code)).toEqual({ status: 0, stdout: '3\n', stderr: '' })
  })

  it('does not wait for listeners', () => {
    expect(run(`engine.on('position', () => {}); console.log('over')`)).toEqual({
      status: 0,
      stdout: 'over\n',
      stderr: '',
    })
  })
})
