// What comes of hostile plugins in processes of their own: nothing, for everybody else. The table is fixtures/hostile.json.
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { Engine } from '../src/index.ts'
import { createEngine, type Json, needs, type Reply } from './support/engine.ts'
import { fixture } from './support/native.ts'

interface Hostile {
  when: 'load' | 'create' | 'play'
  plugin?: string
  isolated: string
  does: string
}
const table: Record<string, Hostile> = JSON.parse(
  readFileSync(new URL('./fixtures/hostile.json', import.meta.url), 'utf8'),
)
const when = (stage: Hostile['when']) => Object.entries(table).filter(([, hostile]) => hostile.when === stage)

let engine: Engine
const open = (name: string) =>
  createEngine({ outputDevice: 'none', blockSize: 4096, pluginPaths: [fixture(`${name}.so`)] })
afterEach(() => engine?.close())
const ask = (request: Json): Promise<Reply> => engine.send(request as never)

/** A sine, and beside it the plugin in a process of its own. */
const beside = (type: string) => ({
  cmd: 'set_graph',
  nodes: [
    { id: 'track', type: 'track_source' },
    { id: 'tone', type: 'sine', params: { gain: 0.5 } },
    { id: 'hostile', type, isolated: true },
    { id: 'mixer', type: 'mixer' },
  ],
  connections: [
    { from_node: 'track', from_port: 'events_out', to_node: 'tone', to_port: 'events_in' },
    { from_node: 'tone', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
  ],
})
const until = async (question: () => Promise<boolean>) => {
  for (let tries = 0; tries < 4000; tries++) {
    if (await question()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('It never came')
}
const sounds = async () =>
  (await ask({ cmd: 'get_node_data', node_id: 'mixer', port_id: 'level_l', source: 'live' })).value > 0.2

describe('an isolated plugin that', needs('isolation', 'plugin_libraries'), () => {
  for (const [name, { does, plugin = `test.${name}` }] of when('create'))
    it(`${does} (${name}) is refused, and the rest plays on`, async () => {
      engine = await open(name)
      await ask(beside('sine'))
      await ask({ cmd: 'note_on', node_id: 'track', pitch: 69, velocity: 127 })
      await until(sounds)
      await expect(ask(beside(plugin))).rejects.toMatchObject({ message: expect.stringContaining(plugin) })
      expect(await sounds()).toBe(true)
    }, 60_000)

  for (const [name, { does, isolated, plugin = `test.${name}` }] of when('play'))
    it(`${does} (${name}) is ${isolated}`, async () => {
      engine = await open(name)
      await ask(beside(plugin))
      await ask({ cmd: 'note_on', node_id: 'track', pitch: 69, velocity: 127 })
      await ask({ cmd: 'play' })
      await until(sounds)
      const { frame } = await engine.position()
      await until(async () => (await engine.position()).frame > frame + 48_000)
      expect(await sounds()).toBe(true)
      expect((await ask({ cmd: 'ping' })).status).toBe('ok')
      expect(isolated).toBe('harmless')
    }, 60_000)
})
