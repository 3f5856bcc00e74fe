import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngine, type Engine, importMidi, loadPluginLibrary, type RenderedAudio } from '../src/index.ts'
import { fixture } from './support/native.ts'
import { sessionOf } from './support/sessions.ts'
import { framesOf, readRaw } from './support/smf-reader.ts'
import { openttdSongs, songName } from './support/songs.ts'

const sampleRate = 44_100
const blockSizes = [1, 64, 511, 4096]
const engines: Engine[] = []

beforeAll(async () => {
  expect(loadPluginLibrary(fixture('impulse.so')).error).toBeNull()
  for (const blockSize of blockSizes) engines.push(await createEngine({ sampleRate, blockSize }))
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

function sameBits(one: RenderedAudio, other: RenderedAudio): boolean {
  return one.channelData.every((samples, channel) => {
    const against = other.channelData[channel] as Float32Array
    return Buffer.from(samples.buffer).equals(Buffer.from(against.buffer))
  })
}

describe('a note', () => {
  it.each(openttdSongs().map((path) => [songName(path), path]))(
    'sounds on its exact frame, whatever the block size: %s',
    async (_name, path) => {
      const session = await impulses(path)
      const renders: RenderedAudio[] = []
      for (const engine of engines) {
        await engine.load(session)
        renders.push(await engine.render(undefined, { tailSeconds: 0.01 }))
      }
      const [first, ...others] = renders as [RenderedAudio, ...RenderedAudio[]]
      const heard = levelsOf(first.channelData[0] as Float32Array)
      const expected = expectedLevels(path)
      expect([...heard.keys()]).toEqual([...expected.keys()].sort((a, b) => a - b))
      for (const [frame, level] of heard) expect(level, `frame ${frame}`).toBeCloseTo(expected.get(frame) ?? 0, 5)
      for (const [index, other] of others.entries()) {
        expect(sameBits(first, other), `block sizes ${blockSizes[0]} and ${blockSizes[index + 1]}`).toBe(true)
      }
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
