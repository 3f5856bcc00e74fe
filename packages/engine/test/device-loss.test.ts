// A device that dies while it plays: the clock goes on at once, and the next one is picked up. On a JACK server that is killed.
import { describe, expect, it } from 'vitest'
import { type Json, JsonEngine, type JsonEngineOptions, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { hasJack, jackServers } from './support/jack.ts'
import { chain, eventually } from './support/live.ts'
import { fixture } from './support/native.ts'

const folder = temporaryFolder()

interface DeviceEvent {
  event: string
  name?: string
  reason?: string
  node_id?: string
}

async function open(config: JsonEngineOptions) {
  const engine = await JsonEngine.open(config)
  const events: DeviceEvent[] = []
  engine.onEvent((event) => events.push(JSON.parse(event)))
  const must = (request: Json) => engine.must(request)
  const subscribed = ['device_lost', 'device_found', 'plugin_fault']
  await must({ cmd: 'subscribe', events: subscribed, interval_ms: 1 })
  return { engine, events, must }
}

/** Whether all of it is one sine: every sample follows from the two before it. */
function isSine(samples: Float32Array, frequency: number): boolean {
  const factor = 2 * Math.cos((2 * Math.PI * frequency) / 48_000)
  return samples.every(
    (sample, at) =>
      at < 2 || Math.abs(sample - factor * (samples[at - 1] as number) + (samples[at - 2] as number)) < 1e-5,
  )
}

describe.runIf(hasJack())('a JACK server that is killed', needs('portaudio'), () => {
  const start = jackServers(folder)

  it('is replaced by the clock, and by the next server, three times in one process', async () => {
    let jack = await start(128)
    const { engine, events, must } = await open({ sampleRate: 48_000, outputDevice: 'system' })
    await must(chain())
    await must({ cmd: 'note_on', pitch: 69 })
    await must({ cmd: 'play' })
    const position = () => must({ cmd: 'get_position' })
    for (let times = 1; times <= 3; times++) {
      await jack.connected()
      const before: number = (await position()).frame
      await eventually(position, ({ frame }) => frame > before + 4800)

      await jack.kill()
      // All that a client asks is answered meanwhile. A call into the dead server would take most of a minute.
      const took: number[] = []
      let after = Number.POSITIVE_INFINITY
      const questions = [{ cmd: 'get_position' }, { cmd: 'get_stats' }, { cmd: 'set_bpm', bpm: 100 + times }]
      await eventually(
        async () => {
          for (const question of questions) {
            const asked = performance.now()
            await must(question)
            took.push(performance.now() - asked)
          }
          const { frame } = await position()
          if (events.filter(({ event }) => event === 'device_lost').length === times) after = Math.min(after, frame)
          return frame
        },
        (frame) => frame > after + 24_000,
      )
      // One that asks the audio thread may fall into the gap, and a busy machine may hold up another.
      const late = took.filter((ms) => ms >= 100)
      expect(took.length).toBeGreaterThan(20)
      expect(late.length).toBeLessThanOrEqual(2)
      expect(Math.max(...took)).toBeLessThan(1500)
      expect(events.at(-1)).toEqual({ event: 'device_lost', name: 'system', reason: expect.stringMatching(/./) })
      expect(await must({ cmd: 'list_devices' })).toMatchObject({ open: 'none', lost: 'system' })
      expect((await position()).playing).toBe(true)

      jack = await start(128)
      await eventually(
        () => events.length,
        (count) => count === 2 * times,
      )
      expect(events.at(-1)).toEqual({ event: 'device_found', name: 'system' })
      expect(await must({ cmd: 'list_devices' })).toMatchObject({ open: 'system' })
    }
    await jack.connected()
    jack.clear()
    const { frame } = await position()
    await eventually(position, (now) => now.frame > frame + 24_000)
    const [left, right] = await jack.recorded()
    expect(Math.max(...left.subarray(-4800))).toBeGreaterThan(0.1)
    expect(isSine(left.subarray(-4800), 440)).toBe(true)
    expect(isSine(right.subarray(-4800), 440)).toBe(true)
    await engine.close()
    await jack.stop()
  })
})

describe.runIf(hasJack())('a JACK server that is killed while a stream closes', needs('portaudio'), () => {
  const start = jackServers(folder)

  it('takes nobody with it, although PortAudio asserts that it lives', async () => {
    for (let times = 0; times < 4; times++) {
      const jack = await start(64)
      const { engine, must } = await open({ sampleRate: 48_000, outputDevice: 'system' })
      await must({ cmd: 'play' })
      expect((await must({ cmd: 'list_devices' })).open).toBe('system')
      await engine.close()
      await jack.kill()
    }
  })
})

describe('a plugin that does not return', needs('plugin_libraries', 'threads'), () => {
  const pluginPaths = [fixture('slow.so')]
  const slow = (seconds: number) => {
    const graph = chain({ id: 'slow', type: 'test.slow', params: { seconds } })
    const wire = { from_node: 'slow', from_port: 'out', to_node: 'mixer', to_port: 'audio_in_1' }
    return { ...graph, connections: [...graph.connections, wire] }
  }

  it('is named and left behind, holds up nobody who asks, and the rest plays on until it is heard again', async () => {
    const { engine, events, must } = await open({
      sampleRate: 48_000,
      blockSize: 128,
      outputDevice: 'none',
      pluginPaths,
    })
    const position = () => must({ cmd: 'get_position' })
    await must(slow(0))
    await must({ cmd: 'play' })
    await must({ cmd: 'set_param', node_id: 'slow', param_id: 'seconds', value: 20 })
    await eventually(
      () => events,
      (now) => now.length > 0,
    )
    expect(events).toEqual([
      expect.objectContaining({ event: 'plugin_fault', node_id: 'slow', plugin_id: 'test.slow', reason: 'stuck' }),
    ])
    const asked = performance.now()
    await must({ cmd: 'get_stats' })
    expect(performance.now() - asked).toBeLessThan(1000)
    const { beat } = await position()
    await eventually(position, (now) => now.playing && now.beat > beat + 0.5)
    expect((await must({ cmd: 'get_stats' })).faults).toEqual(['slow'])
    await must({ cmd: 'set_param', node_id: 'slow', param_id: 'seconds', value: 0 })
    await must({ cmd: 'reset_node', node_id: 'slow' })
    await eventually(
      async () => (await must({ cmd: 'get_stats' })).faults,
      (faults) => faults.length === 0,
    )
    expect(events.length).toBe(1)
    await engine.close()
  })

  it('is left behind also when nobody asked for events', async () => {
    const engine = await JsonEngine.open({ sampleRate: 48_000, blockSize: 128, outputDevice: 'none', pluginPaths })
    await engine.must(slow(20))
    await engine.must({ cmd: 'play' })
    await eventually(
      () => engine.must({ cmd: 'get_position' }),
      (now) => now.playing && now.beat > 0.5,
    )
    await engine.close()
  })

  it('is left behind when the engine is closed', async () => {
    const { engine, events, must } = await open({
      sampleRate: 48_000,
      blockSize: 128,
      outputDevice: 'none',
      pluginPaths,
    })
    await must(slow(3))
    await must({ cmd: 'play' })
    await eventually(
      () => events.length,
      (count) => count > 0,
    )
    const before = performance.now()
    await engine.close()
    expect(performance.now() - before).toBeLessThan(2000)
  })
})

describe.runIf(hasJack())(
  'a plugin that does not return to a JACK server',
  needs('plugin_libraries', 'portaudio'),
  () => {
    const start = jackServers(folder)

    it('loses the device, and the clock goes on', async () => {
      const jack = await start(128)
      const pluginPaths = [fixture('slow.so')]
      const { engine, events, must } = await open({ sampleRate: 48_000, outputDevice: 'system', pluginPaths })
      const position = () => must({ cmd: 'get_position' })
      const graph = chain({ id: 'slow', type: 'test.slow' })
      const wire = { from_node: 'slow', from_port: 'out', to_node: 'mixer', to_port: 'audio_in_1' }
      await must({ ...graph, connections: [...graph.connections, wire] })
      await must({ cmd: 'play' })
      await must({ cmd: 'set_param', node_id: 'slow', param_id: 'seconds', value: 3 })
      await eventually(
        () => events,
        (now) => now.some(({ event }) => event === 'device_lost'),
      )
      expect(events.map(({ event }) => event).slice(0, 2)).toEqual(['plugin_fault', 'device_lost'])
      expect(events[0]).toMatchObject({ node_id: 'slow', reason: 'stuck' })
      expect(events[1]).toMatchObject({ name: 'system', reason: 'A plugin does not return' })
      const { beat } = await position()
      await eventually(position, (now) => now.playing && now.beat > beat + 0.5)
      await engine.close()
      await jack.stop()
    })
  },
)
