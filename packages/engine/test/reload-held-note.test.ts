// A note is held on a device while its synth is rebuilt and replaced a hundred times.
import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { discontinuities } from './support/clicks.ts'
import { type Json, JsonEngine, needs, processId } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { hasJack, jackServers } from './support/jack.ts'
import { LibraryFile } from './support/library-file.ts'

const rate = 48_000
const folder = temporaryFolder()

/** What the engine's process holds. */
class Held {
  readonly #process: string
  constructor(id: number) {
    this.#process = `/proc/${id}`
  }
  /** Libraries of that name in its memory map, each once; they are private copies, in folders of their own. */
  mapped(name: string): Set<string> {
    const lines = readFileSync(`${this.#process}/maps`, 'utf8').split('\n')
    return new Set(lines.filter((line) => line.includes(`/${name}`)).map((line) => line.slice(line.indexOf('/'))))
  }
  get files(): number {
    return readdirSync(`${this.#process}/fd`).length
  }
  get megabytes(): number {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`${this.#process}/status`, 'utf8'))?.[1]) / 1024
  }
}

describe.runIf(hasJack())('a synth on a device', needs('portaudio', 'plugin_libraries'), () => {
  const start = jackServers(folder)

  it.each([
    ['goes on without a seam where both builds keep its voice', 'reloaded_1.so', 'reloaded_2.so', 'restored'],
    ['fades from note to note where one of them keeps nothing', 'reloaded_1.so', 'reloaded_bare.so', 'none'],
  ])('%s, a hundred times, and nothing is left behind', { timeout: 240_000 }, async (_, one, other, snapshot) => {
    const jack = await start(128)
    const engine = await JsonEngine.open({ sampleRate: rate, outputDevice: 'system' })
    onTestFinished(async () => {
      await engine.close()
      await jack.stop()
    })
    const ask = (request: Json) => engine.must(request)
    const held = new Held(processId(engine))
    const name = `held_${snapshot}.so`
    const file = new LibraryFile(folder, name).build(one)
    const { library_id } = await ask({ cmd: 'load_plugin', path: file.path, replace: true })
    const connections = [
      { from_node: 'synth', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
      { from_node: 'track', from_port: 'events_out', to_node: 'synth', to_port: 'events_in' },
    ]
    await ask({
      cmd: 'set_graph',
      nodes: [
        { id: 'track', type: 'track_source' },
        { id: 'synth', type: 'test.reloaded', params: { level: 0.25, old: 0.5 } },
        { id: 'mixer', type: 'mixer', params: { soft_clip: 0, pan_0: -1 } },
      ],
      connections,
    })
    await ask({ cmd: 'note_on', node_id: 'track', pitch: 69, velocity: 127 })
    await jack.connected()
    const { frame } = await ask({ cmd: 'get_position' })
    while ((await ask({ cmd: 'get_position' })).frame < frame + rate / 4) await setImmediate()
    jack.clear()

    const reload = async (build: string) => {
      file.build(build)
      const reply = await ask({ cmd: 'reload_plugin', library_id })
      expect(reply.nodes).toMatchObject([{ kept: ['level', 'old', 'tune'], dropped: [], state: true, snapshot }])
      return reply.generation
    }
    let resources = { files: 0, memory: 0 }
    for (let n = 0; n < 100; n++) {
      expect(await reload(n % 2 === 0 ? other : one)).toBe(n + 2)
      expect(held.mapped(name).size).toBeLessThanOrEqual(2)
      if (n === 20) resources = { files: held.files, memory: held.megabytes }
    }
    const grown = held.megabytes - resources.memory
    const played = (await ask({ cmd: 'get_position' })).frame
    while ((await ask({ cmd: 'get_position' })).frame < played + rate / 4) await setImmediate()
    const [left] = await jack.recorded()

    while (held.mapped(name).size > 1) await setImmediate() // of the last reload, when it has faded
    expect(held.files).toBeLessThanOrEqual(resources.files)
    expect(grown).toBeLessThan(8)
    const { node } = await ask({ cmd: 'get_state', node_id: 'synth' })
    expect(node.params).toEqual({ level: 0.25, old: 0.5 })
    const state = Buffer.from(node.state, 'base64')
    const loads = state.readDoubleLE(state.indexOf('loads') + 'loads'.length + 1)
    expect(loads, 'each build has taken over the state of the one before').toBe(100)

    // An equal-gain fade of two sines with one frequency has that frequency: what differs is how loud it is, and no step.
    expect(left.length).toBeGreaterThan(rate)
    const amplitude = 0.25 * Math.SQRT2 // at the left, by the pan law
    const peak = (from: number) => Math.max(...left.subarray(from, from + 480))
    if (snapshot === 'restored') {
      expect(discontinuities(left, 440, rate)).toEqual([])
      for (let at = 0; at + 480 < left.length; at += 480) expect(peak(at)).toBeCloseTo(amplitude, 3)
      return
    }
    const step = (amplitude * (2 * Math.PI * 440)) / rate
    for (let n = 1; n < left.length; n++)
      expect(Math.abs((left[n] ?? 0) - (left[n - 1] ?? 0)) <= step * 1.05 + amplitude / 480, `frame ${n}`).toBe(true)
    expect(peak(left.length - 960)).toBeCloseTo(amplitude, 3)
  })
})
