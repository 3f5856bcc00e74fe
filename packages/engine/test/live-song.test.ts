import { describe, expect, it } from 'vitest'
import { exportMidi, type Graph, importMidi, Song, type SongData, type Track } from '../src/index.ts'
import { LiveSong, sourceNode, trackFor } from '../src/live-song.ts'

const two: SongData = {
  tracks: [
    { id: 'a', channel: 1 },
    { id: 'b', channel: 2, program: 7 },
  ],
}

function nodeOf({ nodes }: Graph, id: string) {
  return nodes?.find((node) => node.id === id)
}

describe('LiveSong', () => {
  it('is the song, however it is given', () => {
    for (const source of [two, new Song(two), () => two, () => new Song(two)]) {
      const { data, graph, events, loop } = new LiveSong(source).session()
      const song = new Song(two)
      expect({ data, graph, events, loop }).toEqual({ data: two, graph: song.graph, events: song.events, loop: null })
    }
  })

  it('notices what was changed in place, and what is wrong with it', () => {
    const data: SongData = { tracks: [{ id: 'a' }] }
    const live = new LiveSong(() => data)
    expect(live.session().events).toEqual([])
    data.tracks?.push({ id: 'b', notes: [{ beat: 0, length: 1, pitch: 60 }] })
    expect(live.session().events).toHaveLength(2)
    data.tracks?.push({ id: 'b' })
    expect(() => live.session()).toThrow(expect.objectContaining({ code: 'invalid_song', path: '/tracks/2/id' }))
  })

  it('keeps a program for its tracks until the song gives them another', () => {
    const song: { data: SongData } = { data: two }
    const live = new LiveSong(() => song.data)
    live.setProgram([two.tracks?.[1] as Track], { program: 40, bank: 8 })
    expect(live.data.tracks?.[1]).toMatchObject({ program: 40, bank: 8 })
    expect(live.session().events).toEqual([
      { beat: 0, node_id: 'track_b', type: 'program', channel: 2, pitch: 40, velocity: 8 },
    ])
    song.data = { tracks: [{ id: 'b', channel: 2, program: 7, volume: 0.5 }] }
    expect(live.data.tracks?.[0], 'another change of the song').toMatchObject({ program: 40, volume: 0.5 })
    song.data = { tracks: [{ id: 'b', channel: 2, program: 9 }] }
    expect(live.data.tracks?.[0]).toEqual({ id: 'b', channel: 2, program: 9 })
    expect(two.tracks?.[1], 'what was given is left alone').toEqual({ id: 'b', channel: 2, program: 7 })
  })

  it('keeps a parameter until the song gives it another value', () => {
    const song: { data: SongData } = { data: { tracks: [{ id: 'a', volume: 0.5 }] } }
    const live = new LiveSong(() => song.data)
    live.setParam('mixer', 'gain_0', 0.8)
    live.setParam('mixer', 'master_gain', 0.3)
    live.setParam('nobody', 'gain', 1)
    expect(nodeOf(live.graph().graph, 'mixer')?.params).toEqual({ gain_0: 0.8, master_gain: 0.3 })
    song.data = { tracks: [{ id: 'a', volume: 0.5 }, { id: 'b' }] }
    expect(nodeOf(live.graph().graph, 'mixer')?.params).toEqual({ gain_0: 0.8, master_gain: 0.3 })
    song.data = { tracks: [{ id: 'a', volume: 0.6 }] }
    expect(nodeOf(live.graph().graph, 'mixer')?.params).toEqual({ gain_0: 0.6, master_gain: 0.3 })
  })

  it('gives the SoundFont to default instruments alone', () => {
    const tracks: Track[] = [
      { id: 'a' },
      { id: 'b', soundfont: 'own.sf2' },
      { id: 'c', instrument: { type: 'builtin.sine' } },
    ]
    const live = new LiveSong({ tracks })
    live.soundfont = 'new.sf2'
    const { graph } = live.graph()
    expect(nodeOf(graph, 'synth_a')).toMatchObject({ type: 'builtin.fluidsynth', params: { sf2_path: 'new.sf2' } })
    expect(nodeOf(graph, 'synth_b')?.params).toEqual({ sf2_path: 'own.sf2' })
    expect(nodeOf(graph, 'synth_c')).toEqual({ id: 'synth_c', type: 'builtin.sine' })
  })

  it('gives it to the instrument of an imported file, unless one was named', async () => {
    const bytes = exportMidi(two).bytes
    for (const [options, type] of [
      [{}, 'builtin.fluidsynth'],
      [{ soundfont: import.meta.filename }, 'builtin.fluidsynth'],
      [{ instrument: 'builtin.sine' }, 'builtin.sine'],
    ] as const) {
      const live = new LiveSong(await importMidi(bytes, options))
      live.soundfont = 'new.sf2'
      const node = nodeOf(live.graph().graph, 'instrument')
      expect([node?.type, node?.params?.sf2_path]).toEqual([type, type === 'builtin.sine' ? undefined : 'new.sf2'])
    }
  })

  it('gives it to those of a custom graph that name none', () => {
    const graph: Graph = {
      nodes: [
        { id: 'track_a', type: 'track_source' },
        { id: 'synth_a', type: 'builtin.synth', params: { gain: 0.5 } },
        { id: 'synth_b', type: 'fluidsynth', params: { gain: 0.5 } },
        { id: 'synth_c', type: 'builtin.fluidsynth', params: { sf2_path: 'chosen.sf2' } },
        { id: 'synth_d', type: 'builtin.sine' },
        { id: 'other', type: 'builtin.synth' },
        { id: 'mixer', type: 'mixer' },
      ],
    }
    const tracks = ['a', 'b', 'c', 'd'].map((id) => ({ id }))
    const source = {
      ...graph,
      nodes: [...(graph.nodes ?? []), ...['b', 'c', 'd'].map((id) => ({ id: `track_${id}`, type: 'track_source' }))],
    }
    const live = new LiveSong({ graph: source, tracks })
    live.soundfont = 'new.sf2'
    const nodes = live.graph().graph.nodes ?? []
    expect(nodes.slice(1, 6)).toEqual([
      { id: 'synth_a', type: 'builtin.fluidsynth', params: { sf2_path: 'new.sf2' } },
      { id: 'synth_b', type: 'builtin.fluidsynth', params: { gain: 0.5, sf2_path: 'new.sf2' } },
      { id: 'synth_c', type: 'builtin.fluidsynth', params: { sf2_path: 'chosen.sf2' } },
      { id: 'synth_d', type: 'builtin.sine' },
      { id: 'other', type: 'builtin.synth' },
    ])
  })

  it('takes a track that is gone out of a custom graph, and puts it back', () => {
    const graph: Graph = {
      nodes: ['track_a', 'track_b'].map((id) => ({ id, type: 'track_source' })).concat({ id: 'mixer', type: 'mixer' }),
    }
    const song: { data: SongData } = { data: { graph, tracks: [{ id: 'a' }, { id: 'b' }] } }
    const live = new LiveSong(() => song.data)
    const ids = () => live.graph().graph.nodes?.map(({ id }) => id)
    expect(ids()).toEqual(['track_a', 'track_b', 'mixer'])
    song.data = { graph, tracks: [{ id: 'b' }] }
    expect(ids()).toEqual(['track_b', 'mixer'])
    expect(ids(), 'and again').toEqual(['track_b', 'mixer'])
    song.data = { graph, tracks: [] }
    expect(ids()).toEqual(['mixer', 'track_default', 'synth_default'])
    song.data = { graph, tracks: [{ id: 'a' }] }
    expect(ids()).toEqual(['track_a', 'mixer'])
  })

  it('forgets what was set when it is replaced', () => {
    const live = new LiveSong(two)
    live.soundfont = 'x.sf2'
    live.setParam('mixer', 'gain_0', 0.1)
    live.setProgram(two.tracks ?? [], { program: 1, bank: 0 })
    live.loop = { start: 0, end: 1 }
    live.replace(two)
    expect(live.session()).toEqual(new LiveSong(two).session())
    const graph: Graph = { nodes: [{ id: 'track_a', type: 'track_source' }] }
    live.replace({ graph })
    expect(live.graph().graph, 'a track of the former song is none of this one').toMatchObject(graph)
  })

  it('loops as the song says, unless told otherwise', () => {
    const live = new LiveSong({ loop: { start: 1, end: 2 } })
    expect(live.session().loop).toEqual({ start: 1, end: 2 })
    live.loop = null
    expect(live.session().loop).toBeNull()
  })
})

describe('the track for a note', () => {
  it('is the one that is named, else the first of its channel, else the first', () => {
    expect(trackFor(two, 2).id).toBe('b')
    expect(trackFor(two, 5).id).toBe('a')
    expect(trackFor(two, 2, 'a').id).toBe('a')
    expect(trackFor({}, 3).id).toBe('default')
    expect(() => trackFor(two, 0, 'c')).toThrow(expect.objectContaining({ code: 'unknown_node' }))
  })

  it('has a node also in a graph with other names', () => {
    const graph: Graph = {
      nodes: [
        { id: 'mixer', type: 'mixer' },
        { id: 'lead', type: 'track_source' },
      ],
    }
    expect(sourceNode(graph, { id: 'default' })).toBe('lead')
    expect(sourceNode({ nodes: [...(graph.nodes ?? []), { id: 'track_x', type: 'track_source' }] }, { id: 'x' })).toBe(
      'track_x',
    )
  })
})
