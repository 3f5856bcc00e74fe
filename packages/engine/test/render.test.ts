import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { type Engine, EngineError, importMidi, type RenderProgress } from '../src/index.ts'
import { createEngine, needs, ownEngine } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { longSession, notes, sessionOf } from './support/sessions.ts'
import { readSongFile } from './support/songs.ts'
import { readWav } from './support/wav.ts'

const run = promisify(execFile)
const index = fileURLToPath(new URL('../dist/index.js', import.meta.url))
const supportFile = (name: string) => fileURLToPath(new URL(`./support/${name}`, import.meta.url))
const folder = temporaryFolder()
let engine: Engine
beforeAll(async () => {
  engine = await createEngine()
})
afterAll(() => engine.close())

const hasLoudness = () => inject('features').includes('loudness')
const short = sessionOf('builtin.synth', notes([60, 64, 67, 72]))

describe('Engine.render: a file', () => {
  beforeAll(() => engine.load(short))

  it.each([
    [16, 16, false],
    [24, 24, false],
    ['32f', 32, true],
  ] as const)('is WAV with %s bits', async (bitDepth, bits, isFloat) => {
    const path = join(folder, `depth-${bitDepth}.wav`)
    const info = await engine.render(path, { bitDepth })
    expect(info).toMatchObject({ path, format: 'wav', sampleRate: 44_100, channels: 2 })
    const wav = readWav(await readFile(path))
    expect(wav).toMatchObject({ sampleRate: 44_100, channels: 2, bits, isFloat })
    expect(wav.samples).toHaveLength(info.frames * 2)
    const { channelData } = await engine.render()
    const worst = wav.samples.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (channelData[at % 2]?.[at >> 1] ?? Number.NaN))),
      0,
    )
    expect(worst).toBeLessThanOrEqual(isFloat ? 0 : 1.01 / 2 ** (bits - 1))
  })

  it('is as long as the events and the tail', async () => {
    const { frames } = await engine.render(join(folder, 'length.wav'), { tailSeconds: 0.5 })
    expect(frames).toBe(Math.floor(3.5 * 0.5 * 44_100 + 0.5) + 22_050)
    const four = await engine.render(join(folder, 'length.wav'), { tailSeconds: 0, durationBeats: 4 })
    expect(four.frames).toBe(2 * 44_100)
  })

  it('has the format that its name says, or that is asked for', needs('flac'), async () => {
    const flac = await engine.render(join(folder, 'song.flac'))
    expect(flac.format).toBe('flac')
    expect((await readFile(flac.path)).toString('latin1', 0, 4)).toBe('fLaC')
    const raw = await engine.render(join(folder, 'samples.bin'), { format: 'raw_f32' })
    expect(await readFile(raw.path)).toHaveLength(raw.frames * 8)
    await expect(engine.render(join(folder, 'song.xyz'))).rejects.toMatchObject({
      code: 'invalid_request',
      path: '/path',
    })
  })

  it('may have another sample rate', async () => {
    const info = await engine.render(join(folder, 'rate.wav'), { sampleRate: 48_000, tailSeconds: 0 })
    expect(info).toMatchObject({ sampleRate: 48_000, frames: 84_000 })
    expect(readWav(await readFile(info.path)).sampleRate).toBe(48_000)
  })

  it('is refused where it cannot be written, and nothing is left', async () => {
    const path = join(folder, 'no', 'such', 'folder.wav')
    await expect(engine.render(path)).rejects.toMatchObject({
      code: 'io_error',
      message: expect.stringContaining(path),
    })
    expect(existsSync(path)).toBe(false)
  })

  it('is refused in a form that does not exist, before anything is written', needs('flac'), async () => {
    const path = join(folder, 'float.flac')
    await expect(engine.render(path, { bitDepth: '32f' })).rejects.toBeInstanceOf(EngineError)
    await expect(engine.render(path, { sampleRate: -1 })).rejects.toMatchObject({
      code: 'out_of_range',
      path: '/sample_rate',
    })
    expect(existsSync(path)).toBe(false)
  })
})

describe('Engine.render: samples', () => {
  beforeAll(() => engine.load(short))

  it('are one array a channel, and not silent', async () => {
    const { channelData, channels, frames } = await engine.render()
    expect(channelData).toHaveLength(channels)
    for (const samples of channelData) {
      expect(samples).toHaveLength(frames)
      expect(samples.every((value) => Number.isFinite(value) && Math.abs(value) < 1)).toBe(true)
      expect(samples.some((value) => Math.abs(value) > 0.01)).toBe(true)
    }
  })

  it('keep left and right apart', async () => {
    const nodes = short.graph.nodes?.map((node) => (node.type === 'mixer' ? { ...node, params: { pan_0: 1 } } : node))
    await engine.load({ graph: { ...short.graph, nodes: nodes ?? [] }, events: short.events })
    const { channelData } = await engine.render()
    expect(channelData.map((samples) => samples.some((value) => value !== 0))).toEqual([false, true])
    await engine.load(short)
  })

  it('are measured as they are', async () => {
    const { channelData, analysis } = await engine.render(undefined, { measure: true })
    const all = channelData.flatMap((samples) => [...samples])
    const peak = all.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const power = all.reduce((sum, value) => sum + value * value, 0) / all.length
    expect(analysis?.peakDbfs).toBeCloseTo(20 * Math.log10(peak), 2)
    expect(analysis?.rmsDbfs).toBeCloseTo(10 * Math.log10(power), 2)
    if (hasLoudness()) expect(analysis?.integratedLufs).toBeGreaterThan(-60)
    if (hasLoudness()) expect(analysis?.integratedLufs).toBeLessThan(0)
    expect(analysis?.overview).toHaveLength(512)
    expect(Math.max(...(analysis?.overview ?? []))).toBeCloseTo(peak, 5)
  })

  it('of silence measure as silence', async () => {
    await engine.load(sessionOf('builtin.synth', []))
    const { analysis } = await engine.render(undefined, { measure: true, durationBeats: 2 })
    expect(analysis).toMatchObject({ peakDbfs: -Infinity, rmsDbfs: -Infinity })
    if (hasLoudness()) expect(analysis?.integratedLufs).toBe(-Infinity)
    await engine.load(short)
  })

  it('leave no temporary file behind', async () => {
    const temporary = join(folder, 'temporary')
    await import('node:fs/promises').then(({ mkdir }) => mkdir(temporary))
    vi.stubEnv('TMPDIR', temporary)
    await engine.render()
    await expect(engine.render(undefined, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(EngineError)
    expect(readdirSync(temporary)).toEqual([])
    vi.unstubAllEnvs()
  })
})

describe('Engine.render: progress and cancelling', () => {
  beforeAll(() => engine.load(longSession(10, 'builtin.synth')))
  afterEach(() => vi.restoreAllMocks())

  it('reports how far it is, in order, to the end', async () => {
    const reports: RenderProgress[] = []
    const { frames } = await engine.render(join(folder, 'progress.wav'), {
      onProgress: (progress) => reports.push(progress),
    })
    expect(reports.length).toBeGreaterThan(1)
    const ratios = reports.map(({ ratio }) => ratio)
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b))
    expect(reports.at(-1)).toEqual({ ratio: 1, frames, totalFrames: frames })
    expect(reports.every((report) => report.totalFrames === frames && report.ratio >= 0 && report.ratio <= 1)).toBe(
      true,
    )
  })

  it('ends when its signal says so, and leaves no file', async () => {
    const path = join(folder, 'aborted.wav')
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const render = engine.render(path, { signal: controller.signal, onProgress: () => controller.abort(reason) })
    await expect(render).rejects.toMatchObject({ code: 'cancelled', cause: reason })
    expect(readdirSync(folder).filter((name) => name.includes('aborted'))).toEqual([])
    expect((await engine.send({ cmd: 'ping' })).status).toBe('ok')
  })

  it('ends when its signal says so at once', async () => {
    const path = join(folder, 'aborted.wav')
    const controller = new AbortController()
    const render = engine.render(path, { signal: controller.signal })
    controller.abort()
    await expect(render).rejects.toMatchObject({ code: 'cancelled' })
    await expect(engine.render(path, { signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' })
    expect(existsSync(path)).toBe(false)
  })

  it('leaves the file of before as it was when it is cancelled', async () => {
    const path = join(folder, 'kept.wav')
    await writeFile(path, 'what was here')
    const controller = new AbortController()
    const render = engine.render(path, { signal: controller.signal, onProgress: () => controller.abort() })
    await expect(render).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readFile(path, 'utf8')).toBe('what was here')
  })

  it('ends with what the progress callback throws', async () => {
    const path = join(folder, 'thrown.wav')
    const problem = new Error('no bar')
    const render = engine.render(path, {
      onProgress: () => {
        throw problem
      },
    })
    await expect(render).rejects.toBe(problem)
    expect(existsSync(path)).toBe(false)
  })

  it('ends when its engine is closed', async () => {
    const other = await createEngine()
    await other.load(longSession(10))
    const path = join(folder, 'closed.wav')
    const render = other.render(path)
    const outcome = expect(render).rejects.toMatchObject({ code: 'cancelled' })
    await other.close()
    await outcome
    expect(existsSync(path)).toBe(false)
  })

  it('runs beside others, each with its own progress', async () => {
    const ends: number[] = []
    const renders = [1, 2].map((beats) =>
      engine.render(undefined, {
        durationBeats: beats,
        tailSeconds: 0,
        onProgress: ({ totalFrames }) => ends.push(totalFrames),
      }),
    )
    expect((await Promise.all(renders)).map(({ frames }) => frames)).toEqual([22_050, 44_100])
    expect(new Set(ends)).toEqual(new Set([22_050, 44_100]))
  })
})

describe('Engine.render: the same bits', () => {
  it('come again in this process and in another, as samples, WAV and FLAC', async () => {
    const song = await importMidi(readSongFile('coconut_run2'))
    song.master.add('builtin.reverb', { wet: 0.25 })
    const session = join(folder, 'same.json')
    await writeFile(session, JSON.stringify(song))
    await engine.load(song)
    const names = ['wav', 'f32', ...(inject('features').includes('flac') ? ['flac'] : [])]
    const paths = (round: string) => names.map((name) => join(folder, `same-${round}.${name}`))
    for (const round of ['one', 'two']) for (const path of paths(round)) await engine.render(path)
    await run(process.execPath, [supportFile('render-session.mjs'), index, session, ...paths('other')], {
      env: ownEngine(),
    })
    for (const [at, first] of paths('one').entries()) {
      const bytes = await readFile(first)
      for (const round of ['two', 'other']) {
        expect(bytes.equals(await readFile(paths(round)[at] as string)), `${names[at]} ${round}`).toBe(true)
      }
    }
  })
})

describe('Engine.render: the event loop', () => {
  it('goes on while ten minutes are rendered, and pings are answered', async () => {
    const session = join(folder, 'long.json')
    const { graph, events } = longSession(10, 'builtin.synth')
    await writeFile(session, JSON.stringify({ version: 1, graph, schedule: events }))
    // Whatever else the machine does stalls the loop now and then, also by keeping the collector's helper threads waiting;
    // what the engine does would stall it every time.
    const script = [supportFile('watch-event-loop.mjs'), index, session, join(folder, 'long.wav')]
    const runs: { stallMs: number; pings: number; slowestPingMs: number; frames: number }[] = []
    do {
      const { stdout } = await run(process.execPath, ['--single-threaded-gc', ...script], { env: ownEngine() })
      runs.push(JSON.parse(stdout))
    } while (runs.length < 4 && (runs.at(-1)?.stallMs ?? 0) > 20)
    const best = runs.reduce((a, b) => (a.stallMs < b.stallMs ? a : b))
    expect(best.stallMs, JSON.stringify(runs)).toBeLessThan(20)
    expect(best.pings).toBeGreaterThan(3)
    expect(best.frames).toBeGreaterThan(599 * 44_100)
  }, 240_000)
})
