// Devices of the system, on a real stream: a JACK server with the dummy driver. And none at all: everything works by the clock.
import { spawnSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Reply as ReplyOf } from '../src/index.ts'
import { type Json, JsonEngine, type JsonEngineOptions, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { hasJack, type JackServer, jackServers } from './support/jack.ts'
import { eventually } from './support/live.ts'
import { addonPath } from './support/native.ts'

const folder = temporaryFolder()
const servers: JsonEngine[] = []
afterEach(async () => {
  for (const engine of servers.splice(0)) await engine.close()
})

async function open(config: JsonEngineOptions = {}) {
  const engine = await JsonEngine.open(config)
  servers.push(engine)
  const ask = (request: Json) => engine.ask(request)
  const must = (request: Json) => engine.must(request)
  return { engine, ask, must }
}

const sine = {
  cmd: 'set_graph',
  nodes: [
    { id: 'sine', type: 'builtin.sine' },
    { id: 'mixer', type: 'mixer' },
  ],
  connections: [{ from_node: 'sine', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' }],
}
const position = { cmd: 'get_position' }

/** Runs a program in a process of its own, where the library is found or not; gives what it said on both channels. */
function runAlone(code: string, env: NodeJS.ProcessEnv) {
  const program = `const { AudioServer } = require(${JSON.stringify(addonPath)})
    const ask = (server, request) => JSON.parse(server.handle(JSON.stringify(request)))
    ${code}`
  const inherited = { ...process.env }
  delete inherited.ARRANGER_OUTPUT_DEVICE
  return spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    env: { ...inherited, ...env },
    timeout: 60_000,
  })
}

describe.each([
  ['no server of sound runs', { JACK_DEFAULT_SERVER: `none_${process.pid}`, ALSA_CARD: 'none' }],
  ['the system has no PortAudio', { ARRANGER_PORTAUDIO: '/no/such/library.so' }],
])('where %s', (_where, env) => {
  it('plays by the clock, and says nothing on stderr', () => {
    const { stdout, stderr, status } = runAlone(
      `const server = new AudioServer()
      const replies = [ask(server, { cmd: 'ping' }), ask(server, { cmd: 'list_devices' }), ask(server, { cmd: 'play' })]
      replies.push(ask(server, { cmd: 'open_device', name: 'default' }))
      const timer = setInterval(() => {
        if (ask(server, { cmd: 'get_position' }).frame < 4410) return
        clearInterval(timer)
        replies.push(ask(server, { cmd: 'list_devices' }))
        server.close()
        process.stdout.write(JSON.stringify(replies))
      }, 10)`,
      env,
    )
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const [ping, devices, play, opened, playing] = JSON.parse(stdout)
    expect(ping.features.includes('portaudio')).toBe(!('ARRANGER_PORTAUDIO' in env))
    expect(devices.devices.at(-1)).toMatchObject({ name: 'none', host_api: 'clock' })
    expect(play).toEqual({ status: 'ok' })
    expect(opened).toMatchObject({ status: 'error', code: 'device_unavailable' })
    expect(playing.open).toBe('none')
  })
})

describe.runIf(hasJack())('on a JACK server', needs('portaudio'), () => {
  const start = jackServers(folder)
  let jack: JackServer
  beforeAll(async () => {
    jack = await start(128)
  })
  afterAll(() => jack.stop())

  const devices = async (): Promise<ReplyOf<'list_devices'>['devices']> =>
    (await (await open()).must({ cmd: 'list_devices' })).devices

  it('lists the device under a name of its own, with what it can do', async () => {
    const listed = await devices()
    expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length)
    const device = listed.find(({ host_api }) => host_api.startsWith('JACK'))
    expect(device).toMatchObject({ output_channels: 2, input_channels: 2, default_sample_rate: 48_000 })
    expect(listed.filter(({ is_default }) => is_default)).toHaveLength(1)
  })

  it('opens it by name, says what is in force, and plays on it again and again', async () => {
    const { must, ask } = await open({ sampleRate: 48_000 })
    await must(sine)
    const name = (await devices()).find(({ host_api }) => host_api.startsWith('JACK'))?.name
    const clock = { cmd: 'open_device', name: 'none', block_size: 256 }
    for (let times = 0; times < 5; times++) {
      const opened = await must({ cmd: 'open_device', name })
      expect(opened).toMatchObject({ name, sample_rate: 48_000, block_size: 128, input_channels: 0 })
      expect(opened.latency_ms).toBeGreaterThanOrEqual(128 / 48)
      expect(await must({ cmd: 'get_stats' })).toMatchObject({ device: name, sample_rate: 48_000, block_size: 128 })
      if (times % 2 === 0) expect(await must(clock)).toMatchObject({ name: 'none', block_size: 256 })
      else await must({ cmd: 'close_device' })
    }
    expect(await ask(position)).toMatchObject({ status: 'ok' })
  })

  it('is what plays when nothing else was asked for, at its own rate where none was chosen', async () => {
    const asked = process.env.ARRANGER_OUTPUT_DEVICE
    delete process.env.ARRANGER_OUTPUT_DEVICE
    try {
      const { must } = await open()
      await must(sine)
      await must({ cmd: 'play' })
      expect(await must({ cmd: 'get_stats' })).toMatchObject({ device: 'system', sample_rate: 48_000 })
      // A rate that was chosen is kept, so it is the clock that plays.
      const chosen = await open({ sampleRate: 44_100 })
      await chosen.must({ cmd: 'play' })
      expect(await chosen.must({ cmd: 'get_stats' })).toMatchObject({ device: 'none', sample_rate: 44_100 })
    } finally {
      if (asked !== undefined) process.env.ARRANGER_OUTPUT_DEVICE = asked
    }
  })

  it('refuses a name that is wrong and a rate that is not its own, and goes on with what it had', async () => {
    const { must, ask } = await open({ sampleRate: 48_000 })
    await must(sine)
    await must({ cmd: 'open_device', name: 'system' })
    await must({ cmd: 'play' })
    const wrong = await ask({ cmd: 'open_device', name: 'sytem' })
    expect(wrong).toMatchObject({ code: 'device_unavailable', path: '/name' })
    expect(wrong.message).toContain("'system'")
    const refused = await ask({ cmd: 'open_device', name: 'system', sample_rate: 44_100 })
    expect(refused).toMatchObject({ code: 'device_unavailable', path: '/sample_rate' })
    expect(refused.message).toContain('48000')
    expect(await must({ cmd: 'list_devices' })).toMatchObject({ open: 'system' })
    expect(await must({ cmd: 'get_stats' })).toMatchObject({ device: 'system', sample_rate: 48_000 })
    const { frame } = await must(position)
    await eventually(
      () => must(position),
      (now) => now.playing && now.frame > frame + 4800,
    )
    await expect(JsonEngine.open({ outputDevice: 'sytem' })).rejects.toThrow(/'system'/)
  })

  it('leaves the device at once, also while it plays', async () => {
    const { engine, must } = await open({ sampleRate: 48_000, outputDevice: 'system' })
    await must(sine)
    await must({ cmd: 'play' })
    await eventually(
      () => must(position),
      ({ frame }) => frame > 0,
    )
    const before = performance.now()
    await engine.close()
    // A stream takes some 20 ms to end, and a minute when its server is dead; nobody here waits for either.
    expect(performance.now() - before).toBeLessThan(1000)
  })

  it('plays what comes in, unless it was opened without; a render hears nothing', async () => {
    const { must } = await open({ sampleRate: 48_000 })
    const wire = { from_node: 'in', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' }
    const nodes = [
      { id: 'in', type: 'audio_input' },
      { id: 'mixer', type: 'mixer', params: { soft_clip: 0 } },
    ]
    await must({ cmd: 'set_graph', nodes, connections: [wire] })
    expect((await must({ cmd: 'open_device', name: 'system', input: true })).input_channels).toBe(2)
    await jack.connected()
    jack.clear()
    jack.tone()
    const { frame } = await must(position)
    await eventually(
      () => must(position),
      (now) => now.frame > frame + 24_000,
    )
    const [left, right] = (await jack.recorded()).map((channel) => channel.subarray(-4800))
    // A sawtooth of 64 steps on the left, its mirror image on the right, without a step too many or too few.
    expect(new Set(left)).toEqual(new Set(Float32Array.from({ length: 64 }, (_, step) => step / 64)))
    expect(left?.every((now, at) => at === 0 || now === ((left[at - 1] as number) + 1 / 64) % 1)).toBe(true)
    expect(right?.every((now, at) => now === -(left?.[at] as number))).toBe(true)
    const render = await must({ cmd: 'render', format: 'raw_f32', duration_beats: 0.1, tail_seconds: 0 })
    expect(Buffer.from(render.data, 'base64').every((byte) => byte === 0)).toBe(true)
    expect((await must({ cmd: 'open_device', name: 'system' })).input_channels).toBe(0)
  })

  it('ends with its process while it plays, without a word', () => {
    for (const end of ['process.exit(0)', 'server.close()', '']) {
      const { stdout, stderr, status } = runAlone(
        `const server = new AudioServer({ outputDevice: 'default' })
        process.stdout.write(ask(server, { cmd: 'play' }).status)
        ${end}`,
        {},
      )
      expect({ stdout, stderr, status }).toEqual({ stdout: 'ok', stderr: '', status: 0 })
    }
  })
})
