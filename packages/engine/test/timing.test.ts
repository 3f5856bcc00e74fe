import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Engine, importMidi, type RenderedAudio } from '../src/index.ts'
import { createEngine, needs } from './support/engine.ts'
import { fixture } from './support/native.ts'
import { sessionOf } from './support/sessions.ts'
import { framesOf, readRaw } from './support/smf-reader.ts'
import { openttdSongs, songName } from './support/songs.ts'

const sampleRate = 44_100
const blockSizes = [64, 511, 4096, 1]
/** Blocks of one frame cost a hundred times as much, so they play this much of a song; where it is differs. */
const stretchBeats = 48
const tailSeconds = 0.01
const engines: Engine[] = []

beforeAll(async () => {
  const pluginPaths = [fixture('impulse.so')]
  for (const blockSize of blockSizes) engines.push(await createEngine({ sampleRate, blockSize, pluginPaths }))
})
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

/** A song played by one sample per note, its velocity, on the frame of its note_on. */
async function impulses(path: string) {
  const song = await importMidi(path, { instrument: 'test.impulse' })
  const nodes = song.graph.nodes?.map((node) => (node.id === 'mixer' ? { ...node, params: { soft_clip: 0 } } : node))
  return { graph: { ...song.graph, nodes: nodes ?? [] }, events: song.events }
}

/** Frame → level, by the reader that the importer does not use. */
function expectedLevels(path: string): Map<number, number> {
  const raw = readRaw(new Uint8Array(readFileSync(path)))
  const notes = raw.events.filter(({ kind, data }) => kind === 0x9 && data[1] > 0)
  const frames = framesOf(
    notes.map(({ tick }) => tick),
    raw,
    sampleRate,
  )
  const levels = new Map<number, number>()
  for (const [at, frame] of frames.entries())
    levels.set(frame, (levels.get(frame) ?? 0) + (notes[at]?.data[1] ?? 0) / 127)
  return levels
}

function levelsOf(samples: Float32Array): Map<number, number> {
  const levels = new Map<number, number>()
  for (let frame = 0; frame < samples.length; frame++)
    if (samples[frame] !== 0) levels.set(frame, samples[frame] as number)
  return levels
}

/** Whether the other, from frame `from` of the one on, has the same bits for so many frames. */
function sameBits(one: RenderedAudio, other: RenderedAudio, from = 0, frames = other.frames): boolean {
  return one.channelData.every((samples, channel) => {
    const bytes = (data: Float32Array, first: number) => Buffer.from(data.slice(first, first + frames).buffer)
    return bytes(samples, from).equals(bytes(other.channelData[channel] as Float32Array, 0))
  })
}

describe('a note', needs('plugin_libraries'), () => {
  it.each(openttdSongs().map((path) => [songName(path), path]))(
    'sounds on its exact frame, whatever the block size: %s',
    async (name, path) => {
      const session = await impulses(path)
      const renders: RenderedAudio[] = []
      for (const engine of engines) {
        await engine.load(session)
        if (engine !== engines.at(-1)) renders.push(await engine.render(undefined, { tailSeconds }))
      }
      const [first, ...others] = renders as [RenderedAudio, ...RenderedAudio[]]
      const raw = readRaw(new Uint8Array(readFileSync(path)))
      const last = Math.max(...[...raw.events, ...raw.tempos].map(({ tick }) => tick))
      expect(first.frames).toBe((framesOf([last], raw, sampleRate)[0] as number) + tailSeconds * sampleRate)
      const heard = levelsOf(first.channelData[0] as Float32Array)
      const expected = expectedLevels(path)
      expect([...heard.keys()]).toEqual([...expected.keys()].sort((a, b) => a - b))
      for (const [frame, level] of heard) expect(level, `frame ${frame}`).toBeCloseTo(expected.get(frame) ?? 0, 5)
      for (const [index, other] of others.entries()) {
        expect(sameBits(first, other), `block sizes ${blockSizes[0]} and ${blockSizes[index + 1]}`).toBe(true)
      }
      const songBeats = last / raw.ticksPerBeat
      const fromBeat = Math.floor(Math.max(0, songBeats - stretchBeats) * (name.length % 5) * 0.25)
      const stretch = { fromBeat, durationBeats: Math.min(stretchBeats, songBeats - fromBeat), tailSeconds: 0 }
      const inFrames = await (engines.at(-1) as Engine).render(undefined, stretch)
      const [begin] = framesOf([Math.round(fromBeat * raw.ticksPerBeat)], raw, sampleRate) as [number]
      expect(sameBits(first, inFrames, begin), `block sizes ${blockSizes[0]} and 1`).toBe(true)
    },
  )

  it('at beat 0.5 of 120 BPM sounds on frame 11025', async () => {
    const [engine] = engines as [Engine]
    await engine.load(
      sessionOf('test.impulse', [{ beat: 0.5, type: 'note_on', node_id: 'track', pitch: 60, velocity: 127 }], 120),
    )
    const { channelData } = await engine.render(undefined, { tailSeconds: 0.01 })
    expect([...levelsOf(channelData[0] as Float32Array).keys()]).toEqual([11_025])
  })
})
