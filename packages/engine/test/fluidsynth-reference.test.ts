// Every real song through builtin.fluidsynth, against the fluidsynth program: same font, rate and gain, no effects.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Engine, importMidi } from '../src/index.ts'
import { createEngine, needs } from './support/engine.ts'
import { correlation, envelope, levelDifference } from './support/envelope.mjs'
import { fluidsynthArguments, lateness, readChannels, soundfont } from './support/fluidsynth.mjs'
import { temporaryFolder } from './support/folder.ts'
import { kept } from './support/kept.ts'
import { onWholeMilliseconds } from './support/retime.ts'
import { framesOf, readRaw } from './support/smf-reader.ts'
import { openttdSongs, songName } from './support/songs.ts'

const run = promisify(execFile)
const tailSeconds = 1
// A millisecond is a whole number of frames, so that nothing is rounded on either side.
const sampleRate = 24_000
const window = sampleRate / 20
// Their sound hangs on the order of events within one tick, which a schedule sorts: note-offs, changes, note-ons.
const leastCorrelation: Record<string, number> = {
  keep_on_rolling: 0.99,
  no_work_song_redfarn: 0.99,
  slow_neasy_redfarn: 0.999,
}

const folder = temporaryFolder()
let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ sampleRate })
})
afterAll(() => engine.close())

async function render(source: string | Uint8Array, rate: number) {
  const song = await importMidi(source, { soundfont })
  // Without the soft clipper of the mixer nothing hides what is too loud.
  const nodes = song.graph.nodes?.map((node) => (node.id === 'mixer' ? { ...node, params: { soft_clip: 0 } } : node))
  await engine.load({ graph: { ...song.graph, nodes: nodes ?? [] }, events: song.events })
  return engine.render(undefined, { tailSeconds, sampleRate: rate })
}

/** What decides how the program sounds, beside the song. */
let program: string
beforeAll(async () => {
  const { stdout } = await run('fluidsynth', ['--version'])
  const font = createHash('sha256').update(await readFile(soundfont))
  program = `${stdout}${font.digest('hex')}${fluidsynthArguments('', '', sampleRate)}${window} ${lateness}`
})

/** The envelope of the song as the program plays it. The program is not what is tested: it plays a song once. */
async function envelopeOfProgram(name: string, file: Uint8Array): Promise<Float64Array> {
  const values = await kept('fluidsynth', [program, file], async () => {
    const [song, output] = [join(folder, `${name}.mid`), join(folder, `${name}.wav`)]
    await writeFile(song, file)
    await run('fluidsynth', fluidsynthArguments(song, output, sampleRate))
    const channels = readChannels(await readFile(output))
    await rm(output)
    return Array.from(envelope(channels, window, lateness))
  })
  return Float64Array.from(values)
}

/** NaN when a sample is. */
function peakOf(channels: readonly Float32Array[]): number {
  let peak = 0
  for (const samples of channels) for (const sample of samples) peak = Math.max(peak, Math.abs(sample))
  return peak
}

describe('builtin.fluidsynth', needs('fluidsynth'), () => {
  it('has 31 songs to play', () => expect(openttdSongs()).toHaveLength(31))

  it.each(openttdSongs().map((path) => [songName(path), path]))('sounds like FluidSynth: %s', async (name, path) => {
    const raw = readRaw(new Uint8Array(await readFile(path)))
    const file = onWholeMilliseconds(raw)
    const [{ channelData }, theirs] = await Promise.all([render(file, sampleRate), envelopeOfProgram(name, file)])
    const ours = envelope(channelData, window)
    expect(correlation(ours, theirs)).toBeGreaterThanOrEqual(leastCorrelation[name] ?? 0.9999)
    expect(Math.abs(levelDifference(ours, theirs))).toBeLessThanOrEqual(name in leastCorrelation ? 1 : 0.01)
    const peak = peakOf(channelData)
    expect(peak).toBeGreaterThan(0.05)
    expect(peak).toBeLessThanOrEqual(1)
  })

  // All songs are, whatever plays them: timing.test.ts.
  it.each(openttdSongs().slice(0, 3))('is as long as the song at another rate: %s', async (path) => {
    const raw = readRaw(new Uint8Array(await readFile(path)))
    const rate = 8000
    const { channelData, frames } = await render(path, rate)
    const last = Math.max(...[...raw.events, ...raw.tempos].map(({ tick }) => tick))
    expect(frames).toBe((framesOf([last], raw, rate)[0] as number) + tailSeconds * rate)
    const peak = peakOf(channelData)
    expect(peak).toBeGreaterThan(0.05)
    expect(peak).toBeLessThanOrEqual(1)
  })
})
