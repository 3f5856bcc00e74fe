import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  ArrangerEngine,
  type ArrangerEngineOptions,
  Engine,
  EngineError,
  type EngineOptions,
  Song,
  type SongData,
  type SongSource,
  type Track,
} from '../src/index.ts'
import { apart, connect, createEngine, needs, ownEngine } from './support/engine.ts'
import { soundfont } from './support/fluidsynth.mjs'
import { temporaryFolder } from './support/folder.ts'
import { fixture } from './support/native.ts'
import { readWav } from './support/wav.ts'

const folder = temporaryFolder()
const open: ArrangerEngine[] = []

afterEach(() => Promise.all(open.splice(0).map((engine) => engine.shutdown())))

const pluginPaths = [fixture('listener.so')]
function engineFor(song: SongSource, options?: ArrangerEngineOptions): ArrangerEngine {
  const engine = new ArrangerEngine(song, apart({ pluginPaths, ...options }))
  open.push(engine)
  return engine
}

const listener = { type: 'test.listener' }
const note = (beat: number, length: number, pitch = 60) => ({ beat, length, pitch })
const listening = (id: string, rest: Partial<Track> = {}): Track => ({ id, instrument: listener, ...rest })

/** Waits until a node shows a value. */
async function shows(engine: ArrangerEngine, node: string, port: string, value: number): Promise<void> {
  await vi.waitFor(async () => expect(await engine.getNodeData(node, port)).toBe(value), {
    timeout: 10_000,
    interval: 5,
  })
}

async function graphOf(engine: ArrangerEngine) {
  const { nodes } = await engine.send({ cmd: 'get_graph' })
  return Object.fromEntries(nodes.map(({ id, type, params }) => [id, { type, params }]))
}

describe('ArrangerEngine: the transport', needs('plugin_libraries'), () => {
  it('plays what the song is, to its end', async () => {
    const engine = engineFor({ bpm: 300, tracks: [listening('a', { notes: [note(0, 2, 61), note(2, 1, 62)] })] })
    expect(engine.isConnected()).toBe(false)
    await engine.play()
    expect([engine.isConnected(), engine.isPlaying()]).toEqual([true, true])
    await shows(engine, 'synth_a', 'key', 62)
    await vi.waitFor(() => expect(engine.isPlaying()).toBe(false), { timeout: 10_000, interval: 5 })
    expect(await engine.getNodeData('synth_a', 'begun')).toBe(2)
    expect(await engine.getNodeData('synth_a', 'notes')).toBe(0)
  })

  it('moves and tells the position while it is stopped', async () => {
    const engine = engineFor({ tracks: [listening('a', { notes: [note(0, 64)] })] })
    expect(engine.currentBeat()).toBe(0)
    await engine.seek(5.5)
    expect([engine.currentBeat(), engine.isPlaying()]).toEqual([5.5, false])
    await engine.play()
    await vi.waitFor(() => expect(engine.currentBeat()).toBeGreaterThan(5.6))
    await engine.stop()
    const beat = engine.currentBeat()
    expect(engine.isPlaying()).toBe(false)
    expect(beat).toBe((await engine.send({ cmd: 'get_position' })).beat)
    await expect(engine.seek(-1)).rejects.toMatchObject({ code: 'out_of_range', path: '/beat' })
    expect(engine.currentBeat()).toBe(beat)
  })

  it('loops, by hand and as the song says, and plays on after it', async () => {
    const song: SongData = {
      bpm: 600,
      loop: { start: 0, end: 1 },
      tracks: [listening('a', { notes: [note(0, 0.5), note(2, 0.5, 70)] })],
    }
    const engine = engineFor(song)
    await engine.play()
    await vi.waitFor(async () => expect(await engine.getNodeData('synth_a', 'begun')).toBeGreaterThan(3), {
      timeout: 10_000,
    })
    expect(engine.currentBeat()).toBeLessThan(1)
    expect(await engine.getNodeData('synth_a', 'key')).toBe(60)
    await engine.setLoop(null)
    await shows(engine, 'synth_a', 'key', 70)
    await engine.setLoop(2, 3)
    await engine.seek(2)
    await engine.play()
    await vi.waitFor(async () => expect(await engine.getNodeData('synth_a', 'begun')).toBeGreaterThan(8), {
      timeout: 10_000,
    })
    expect(await engine.getNodeData('synth_a', 'key')).toBe(70)
    await expect(engine.setLoop(3, 3)).rejects.toMatchObject({ code: 'out_of_range' })
  })
})

describe('ArrangerEngine: what is sent', needs('plugin_libraries'), () => {
  /** A backend that writes down what goes to a real engine. */
  function recording() {
    const commands: string[] = []
    const backend = async () => {
      const connection = await connect()
      const request = connection.request.bind(connection)
      connection.request = (json) => {
        const { cmd, commands: inside } = JSON.parse(json) as { cmd: string; commands?: { cmd: string }[] }
        commands.push(...(inside ?? [{ cmd }]).map((one) => one.cmd))
        return request(json)
      }
      const engine = new Engine(connection)
      await engine.loadPluginLibraries(pluginPaths)
      commands.length = 0
      return engine
    }
    return { backends: { recorded: backend }, take: () => commands.splice(0).filter((cmd) => cmd !== 'get_position') }
  }

  it('is what changed, and all of it', async () => {
    const { backends, take } = recording()
    const song: { data: SongData } = { data: { bpm: 100, tracks: [listening('a', { notes: [note(0, 1)] })] } }
    const engine = engineFor(() => song.data, { backends })
    await engine.switchBackend('recorded')
    const playing = async (change: Partial<SongData>) => {
      song.data = { ...song.data, ...change }
      await engine.play()
      return take()
    }
    expect(await playing({})).toEqual(['set_graph', 'set_schedule', 'play'])
    expect(await playing({})).toEqual(['play'])
    expect(await playing({ bpm: 90 })).toEqual(['set_bpm', 'play'])
    expect(await playing({ tempos: [{ beat: 1, bpm: 80 }] })).toEqual(['set_schedule', 'play'])
    expect(await playing({ loop: { start: 0, end: 1 } })).toEqual(['set_loop', 'play'])
    expect(await playing({ tracks: [listening('a'), listening('b')] })).toEqual(['set_graph', 'set_schedule', 'play'])
    engine.markDirty()
    expect(await playing({})).toEqual(['set_graph', 'set_schedule', 'play'])
    await engine.playSingleNote(60)
    expect(take()).toEqual(['note_on'])
    song.data = { ...song.data, tracks: [listening('c')] }
    await engine.playSingleNote(60)
    expect(take()).toEqual(['set_graph', 'note_on'])
    await engine.setParam('synth_c', 'level', 0.5)
    await engine.ensureInstrument('c')
    expect(take()).toEqual(['set_param'])
  })

  it('is all or nothing', async () => {
    const song: { data: SongData } = { data: { bpm: 100, tracks: [listening('a', { notes: [note(0, 1)] })] } }
    const engine = engineFor(() => song.data)
    await engine.play()
    await engine.stop()
    const before = await engine.send({ cmd: 'get_graph' })
    const good = song.data
    song.data = {
      ...good,
      bpm: 77,
      tracks: [...(good.tracks ?? []), { id: 'b', instrument: { type: 'no.such.plugin' } }],
    }
    await expect(engine.play()).rejects.toMatchObject({ code: 'unknown_plugin', path: '/nodes/3/type' })
    expect(await engine.send({ cmd: 'get_graph' })).toEqual(before)
    expect(engine.isPlaying()).toBe(false)
    song.data = { ...good, bpm: 0 }
    await expect(engine.play()).rejects.toMatchObject({ code: 'invalid_song', path: '/bpm' })
    song.data = good
    await engine.play()
    expect(engine.isPlaying()).toBe(true)
  })

  it('keeps what was set by hand when the tracks change', async () => {
    const song: { data: SongData } = { data: { tracks: [listening('a')] } }
    const engine = engineFor(() => song.data)
    await engine.setParam('synth_a', 'level', 0.5)
    song.data = { tracks: [listening('a'), listening('b')] }
    await engine.ensureInstrument('b')
    const graph = await graphOf(engine)
    expect(graph.synth_a?.params.level).toBe(0.5)
    expect(graph.synth_b?.params.level, 'its default').toBeUndefined()
    await expect(engine.setParam('synth_a', 'levell', 0)).rejects.toMatchObject({ code: 'unknown_param' })
    await expect(engine.setParam('nobody', 'level', 0)).rejects.toMatchObject({ code: 'unknown_node' })
  })
})

describe('ArrangerEngine: notes by hand', needs('plugin_libraries'), () => {
  const tracks = [listening('a', { channel: 2 }), listening('b', { channel: 3 })]

  it('sound on the track that is named, its channel or the first, and end', async () => {
    const engine = engineFor({ tracks })
    await engine.playSingleNote(64, 90, undefined, 0.05, 'b')
    await shows(engine, 'synth_b', 'key', 64)
    await shows(engine, 'synth_b', 'notes', 0)
    expect(await engine.getNodeData('synth_b', 'velocity')).toBe(90)
    expect(await engine.getNodeData('synth_b', 'channel')).toBe(3)
    await engine.playSingleNote(65, 100, 3, 0.05)
    await shows(engine, 'synth_b', 'key', 65)
    await engine.playSingleNote(66, 100, 9, 0.05)
    await shows(engine, 'synth_a', 'key', 66)
    expect(await engine.getNodeData('synth_a', 'channel')).toBe(9)
    await expect(engine.playSingleNote(60, 100, 0, 1, 'c')).rejects.toMatchObject({ code: 'unknown_node' })
    await expect(engine.playSingleNote(128)).rejects.toMatchObject({ code: 'out_of_range', path: '/pitch' })
    await expect(engine.playSingleNote(60, 100, 0, 0)).rejects.toMatchObject({ code: 'out_of_range' })
  })

  it('sound without any track', async () => {
    const engine = engineFor({})
    await engine.playSingleNote(60, 100, 0, 3000)
    expect(Object.keys(await graphOf(engine))).toEqual(['track_default', 'synth_default', 'mixer'])
    await vi.waitFor(async () => expect(await engine.getNodeData('mixer', 'level_l')).toBeGreaterThan(0.001), {
      timeout: 10_000,
    })
  })

  it('end at once when they are told to', async () => {
    const engine = engineFor({ tracks })
    await engine.playSingleNote(60, 100, 2, 3000)
    await engine.playSingleNote(62, 100, 3, 3000)
    await shows(engine, 'synth_a', 'notes', 1)
    await shows(engine, 'synth_b', 'notes', 1)
    await engine.allNotesOff()
    await shows(engine, 'synth_a', 'notes', 0)
    await shows(engine, 'synth_b', 'notes', 0)
  })

  it('have the program of their channel at once, and the song keeps it', async () => {
    const engine = engineFor({ tracks })
    await engine.setChannelProgram(3, 8, 40)
    await engine.playSingleNote(60, 100, 3, 3000)
    await shows(engine, 'synth_b', 'program', 8 * 128 + 40)
    expect(await engine.getNodeData('synth_a', 'program')).toBe(0)
    expect(engine.song.tracks?.map(({ program, bank }) => [program, bank])).toEqual([
      [undefined, undefined],
      [40, 8],
    ])
    await expect(engine.setChannelProgram(3, 0, 128)).rejects.toBeInstanceOf(EngineError)
    expect(engine.song.tracks?.[1]?.program, 'a refused program is not kept').toBe(40)
  })
})

describe('ArrangerEngine: instruments', needs('plugin_libraries'), () => {
  it('says what plays a track', async () => {
    const engine = engineFor({
      instruments: [{ id: 'shared', type: 'test.listener' }],
      tracks: [listening('a', { channel: 4 }), { id: 'b', instrument: 'shared', channel: 5 }],
    })
    expect(await engine.ensureInstrument('a')).toBe('synth_a')
    expect(await engine.ensureInstrument('b')).toBe('shared')
    expect(await engine.ensureInstrument(5)).toBe('shared')
    expect(await engine.ensureInstrument(15)).toBe('synth_a')
    await expect(engine.ensureInstrument('c')).rejects.toMatchObject({ code: 'unknown_node' })
  })

  it('gives a SoundFont to those that were not chosen', async () => {
    const engine = engineFor({ tracks: [{ id: 'a' }, listening('b')] })
    await engine.loadSf2(soundfont)
    const graph = await graphOf(engine)
    expect(graph.synth_a).toMatchObject({ type: 'builtin.fluidsynth', params: { sf2_path: soundfont } })
    expect(graph.synth_b?.type).toBe('test.listener')
    expect(engine.song.soundfont).toBe(soundfont)
    engine.setSong({ tracks: [{ id: 'a' }] })
    await engine.ensureInstrument('a')
    expect((await graphOf(engine)).synth_a?.type, 'another song has its own').toBe('builtin.synth')
  })

  it('takes no SoundFont that is none, and is as before', async () => {
    const engine = engineFor({ tracks: [{ id: 'a' }] })
    await engine.ensureInstrument('a')
    await expect(engine.loadSf2(join(folder, 'none.sf2'))).rejects.toMatchObject({ code: 'io_error' })
    await expect(engine.loadSf2(import.meta.filename)).rejects.toBeInstanceOf(EngineError)
    expect(engine.song.soundfont).toBeUndefined()
    expect((await graphOf(engine)).synth_a?.type).toBe('builtin.synth')
  })
})

describe('ArrangerEngine: renders', needs('plugin_libraries'), () => {
  it('the song as it is, into bytes and into a file', async () => {
    const data: SongData = { bpm: 300, tracks: [listening('a', { notes: [note(0, 1), note(2, 1)], pan: 1 })] }
    const engine = engineFor(data)
    const bytes = await engine.renderOfflineWav(undefined, { tailSeconds: 0 })
    const path = join(folder, 'song.wav')
    const info = await engine.renderOfflineWav(path, { tailSeconds: 0 })
    expect(info).toMatchObject({ path, format: 'wav', frames: 0.6 * 44_100 })
    expect(Buffer.from(bytes).equals(await readFile(path))).toBe(true)
    const { samples } = readWav(Buffer.from(bytes))
    const level = (seconds: number) => [0, 1].map((side) => samples[2 * Math.round(seconds * 44_100) + side] as number)
    const side = Math.SQRT2 * 0.25
    const expected = [
      [0, side],
      [0, 0],
      [0, side],
    ]
    for (const [at, seconds] of [0.1, 0.3, 0.5].entries()) {
      expect(level(seconds)[0]).toBe(0)
      expect(level(seconds)[1]).toBeCloseTo(expected[at]?.[1] as number, 3)
    }
    await using plain = await createEngine({ pluginPaths })
    await plain.load(new Song(data))
    const other = join(folder, 'other.wav')
    await plain.render(other, { tailSeconds: 0 })
    expect((await readFile(other)).equals(Buffer.from(bytes))).toBe(true)
  })
})

describe('ArrangerEngine: backends', needs('plugin_libraries'), () => {
  const none = async (): Promise<Engine> => {
    throw new EngineError('device_unavailable', 'There is no such device')
  }

  const again = ({ serverAddress: _, ...options }: EngineOptions) => createEngine(options)

  it('are told by name, and the present one stays when another cannot be had', async () => {
    const engine = engineFor({ tracks: [listening('a')] }, { backends: { none, again } })
    expect(engine.backends).toEqual(['binding', 'server', 'wasm', 'none', 'again'])
    await engine.ensureInstrument('a')
    await expect(engine.switchBackend('Bindings')).rejects.toMatchObject({
      code: 'unknown_backend',
      message: expect.stringContaining("nearest is 'binding'"),
    })
    await expect(engine.switchBackend('none')).rejects.toMatchObject({ code: 'device_unavailable' })
    expect(engine.backend).toBe(process.env.ARRANGER_BACKEND)
    expect(await graphOf(engine)).toHaveProperty('synth_a')
    await engine.switchBackend('again')
    expect(engine.backend).toBe('again')
    expect(await graphOf(engine), 'another engine').toEqual({})
    await engine.play()
    expect(await graphOf(engine)).toHaveProperty('synth_a')
  })

  it('may be tried again after one could not be reached', async () => {
    let calls = 0
    const shaky = () => (calls++ === 0 ? none() : createEngine())
    const engine = engineFor({}, { backend: 'shaky', backends: { shaky } })
    await expect(engine.connect()).rejects.toMatchObject({ code: 'device_unavailable' })
    expect(engine.isConnected()).toBe(false)
    await engine.connect()
    expect(engine.isConnected()).toBe(true)
  })

  it('gives the engine behind it, which has the song', async () => {
    const engine = engineFor({ tracks: [listening('a')] })
    await engine.play()
    const behind = await engine.engine()
    expect(await behind.send({ cmd: 'get_graph' })).toEqual(await engine.send({ cmd: 'get_graph' }))
    await engine.shutdown()
    await expect(engine.engine()).rejects.toMatchObject({ code: 'engine_closed' })
  })
})

describe('ArrangerEngine: the end', needs('plugin_libraries'), () => {
  it('is final, and may be said twice', async () => {
    const engine = engineFor({ tracks: [listening('a', { notes: [note(0, 64)] })] })
    await engine.play()
    await engine.playSingleNote(60, 100, 0, 3000)
    await Promise.all([engine.shutdown(), engine.shutdown()])
    expect([engine.isConnected(), engine.isPlaying()]).toEqual([false, false])
    for (const call of [engine.play(), engine.playSingleNote(60), engine.connect(), engine.renderOfflineWav()]) {
      await expect(call).rejects.toMatchObject({ code: 'engine_closed' })
    }
  })

  it('does not keep a process that has nothing else to do', () => {
    const index = new URL('../dist/index.js', import.meta.url).href
    const code = `const { ArrangerEngine } = await import(${JSON.stringify(index)})
      const engine = new ArrangerEngine({ tracks: [{ id: 'a', notes: [{ beat: 0, length: 9000, pitch: 60 }] }] })
      await engine.play()
      await engine.playSingleNote(60, 100, 0, 3000)
      console.log(engine.isPlaying())`
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      timeout: 30_000,
      cwd: folder,
      env: ownEngine(),
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'true\n', stderr: '' })
  })
})
