import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { type Engine, EngineError, type RenderProgress, type ScheduleEvent } from '../src/index.ts'
import { createEngine, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { longSession, notes, sessionOf } from './support/sessions.ts'
import { readWav } from './support/wav.ts'

const folder = temporaryFolder()
let engine: Engine
beforeAll(async () => {
  engine = await createEngine()
})
afterAll(() => engine.close())

const short = sessionOf('builtin.synth', notes([60, 64, 67, 72]))
/** Which a machine may lack. */
const compressed = ['flac', 'ogg', 'mp3'] as const
const named = (part: string) => readdirSync(folder).filter((name) => name.includes(part))

describe('Engine.render: formats', () => {
  beforeAll(() => engine.load(short))

  for (const [extension, magic, feature = []] of [
    ['wav', 'RIFF'],
    ['flac', 'fLaC', ['flac']],
    ['ogg', 'OggS', ['ogg']],
  ] as const)
    it(`writes .${extension}`, needs(...feature), async () => {
      const { format, path } = await engine.render(join(folder, `format.${extension}`))
      expect(format).toBe(extension)
      expect((await readFile(path)).toString('latin1', 0, 4)).toBe(magic)
    })

  it('writes .mp3, far smaller than WAV, with the length in its first frame', needs('mp3'), async () => {
    const { format, path, frames } = await engine.render(join(folder, 'format.mp3'))
    const bytes = await readFile(path)
    const header = bytes.readUInt16BE(0)
    expect(format).toBe('mp3')
    expect(header & 0xffe6, 'an MPEG frame of layer III').toBe(0xffe2)
    expect(bytes.length).toBeLessThan(frames)
    expect(bytes.subarray(0, 400).toString('latin1')).toMatch(/Xing|Info/)
  })

  it('hashes the same samples to the same, whatever file they go to', async () => {
    const hashes = new Set<string>()
    for (const extension of ['wav', 'f32', ...compressed.filter((format) => inject('features').includes(format))])
      hashes.add((await engine.render(join(folder, `hash.${extension}`))).hash)
    hashes.add((await engine.render()).hash)
    expect(hashes.size).toBe(1)
    const { hash } = await engine.render(undefined, { sampleRate: 48_000 })
    expect(hash).toMatch(/^[\da-f]{16}$/)
    expect(hashes.has(hash)).toBe(false)
  })

  it('refuses what a format cannot hold, before anything is written', needs(...compressed), async () => {
    const refused = (name: string, options: object, path: string) =>
      expect(engine.render(join(folder, name), options)).rejects.toMatchObject({ code: 'out_of_range', path })
    await refused('refused.mp3', { sampleRate: 96_000 }, '/sample_rate')
    await refused('refused.flac', { bitDepth: '32f' }, '/bit_depth')
    await refused('refused.ogg', { bitDepth: 16 }, '/bit_depth')
    await refused('refused.mp3', { bitDepth: 24 }, '/bit_depth')
    await refused('refused.f32', { bitDepth: 16 }, '/bit_depth')
    await refused('refused.wav', { tailSeconds: -1 }, '/tail_seconds')
    await refused('refused.wav', { tailSeconds: 'until_silent' }, '/tail_seconds')
    expect(named('refused')).toEqual([])
  })

  it('has the format that the path says when the request says none', needs('flac', 'mp3'), async () => {
    const send = (path?: string, bit_depth?: 16 | 24) =>
      engine.send({ cmd: 'render', ...(path && { path: join(folder, path) }), ...(bit_depth && { bit_depth }) })
    expect((await send('sent.flac')).format).toBe('flac')
    expect((await send('sent.MP3')).format).toBe('mp3')
    expect((await send('sent.xyz', 24)).format).toBe('wav')
    expect(readWav(await readFile(join(folder, 'sent.xyz'))).bits).toBe(24)
    const { format, data } = await send()
    expect(format).toBe('wav')
    expect(Buffer.from(data ?? '', 'base64').toString('latin1', 0, 4)).toBe('RIFF')
  })

  it.each(compressed)('is told by ping where it can be %s, and refused where not', async (format) => {
    const { features } = await engine.send({ cmd: 'ping' })
    const render = engine.render(join(folder, 'perhaps'), { format })
    if (features.includes(format)) expect((await render).format).toBe(format)
    else await expect(render).rejects.toBeInstanceOf(EngineError)
  })
})

describe('Engine.render: a tail until silence', () => {
  const quiet = 10 ** (-90 / 20)
  const reverberating = () => {
    const { graph, events } = sessionOf('builtin.synth', notes([72], 1, 0.25))
    const nodes = [...(graph.nodes ?? []), { id: 'hall', type: 'builtin.reverb', params: { room_size: 0.9, wet: 0.8 } }]
    const connections = (graph.connections ?? []).map((one) =>
      one.to_node === 'mixer' ? { ...one, to_node: 'hall', to_port: 'audio_in' } : one,
    )
    connections.push({ from_node: 'hall', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' })
    return { graph: { ...graph, nodes, connections }, events }
  }

  it('is as long as the reverb sounds, and half a second of quiet', async () => {
    await engine.load(reverberating())
    const { channelData, frames, warnings } = await engine.render(undefined, { tailSeconds: 'until_silence' })
    const half = 22_050
    const isQuiet = (frame: number) => channelData.every((signal) => Math.abs(signal[frame] ?? 1) < quiet)
    expect(frames).toBeGreaterThan(44_100)
    expect(frames).toBeLessThan(20 * 44_100)
    expect(Array.from({ length: half }, (_, at) => isQuiet(frames - half + at))).not.toContain(false)
    expect(isQuiet(frames - half - 1)).toBe(false)
    expect(warnings).toEqual([])
    // It is the beginning of a render with a longer tail.
    const longer = await engine.render(undefined, { tailSeconds: frames / 44_100 + 1 })
    for (const [at, signal] of channelData.entries()) {
      expect(signal.every((value, frame) => value === longer.channelData[at]?.[frame])).toBe(true)
    }
    await using small = await createEngine({ blockSize: 33 })
    await small.load(reverberating())
    expect((await small.render(undefined, { tailSeconds: 'until_silence' })).frames).toBe(frames)
  })

  it('is cut after a minute, with a warning', async () => {
    await engine.load(sessionOf('builtin.sine', notes([72], 1, 1).slice(0, 1)))
    const reports: RenderProgress[] = []
    const { frames, warnings } = await engine.render(join(folder, 'endless.wav'), {
      durationBeats: 2,
      tailSeconds: 'until_silence',
      onProgress: (progress) => reports.push(progress),
    })
    expect(frames).toBe(61 * 44_100)
    expect(warnings).toMatchObject([{ code: 'tail_cut', path: '/tail_seconds' }])
    expect(reports.at(-1)).toEqual({ ratio: 1, frames, totalFrames: frames })
    const ratios = reports.map(({ ratio }) => ratio)
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b))
  })
})

/** Two instruments, one track each, into the mixer; the sum stays where its soft clip changes nothing. */
function duo() {
  const play = (id: string, pitch: number, beat: number): ScheduleEvent[] =>
    notes([pitch], 1, 1).map((event) => ({ ...event, node_id: id, beat: (event.beat ?? 0) + beat }))
  const wire = (from_node: string, from_port: string, to_node: string, to_port: string) => ({
    from_node,
    from_port,
    to_node,
    to_port,
  })
  return {
    graph: {
      bpm: 120,
      nodes: [
        { id: 'high', type: 'track_source' },
        { id: 'low', type: 'track_source' },
        { id: 'flute/1', type: 'builtin.sine' },
        { id: 'bass', type: 'builtin.synth', params: { gain: 0.2 } },
        { id: 'mixer', type: 'mixer' },
      ],
      connections: [
        wire('high', 'events_out', 'flute/1', 'events_in'),
        wire('low', 'events_out', 'bass', 'events_in'),
        wire('flute/1', 'audio_out', 'mixer', 'audio_in_0'),
        wire('bass', 'audio_out', 'mixer', 'audio_in_1'),
      ],
    },
    events: [...play('high', 72, 0), ...play('low', 40, 0.5)],
  }
}

describe('Engine.render: stems', () => {
  beforeEach(() => engine.load(duo()))

  it('add up to the whole, sample by sample', async () => {
    const { channelData, stems, frames } = await engine.render(undefined, { stems: ['flute/1', 'bass'], measure: true })
    expect(stems.map(({ nodeId }) => nodeId)).toEqual(['flute/1', 'bass'])
    for (const [at, whole] of channelData.entries()) {
      const [flute, bass] = stems.map((stem) => stem.channelData[at] as Float32Array)
      expect([flute?.length, bass?.length]).toEqual([frames, frames])
      expect(whole.every((value, frame) => value === Math.fround((flute?.[frame] ?? 0) + (bass?.[frame] ?? 0)))).toBe(
        true,
      )
    }
    for (const { analysis } of stems) expect(analysis?.peakDbfs).toBeGreaterThan(-60)
    // The bass has nothing to play in the first half beat.
    expect(stems[1]?.channelData[0]?.findIndex((value) => value !== 0)).toBeGreaterThanOrEqual(11_025)
  })

  it('leave the whole as it is without them', async () => {
    const alone = await engine.render()
    expect((await engine.render(undefined, { stems: ['mixer', 'bass'] })).hash).toBe(alone.hash)
    expect(alone.stems).toEqual([])
  })

  it('are files beside the whole, of the same format and length', async () => {
    const { stems, frames } = await engine.render(join(folder, 'duo.wav'), { bitDepth: 24, stems: ['flute/1', 'bass'] })
    expect(named('duo').sort()).toEqual(['duo.bass.wav', 'duo.flute_1.wav', 'duo.wav'])
    for (const { path, nodeId } of stems) {
      expect(path).toBe(join(folder, `duo.${nodeId.replace('/', '_')}.wav`))
      expect(readWav(await readFile(path))).toMatchObject({ bits: 24, channels: 2, sampleRate: 44_100 })
      expect(readWav(await readFile(path)).samples).toHaveLength(2 * frames)
    }
  })

  it('come in the reply when there is no path', async () => {
    const { stems, data, frames } = await engine.send({ cmd: 'render', format: 'raw_f32', stems: ['bass'] })
    expect(stems).toMatchObject([{ node_id: 'bass', frames }])
    expect(Buffer.from(stems?.[0]?.data ?? '', 'base64')).toHaveLength(8 * frames)
    expect(data).not.toBe(stems?.[0]?.data)
  })

  it('must be nodes with audio', async () => {
    const refused = (stems: string[], code: string, path: string, part: string) =>
      expect(engine.render(join(folder, 'wrong.wav'), { stems })).rejects.toMatchObject({
        code,
        path,
        message: expect.stringContaining(part),
      })
    await refused(['bass', 'base'], 'unknown_node', '/stems/1', "'bass'")
    await refused(['high'], 'type_mismatch', '/stems/0', "'flute/1'")
    await refused(['bass', 'bass'], 'duplicate_id', '/stems/1', 'once')
    expect(named('wrong')).toEqual([])
  })

  it('appear together or not at all', needs('loudness'), async () => {
    await engine.load(longSession(10, 'builtin.synth'))
    await writeFile(join(folder, 'gone.instrument.wav'), 'what was here')
    const controller = new AbortController()
    const render = engine.render(join(folder, 'gone.wav'), {
      stems: ['instrument', 'mixer'],
      normaliseLufs: -14,
      signal: controller.signal,
      // In the second pass.
      onProgress: ({ ratio }) => ratio > 0.55 && controller.abort(),
    })
    await expect(render).rejects.toMatchObject({ code: 'cancelled' })
    expect(named('gone')).toEqual(['gone.instrument.wav'])
    expect(await readFile(join(folder, 'gone.instrument.wav'), 'utf8')).toBe('what was here')
  })

  it('have a place only beside a file', async () => {
    const render = engine.render('/dev/null', { format: 'wav', stems: ['bass'] })
    await expect(render).rejects.toMatchObject({ code: 'io_error', path: '/path' })
    expect(existsSync('/dev/null.bass')).toBe(false)
  })
})

describe('Engine.render: loudness', needs('loudness'), () => {
  it('is brought to what is asked for, by one gain for whole and stems', async () => {
    await engine.load(duo())
    const plain = await engine.render(undefined, { measure: true, stems: ['bass'] })
    const { analysis, gainDb, channelData, stems } = await engine.render(undefined, {
      measure: true,
      stems: ['bass'],
      normaliseLufs: -30,
    })
    expect(analysis?.integratedLufs).toBeCloseTo(-30, 1)
    expect(gainDb).toBeCloseTo(-30 - (plain.analysis?.integratedLufs ?? 0), 9)
    const gain = Math.fround(10 ** ((gainDb ?? 0) / 20))
    for (const [from, to] of [
      [plain.channelData[0], channelData[0]],
      [plain.stems[0]?.channelData[1], stems[0]?.channelData[1]],
    ]) {
      expect(to?.some((value) => value !== 0)).toBe(true)
      expect(to?.every((value, frame) => value === Math.fround(gain * (from?.[frame] ?? 0)))).toBe(true)
    }
  })

  it('takes two passes, which count as one way', async () => {
    await engine.load(longSession(5, 'builtin.synth'))
    const reports: RenderProgress[] = []
    const { frames } = await engine.render(join(folder, 'two.flac'), {
      normaliseLufs: -20,
      onProgress: (progress) => reports.push(progress),
    })
    const ratios = reports.map(({ ratio }) => ratio)
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b))
    expect(ratios.some((ratio) => ratio > 0 && ratio < 0.5)).toBe(true)
    expect(reports.at(-1)).toEqual({ ratio: 1, frames: 2 * frames, totalFrames: 2 * frames })
  })

  it('warns of what would clip, and of what has no loudness', async () => {
    await engine.load(duo())
    const loud = await engine.render(join(folder, 'loud.wav'), { normaliseLufs: 0 })
    expect(loud.warnings).toMatchObject([{ code: 'clipped' }])
    expect((await engine.render(join(folder, 'loud.f32'), { normaliseLufs: 0 })).warnings).toEqual([])
    await engine.load(sessionOf('builtin.synth', []))
    const silent = await engine.render(join(folder, 'silent.wav'), { normaliseLufs: -14, durationBeats: 4 })
    expect(silent).toMatchObject({ gainDb: 0, warnings: [{ code: 'no_loudness', path: '/normalise_lufs' }] })
  })

  it('comes after a tail until silence, whose length stays', async () => {
    await engine.load(duo())
    const { frames } = await engine.render(undefined, { tailSeconds: 'until_silence' })
    expect((await engine.render(undefined, { tailSeconds: 'until_silence', normaliseLufs: -12 })).frames).toBe(frames)
  })
})

describe('Engine.render: latency', () => {
  it('is dropped from the start, of the whole and of each stem', async () => {
    const { graph, events } = sessionOf('builtin.sine', notes([60, 64, 67], 1, 0.5))
    await engine.load({ graph, events })
    const direct = await engine.render()
    const nodes = [...(graph.nodes ?? []), { id: 'limiter', type: 'builtin.limiter' }]
    const connections = (graph.connections ?? []).map((one) =>
      one.to_node === 'mixer' ? { ...one, to_node: 'limiter', to_port: 'audio_in' } : one,
    )
    connections.push({ from_node: 'limiter', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' })
    await engine.load({ graph: { ...graph, nodes, connections }, events })
    // Far below the ceiling a limiter only comes late.
    const limited = await engine.render(undefined, { stems: ['instrument', 'limiter'] })
    expect(limited.frames).toBe(direct.frames)
    for (const { channelData } of [limited, ...limited.stems]) {
      const worst = channelData[0]?.reduce(
        (most, value, frame) => Math.max(most, Math.abs(value - (direct.channelData[0]?.[frame] ?? 1))),
        0,
      )
      expect(worst).toBeLessThan(1e-6)
    }
    const part = { fromBeat: 1, durationBeats: 1, tailSeconds: 0 }
    const late = await engine.render(undefined, part)
    await engine.load({ graph, events })
    const early = await engine.render(undefined, part)
    expect(late.channelData[0]?.findIndex((value) => value !== 0)).toBe(
      early.channelData[0]?.findIndex((value) => value !== 0),
    )
  })
})

describe('Engine.render: from a beat', () => {
  /** Eight short notes that are silent before the next, with a tempo and a gain that change on the way. */
  const session = () => {
    const { graph, events } = sessionOf('builtin.sine', notes([60, 62, 64, 65, 67, 69, 71, 72], 1, 0.25), 60)
    const changes: ScheduleEvent[] = [
      { beat: 1.5, type: 'tempo', value: 90 },
      { beat: 2.5, type: 'param', node_id: 'instrument', param_id: 'gain', value: 0.4 },
      { beat: 5.5, type: 'param', node_id: 'instrument', param_id: 'gain', value: 0.1 },
    ]
    return { graph, events: [...events, ...changes] }
  }

  it('is what the whole song has from there, tempo and parameters included', async () => {
    await engine.load(session())
    const whole = await engine.render()
    const part = await engine.render(undefined, { fromBeat: 4, durationBeats: 3, tailSeconds: 0 })
    const start = Math.floor((1.5 + (2.5 * 60) / 90) * 44_100 + 0.5)
    expect(part.frames).toBe(2 * 44_100)
    const worst = part.channelData[0]?.reduce(
      (most, value, frame) => Math.max(most, Math.abs(value - (whole.channelData[0]?.[start + frame] ?? 1))),
      0,
    )
    expect(worst).toBeLessThan(1e-4)
    expect(part.channelData[0]?.slice(0, 2000).some((value) => Math.abs(value) > 0.2)).toBe(true)
    const rest = await engine.render(undefined, { fromBeat: 4 })
    expect(rest.frames).toBe(whole.frames - start)
  })

  it('must be before the end, unless a length says otherwise', async () => {
    await engine.load(session())
    const path = join(folder, 'late.wav')
    await expect(engine.render(path, { fromBeat: 7.25 })).rejects.toMatchObject({
      code: 'out_of_range',
      path: '/from_beat',
    })
    await expect(engine.render(path, { fromBeat: -1 })).rejects.toMatchObject({
      code: 'out_of_range',
      path: '/from_beat',
    })
    expect(named('late')).toEqual([])
    expect((await engine.render(path, { fromBeat: 9, durationBeats: 3, tailSeconds: 0 })).frames).toBe(2 * 44_100)
  })
})

describe('Engine.render: memory', needs('in_process'), () => {
  it('does not grow with the length', async () => {
    const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))
    const render = async (minutes: number) => {
      const args = [file('./support/render-memory.mjs'), file('../dist/index.js'), String(minutes)]
      const { stdout } = await promisify(execFile)(process.execPath, [...args, join(folder, 'memory.flac')])
      return JSON.parse(stdout) as { frames: number; residentBytes: number }
    }
    const one = await render(1)
    const eight = await render(8)
    // Held, seven minutes of stereo floats would be 150 MB, twice that with the stem.
    expect(eight.frames - one.frames).toBe(7 * 60 * 44_100)
    expect(eight.residentBytes - one.residentBytes).toBeLessThan(30e6)
  })
})
