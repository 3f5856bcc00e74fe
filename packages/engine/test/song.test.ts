import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Engine,
  type Graph,
  paramAddress,
  Song,
  type SongData,
  songGraph,
  syncTracks,
  type Track,
} from '../src/index.ts'
import { createEngine } from './support/engine.ts'
import { refusal } from './support/refusal.ts'
import { richSong } from './support/rich-song.ts'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine()
})
afterAll(() => engine.close())

function edges(graph: Graph): string[] {
  return (graph.connections ?? []).map(({ from_node, to_node, to_port }) =>
    to_port.startsWith('audio_in_') ? `${from_node} → ${to_node} ${to_port.slice(9)}` : `${from_node} → ${to_node}`,
  )
}

function paramsOf(graph: Graph, id: string) {
  return graph.nodes?.find((node) => node.id === id)?.params
}

describe('songGraph', () => {
  it('gives a song without tracks one to play on', () => {
    const graph = songGraph({})
    expect(edges(graph)).toEqual(['track_default → synth_default', 'synth_default → mixer 0'])
    expect(graph.bpm).toBe(120)
  })

  it('gives every track its instrument, effects and channel of the mixer', () => {
    const graph = songGraph({
      soundfont: 'all.sf2',
      tracks: [
        {
          id: 'a',
          volume: 0.5,
          effects: [
            { id: 'x', type: 'builtin.reverb' },
            { id: 'y', type: 'builtin.reverb' },
          ],
        },
        { id: 'b', instrument: { type: 'builtin.sine', params: { gain: 0.3 } }, pan: -1, mute: true },
        { id: 'c', soundfont: 'own.sf2', solo: true },
      ],
    })
    expect(edges(graph)).toEqual([
      'track_a → synth_a',
      'track_b → synth_b',
      'track_c → synth_c',
      'synth_a → effect_a_x',
      'effect_a_x → effect_a_y',
      'effect_a_y → mixer 0',
      'synth_b → mixer 1',
      'synth_c → mixer 2',
    ])
    expect(paramsOf(graph, 'mixer')).toEqual({ channel_count: 3, gain_0: 0.5, pan_1: -1, mute_1: 1, solo_2: 1 })
    expect(paramsOf(graph, 'synth_a')).toEqual({ sf2_path: 'all.sf2' })
    expect(paramsOf(graph, 'synth_b')).toEqual({ gain: 0.3 })
    expect(paramsOf(graph, 'synth_c')).toEqual({ sf2_path: 'own.sf2' })
  })

  it('lets tracks share an instrument, which has one channel for all of them', () => {
    const graph = songGraph({
      instruments: [{ id: 'piano', type: 'builtin.synth', volume: 0.7 }],
      tracks: [{ id: 'left', instrument: 'piano' }, { id: 'bass' }, { id: 'right', instrument: 'piano', channel: 1 }],
    })
    expect(edges(graph)).toEqual([
      'track_left → piano',
      'track_bass → synth_bass',
      'track_right → piano',
      'synth_bass → mixer 0',
      'piano → mixer 1',
    ])
    expect(paramsOf(graph, 'mixer')).toEqual({ gain_1: 0.7 })
  })

  it('puts master effects after the sum, which is in a bus where there is one', () => {
    const effects = [{ id: 'hall', type: 'builtin.reverb' }]
    expect(edges(songGraph({ tracks: [{ id: 'a' }], effects }))).toEqual([
      'track_a → synth_a',
      'synth_a → master_hall',
      'master_hall → mixer 0',
    ])
    const summed = songGraph({ tracks: [{ id: 'a', pan: 0.5 }, { id: 'b' }], effects })
    expect(edges(summed).slice(2)).toEqual([
      'synth_a → bus 0',
      'synth_b → bus 1',
      'bus → master_hall',
      'master_hall → mixer 0',
    ])
    expect(paramsOf(summed, 'bus')).toEqual({ pan_0: 0.5, soft_clip: 0 })
    expect(paramsOf(summed, 'mixer')).toBeUndefined()
  })

  it('says where a track has its parameters', () => {
    const tracks: Track[] = [{ id: 'a' }, { id: 'b', instrument: 'shared' }]
    const song: SongData = { tracks, instruments: [{ id: 'shared', type: 'builtin.synth' }] }
    expect(paramAddress(song, 'b', 'volume')).toEqual({ node_id: 'mixer', param_id: 'gain_1' })
    expect(paramAddress(song, 'a', 'pan')).toEqual({ node_id: 'mixer', param_id: 'pan_0' })
    expect(paramAddress(song, 'b', 'gain')).toEqual({ node_id: 'shared', param_id: 'gain' })
    const effects = [{ id: 'hall', type: 'builtin.reverb' }]
    expect(paramAddress({ ...song, effects }, 'shared', 'volume')).toEqual({ node_id: 'bus', param_id: 'gain_1' })
    expect(paramAddress(song, 'nobody', 'pan')).toBeUndefined()
  })

  it('keeps a graph of the song as it is, and adds the tracks that it lacks', () => {
    const graph: Graph = {
      nodes: [
        { id: 'track_a', type: 'track_source' },
        { id: 'mixer', type: 'mixer' },
      ],
      connections: [],
    }
    expect(songGraph({ graph, tracks: [{ id: 'a' }] })).toEqual(graph)
    expect(edges(songGraph({ graph, tracks: [{ id: 'a' }, { id: 'b' }] }))).toEqual([
      'track_b → synth_b',
      'synth_b → mixer 0',
    ])
    expect(songGraph({ graph, bpm: 77 }).bpm).toBe(77)
  })

  it('makes what the engine takes, of everything a song can have', async () => {
    const { tracks = [], ...rest } = richSong
    const song = new Song({ ...rest, tracks: tracks.map(({ soundfont: _, ...track }) => track) })
    expect(await engine.load(song)).toEqual([])
  })
})

describe('syncTracks', () => {
  const custom: Graph = {
    bpm: 90,
    nodes: [
      { id: 'track_a', type: 'track_source' },
      { id: 'synth_a', type: 'builtin.synth' },
      { id: 'track_b', type: 'track_source' },
      { id: 'synth_b', type: 'com.acme.organ' },
      { id: 'lfo', type: 'builtin.reverb', params: { wet: 1 } },
      { id: 'mixer', type: 'mixer', params: { channel_count: 3 } },
    ],
    connections: [
      { from_node: 'track_a', from_port: 'events_out', to_node: 'synth_a', to_port: 'events_in' },
      { from_node: 'synth_a', from_port: 'audio_out', to_node: 'lfo', to_port: 'audio_in' },
      { from_node: 'lfo', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_L_1' },
      { from_node: 'track_b', from_port: 'events_out', to_node: 'synth_b', to_port: 'events_in' },
      { from_node: 'synth_b', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0_R', gain: 0.5 },
    ],
  }
  const [a, b, c]: Track[] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]

  it('takes a track away with its default instrument and their connections', () => {
    const { nodes, connections } = syncTracks(custom, [a, b] as Track[], [b] as Track[])
    expect(nodes).toEqual(custom.nodes?.slice(2))
    expect(connections).toEqual(custom.connections?.slice(2))
  })

  it('leaves an instrument that was chosen', () => {
    const { nodes, connections } = syncTracks(custom, [a, b] as Track[], [a] as Track[])
    expect(nodes?.map(({ id }) => id)).toEqual(['track_a', 'synth_a', 'synth_b', 'lfo', 'mixer'])
    expect(connections).toEqual(custom.connections?.filter(({ from_node }) => from_node !== 'track_b'))
  })

  it('adds a track at the first mixer input that is free, however it is spelled', () => {
    const { nodes, connections } = syncTracks(custom, [a, b] as Track[], [a, b, c] as Track[], 'font.sf2')
    expect(nodes).toEqual([
      ...(custom.nodes ?? []),
      { id: 'track_c', type: 'track_source' },
      { id: 'synth_c', type: 'builtin.fluidsynth', params: { sf2_path: 'font.sf2' } },
    ])
    expect(connections?.slice(-1)).toEqual([
      { from_node: 'synth_c', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_2' },
    ])
    expect(connections?.slice(0, -2)).toEqual(custom.connections)
  })

  it('goes over to the default track when the last one is gone, and back', () => {
    const none = syncTracks(custom, [a, b] as Track[], [])
    expect(none.nodes?.map(({ id }) => id)).toEqual(['synth_b', 'lfo', 'mixer', 'track_default', 'synth_default'])
    const back = syncTracks(none, [], [c] as Track[])
    expect(back.nodes?.map(({ id }) => id)).toEqual(['synth_b', 'lfo', 'mixer', 'track_c', 'synth_c'])
  })

  it('says what it cannot do', () => {
    const nowhere = () => syncTracks({ nodes: [] }, [], [a] as Track[])
    expect(nowhere).toThrow(expect.objectContaining({ code: 'no_master' }))
    const taken = () =>
      syncTracks(
        {
          nodes: [
            { id: 'synth_a', type: 'x' },
            { id: 'mixer', type: 'mixer' },
          ],
        },
        [],
        [a] as Track[],
      )
    expect(taken).toThrow(expect.objectContaining({ code: 'duplicate_id' }))
  })

  it('changes nothing else, whatever comes and goes', () => {
    const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'))
    fc.assert(
      fc.property(ids, (after) => {
        const before = structuredClone(custom)
        const tracks = after.map((id) => ({ id }))
        const graph = syncTracks(custom, [a, b] as Track[], tracks)
        expect(custom, 'the input is left alone').toEqual(before)
        const sources = graph.nodes?.filter(({ type }) => type === 'track_source').map(({ id }) => id)
        expect(new Set(sources)).toEqual(new Set((after.length > 0 ? after : ['default']).map((id) => `track_${id}`)))
        const others = (all: Graph) => all.nodes?.filter(({ id }) => !/^(track|synth)_/.test(id))
        expect(others(graph)).toEqual(others(custom))
        expect(syncTracks(graph, tracks, tracks), 'a second time changes nothing').toEqual(graph)
        const there = new Set(graph.nodes?.map(({ id }) => id))
        for (const { from_node, to_node } of graph.connections ?? []) {
          expect(there.has(from_node) && there.has(to_node)).toBe(true)
        }
      }),
    )
  })
})

describe('a song is refused', () => {
  const track = (change: object) => ({ tracks: [{ id: 'a', ...change }] })
  const pattern = { id: 'p', notes: [{ beat: 0, length: 1, pitch: 120 }] }
  const kit = { kit: 'gm', placements: [{ pattern: 'g', beat: 0 }] }
  const grid = (rows: object) => ({ patterns: [{ id: 'g', grid: { steps_per_beat: 4, rows } }] })
  const bend = (points: object[]) => track({ notes: [{ beat: 0, length: 4, pitch: 60, bend: points }] })

  it.each<[string, object, string, RegExp?]>([
    ['of the wrong shape', { bpm: Number.NaN }, '/bpm', /received NaN/],
    ['with two tracks of one id', { tracks: [{ id: 'a' }, { id: 'a' }] }, '/tracks/1/id'],
    [
      'with two effects of one id',
      track({
        effects: [
          { id: 'x', type: 'y' },
          { id: 'x', type: 'y' },
        ],
      }),
      '/tracks/0/effects/1/id',
    ],
    [
      'whose parts give one node id twice',
      {
        tracks: [
          { id: 'a', effects: [{ id: 'b_c', type: 'x' }] },
          { id: 'a_b', effects: [{ id: 'c', type: 'x' }] },
        ],
      },
      '',
      /effect_a_b_c/,
    ],
    ['with an instrument called like the mixer', { instruments: [{ id: 'mixer', type: 'x' }] }, ''],
    [
      'with a track for an instrument it lacks',
      { instruments: [{ id: 'piano', type: 'x' }], ...track({ instrument: 'pianno' }) },
      '/tracks/0/instrument',
      /nearest is 'piano'/,
    ],
    [
      'with a level at a track of a shared instrument',
      { instruments: [{ id: 'i', type: 'x' }], ...track({ instrument: 'i', volume: 1 }) },
      '/tracks/0/volume',
    ],
    [
      'with a SoundFont for a chosen instrument',
      track({ instrument: { type: 'x' }, soundfont: 'y' }),
      '/tracks/0/soundfont',
    ],
    ['with a bank and no program', track({ bank: 3 }), '/tracks/0/bank'],
    ['with a controller of 200', track({ events: [{ beat: 0, type: 'cc', pitch: 200 }] }), '/tracks/0/events/0/pitch'],
    [
      'with a placement of nothing',
      { patterns: [pattern], ...track({ placements: [{ pattern: 'q', beat: 0 }] }) },
      '/tracks/0/placements/0/pattern',
    ],
    [
      'with a key transposed away',
      { patterns: [pattern], ...track({ placements: [{ pattern: 'p', beat: 0, transpose: 8 }] }) },
      '/tracks/0/placements/0/transpose',
    ],
    ['with an empty pattern', { patterns: [{ id: 'p' }] }, '/patterns/0'],
    [
      'with a note after its pattern',
      { patterns: [{ ...pattern, length: 2, notes: [{ beat: 2, length: 1, pitch: 1 }] }] },
      '/patterns/0/notes/0/beat',
    ],
    ['with rows of different lengths', grid({ kick: 'x...', snare: 'x..' }), '/patterns/0/grid/rows/snare'],
    [
      'with a drum that the kit lacks',
      { ...grid({ snair: 'x' }), ...track(kit) },
      '/patterns/0/grid/rows/snair',
      /nearest is 'snare'/,
    ],
    [
      'with a grid on a track without a kit',
      { ...grid({ snare: 'x' }), ...track({ ...kit, kit: undefined }) },
      '/patterns/0/grid/rows/snare',
    ],
    ['with a bend beyond its range', bend([{ beat: 0, semitones: 3 }]), '/tracks/0/notes/0'],
    [
      'with bend points out of order',
      bend([
        { beat: 1, semitones: 0 },
        { beat: 0, semitones: 1 },
      ]),
      '/tracks/0/notes/0',
    ],
    ['with automation of nothing', { automation: [{ param: 'x', points: [] }] }, '/automation/0'],
    [
      'with automation of a track it lacks',
      { automation: [{ track: 'x', param: 'x', points: [] }] },
      '/automation/0/track',
    ],
    [
      'with automation out of order',
      {
        automation: [
          {
            node: 'x',
            param: 'x',
            points: [
              { beat: 1, value: 1 },
              { beat: 0, value: 1 },
            ],
          },
        ],
      },
      '/automation/0/points/1/beat',
    ],
    ['with a loop of no length', { loop: { start: 4, end: 4 } }, '/loop/end'],
    [
      'with more strips than the mixer has channels',
      { tracks: Array.from({ length: 257 }, (_, id) => ({ id: String(id) })) },
      '/tracks',
    ],
  ])('%s', (_name, data, path, message = /./) => {
    expect(refusal(data)).toEqual({ code: 'invalid_song', path, message: expect.stringMatching(message) })
    expect(() => new Song(data as SongData)).toThrow(expect.objectContaining({ code: 'invalid_song', path }))
  })
})

describe('Song', () => {
  it('keeps a copy of its data', () => {
    const notes = [{ beat: 0, length: 1, pitch: 60 }]
    const song = new Song({ tracks: [{ id: 'a', notes }] })
    notes.pop()
    expect(song.data.tracks?.[0]?.notes).toHaveLength(1)
    expect(song).toMatchObject({ title: 'Untitled', noteCount: 1, durationBeats: 1, durationSeconds: 0.5 })
  })

  it('lasts as long as its tempo ramps say', async () => {
    // 120 to 60 over 4 beats: the integral of 60 / (120 − 15 x) is 4 ln 2.
    const song = new Song({
      tempos: [{ beat: 0, bpm: 60, ramp_beats: 4 }],
      tracks: [{ id: 'a', notes: [{ beat: 0, length: 6, pitch: 60 }] }],
    })
    expect(song.durationSeconds).toBeCloseTo(4 * Math.LN2 + 2, 12)
  })

  it('adds master effects, each under a name of its own', () => {
    const song = new Song({ effects: [{ id: 'reverb_2', type: 'builtin.reverb' }] })
    const ids = ['builtin.reverb', 'com.acme.reverb', 'builtin.chorus'].map((type) => song.master.addUntyped(type))
    expect(ids).toEqual(['master_reverb', 'master_reverb_3', 'master_chorus'])
    expect(song.toJSON().effects?.map(({ id }) => id)).toEqual(['reverb_2', 'reverb', 'reverb_3', 'chorus'])
  })
})
