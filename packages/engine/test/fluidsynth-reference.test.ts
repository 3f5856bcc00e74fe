// Every real song through builtin.fluidsynth, against the fluidsynth program: same font, rate and gain, no effects.
import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngine, type Engine, importMidi } from '../src/index.ts'
import { correlation, envelope, levelDifference } from './support/envelope.mjs'
import { fluidsynthArguments, lateness, readChannels, soundfont } from './support/fluidsynth.mjs'
import { temporaryFolder } from './support/folder.ts'
import { onWholeMilliseconds } from './support/retime.ts'
import { framesOf, type RawSong, readRaw } from './support/smf-reader.ts'
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

async function renderByProgram(name: string, file: Uint8Array) {
  const [song, output] = [join(folder, `${name}.mid`), join(folder, `${name}.wav`)]
  await writeFile(song, file)
  await run('fluidsynth', fluidsynthArguments(song, output, sampleRate))
  const channels = readChannels(await readFile(output))
  await rm(output)
  return channels
}

function lengthOf(song: RawSong, rate: number): number {
  const ticks = [...song.events, ...song.tempos].map(({ tick }) => tick)
  return framesOf([Math.max(...ticks)], song, rate)[0] as number
}

/** NaN when a sample is. */
function peakOf(channels: readonly Float32Array[]): number {
  let peak = 0
  for (const samples of channels) for (const sample of samples) peak = Math.max(peak, Math.abs(sample))
  return peak
}

describe('builtin.fluidsynth', () => {
  it('has 31 songs to play', () => expect(openttdSongs()).toHaveLength(31))

  it.each(openttdSongs().map((path) => [songName(path), path]))('sounds like FluidSynth: %s', async (name, path) => {
    const raw = readRaw(new Uint8Array(await readFile(path)))
    const file = onWholeMilliseconds(raw)
    const [{ channelData }, reference] = await Promise.all([render(file, sampleRate), renderByProgram(name, file)])
    const ours = envelope(channelData, window)
    const theirs = envelope(reference, window, lateness)
    expect(correlation(ours, theirs)).toBeGreaterThanOrEqual(leastCorrelation[name] ?? 0.9999)
    expect(Math.abs(levelDifference(ours, theirs))).toBeLessThanOrEqual(name in leastCorrelation ? 1 : 0.01)
    const peak = peakOf(channelData)
    expect(peak).toBeGreaterThan(0.05)
    expect(peak).toBeLessThanOrEqual(1)
  })

  it.each(openttdSongs().map((path) => [songName(path), path]))('is as long as the song: %s', async (_name, path) => {
    const raw = readRaw(new Uint8Array(await readFile(path)))
    const rate = 8000
    const { channelData, frames } = await render(path, rate)
    expect(frames).toBe(lengthOf(raw, rate) + tailSeconds * rate)
    const peak = peakOf(channelData)
    expect(peak).toBeGreaterThan(0.05)
    expect(peak).toBeLessThanOrEqual(1)
  })
})
