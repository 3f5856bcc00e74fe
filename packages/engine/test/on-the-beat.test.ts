// Plugins that place events and sounds on beats agree with the schedule, to the frame.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine, GraphNode, ScheduleEvent } from '../src/index.ts'
import { createEngine, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { fixture } from './support/native.ts'

const engines: Engine[] = []
const folder = temporaryFolder()

beforeAll(async () => {
  const pluginPaths = needs('plugin_libraries').skip ? [] : [fixture('impulse.so')]
  for (const blockSize of [1, 64, 511, 4096])
    engines.push(await createEngine({ sampleRate: 44_100, blockSize, pluginPaths }))
})
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

const mixer = { id: 'mixer', type: 'mixer', params: { soft_clip: 0 } }
const tempo: ScheduleEvent[] = [
  { beat: 0, type: 'tempo', value: 126.3 },
  { beat: 1.7, type: 'tempo', value: 71 },
]
const note = (beat: number, type: 'note_on' | 'note_off', pitch: number) =>
  ({ beat, type, node_id: 'track', pitch, velocity: 64 }) as const

const wire = (from_node: string, from_port: string, to_node: string, to_port: string) => ({
  from_node,
  from_port,
  to_node,
  to_port,
})
const chain = (nodes: string[]) =>
  nodes
    .slice(1)
    .map((id, at) =>
      id === 'mixer'
        ? wire(nodes[at] as string, 'audio_out', id, 'audio_in_0')
        : wire(nodes[at] as string, 'events_out', id, 'events_in'),
    )

/** The frames that are not zero, the same for every block size. */
async function heard(nodes: GraphNode[], ids: string[], events: ScheduleEvent[]): Promise<number[]> {
  const all: number[][] = []
  for (const engine of engines) {
    const graph = { nodes: [...nodes, mixer], connections: chain([...ids, 'mixer']) }
    await engine.load({ graph, events: [...tempo, ...events] })
    const samples = (await engine.render(undefined, { tailSeconds: 0.01 })).channelData[0] as Float32Array
    all.push([...samples.keys()].filter((frame) => samples[frame] !== 0))
  }
  for (const frames of all) expect(frames).toEqual(all[0])
  return all[0] as number[]
}

const track = { id: 'track', type: 'track_source' }
const impulse = { id: 'impulse', type: 'test.impulse' }

describe('builtin.arpeggiator', needs('plugin_libraries'), () => {
  it('plays where notes on its steps would be', async () => {
    const steps = Array.from({ length: 24 }, (_, k) => k / 6)
    const scheduled = steps.flatMap((beat) => [note(beat, 'note_on', 60), note(beat + 0.1, 'note_off', 60)])
    const expected = await heard([track, impulse], ['track', 'impulse'], scheduled)
    expect(expected).toHaveLength(24)

    const arpeggiator = { id: 'arp', type: 'builtin.arpeggiator', params: { rate: 1 / 6 } }
    const held = [note(0, 'note_on', 60), note(0, 'note_on', 67), note(4, 'note_off', 60), note(4, 'note_off', 67)]
    expect(await heard([track, arpeggiator, impulse], ['track', 'arp', 'impulse'], held)).toEqual(expected)
  })
})

describe('builtin.metronome', () => {
  it('clicks where notes on the beats would be', needs('plugin_libraries'), async () => {
    const beats = [0, 1, 2, 3]
    const scheduled = beats.flatMap((beat) => [note(beat, 'note_on', 60), note(beat + 0.9, 'note_off', 60)])
    const expected = await heard([track, impulse], ['track', 'impulse'], scheduled)
    const sounding = await heard([track, { id: 'click', type: 'builtin.metronome' }], ['click'], scheduled)
    // A click is zero on its first frame, and sounds for 51 ms.
    const first = sounding.filter((frame, at) => at === 0 || frame - (sounding[at - 1] as number) > 1000)
    expect(first.map((frame) => frame - 1)).toEqual(expected)
  })

  it('accents the bars of the time signatures, where they change, too', async () => {
    const signatures: ScheduleEvent[] = [
      { beat: 0, type: 'time_signature', pitch: 3, velocity: 4 },
      { beat: 6, type: 'time_signature', pitch: 2, velocity: 4 },
      { beat: 11, type: 'time_signature', pitch: 4, velocity: 4 },
    ]
    const clicks: number[][] = []
    for (const engine of engines) {
      const nodes = [{ id: 'click', type: 'builtin.metronome', params: { gain: 0.1, accent: 12 } }, mixer]
      await engine.load({ graph: { nodes, connections: chain(['click', 'mixer']) }, events: [...tempo, ...signatures] })
      const { channelData } = await engine.render(undefined, { durationBeats: 16, tailSeconds: 0 })
      const samples = channelData[0] as Float32Array
      const peaks: number[] = []
      let last = Number.NEGATIVE_INFINITY
      samples.forEach((x, frame) => {
        if (x === 0) return
        if (frame - last > 1000) peaks.push(0)
        last = frame
        peaks[peaks.length - 1] = Math.max(peaks.at(-1) as number, Math.abs(x))
      })
      clicks.push(peaks)
    }
    const loud = (clicks[0] as number[]).map((peak) => peak > 0.2)
    // Bars begin at beats 0, 3, 6, 8, 10 (cut short), 11 and 15.
    expect(loud.flatMap((accent, beat) => (accent ? [beat] : []))).toEqual([0, 3, 6, 8, 10, 11, 15])
    for (const peaks of clicks) expect(peaks).toEqual(clicks[0])
  })
})

describe('builtin.sampler', needs('files'), () => {
  it('refuses a file that is no sound when it is set, with the reason', async () => {
    const [engine] = engines as [Engine]
    const path = join(folder, 'no-sound.wav')
    writeFileSync(path, 'RIFF and no more')
    const nodes = [{ id: 'drum', type: 'builtin.sampler', params: { sample_path: path } }, mixer]
    await expect(engine.send({ cmd: 'set_graph', nodes })).rejects.toMatchObject({
      code: 'plugin_failed',
      path: '/nodes/0/params/sample_path',
      message: expect.stringContaining(path),
    })
  })
})
