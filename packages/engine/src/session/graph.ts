import { EngineError } from '../error.ts'
import type {
  Effect,
  Graph,
  GraphConnection,
  GraphNode,
  NodeDescription,
  NodeParams,
  SharedInstrument,
  SongData,
  Strip,
  Track,
} from './model.ts'

export const mixerId = 'mixer'
/** Where the strips meet when effects stand between them and the mixer. */
const busId = 'bus'
/** What a song without tracks has, so that a key can be played before anything is written. */
const defaultTrack: Track = { id: 'default' }

/** The tracks of a song: `default` when it has none. */
export function tracksOf(song: Pick<SongData, 'tracks'>): readonly Track[] {
  return song.tracks?.length ? song.tracks : [defaultTrack]
}

/** The node that a track's events go to. */
export function trackNode(id: string): string {
  return `track_${id}`
}

/** The node of a track's own instrument. */
export function synthNode(id: string): string {
  return `synth_${id}`
}

/** What plays a track that has no instrument: `builtin.fluidsynth` with its SoundFont or the song's, else `builtin.synth`. */
function defaultInstrument(soundfont: string | undefined): { type: string; params?: NodeParams } {
  return soundfont === undefined
    ? { type: 'builtin.synth' }
    : { type: 'builtin.fluidsynth', params: { sf2_path: soundfont } }
}

/** Whether a track is played by its default instrument with the song's SoundFont. */
export function playsDefault(track: Track): boolean {
  return track.instrument === undefined && track.soundfont === undefined
}

/** One channel of the mixer with all that leads to it. */
export interface PlacedStrip {
  /** The id of its track or shared instrument. */
  owner: string
  /** The instrument, then the effects, in series. */
  chain: GraphNode[]
  strip: Strip
}

function place(id: string, { type, params }: NodeDescription): GraphNode {
  return params === undefined ? { id, type } : { id, type, params: { ...params } }
}

function effectNodes(prefix: string, effects: readonly Effect[] = []): GraphNode[] {
  return effects.map((effect) => place(`${prefix}_${effect.id}`, effect))
}

function sharedInstrument({ type, params }: SharedInstrument, soundfont: string | undefined): NodeDescription {
  const chosen = type === undefined ? defaultInstrument(soundfont) : { type }
  return params || chosen.params ? { type: chosen.type, params: { ...chosen.params, ...params } } : chosen
}

/** The strips of a song in order of mixer channels: those of tracks, then those of shared instruments. */
export function stripsOf(song: SongData): PlacedStrip[] {
  const own = tracksOf(song).flatMap((track): PlacedStrip[] => {
    const { id, instrument = defaultInstrument(track.soundfont ?? song.soundfont), effects } = track
    if (typeof instrument === 'string') return []
    return [
      { owner: id, chain: [place(synthNode(id), instrument), ...effectNodes(`effect_${id}`, effects)], strip: track },
    ]
  })
  const shared = (song.instruments ?? []).map((instrument) => {
    const { id, effects } = instrument
    return {
      owner: id,
      chain: [place(id, sharedInstrument(instrument, song.soundfont)), ...effectNodes(`effect_${id}`, effects)],
      strip: instrument,
    }
  })
  return [...own, ...shared]
}

function mixerParams(strips: readonly Strip[]): NodeParams {
  const params: NodeParams = strips.length > 2 ? { channel_count: strips.length } : {}
  for (const [channel, { volume = 1, pan = 0, mute, solo }] of strips.entries()) {
    if (volume !== 1) params[`gain_${channel}`] = volume
    if (pan !== 0) params[`pan_${channel}`] = pan
    if (mute) params[`mute_${channel}`] = 1
    if (solo) params[`solo_${channel}`] = 1
  }
  return params
}

function mixer(id: string, params: NodeParams): GraphNode {
  return Object.keys(params).length > 0 ? { id, type: 'mixer', params } : { id, type: 'mixer' }
}

/** Whether effects stand between the strips and the mixer, and there is more to do before them than to pass one on. */
function needsBus(song: SongData, strips: readonly PlacedStrip[]): boolean {
  const neutral = Object.keys(mixerParams(strips.map(({ strip }) => strip))).length === 0
  const moved = song.automation?.some(
    ({ track, param }) => track !== undefined && (param === 'volume' || param === 'pan'),
  )
  return (song.effects ?? []).length > 0 && (strips.length > 1 || !neutral || moved === true)
}

/** A parameter of a node. */
export interface ParamAddress {
  node_id: string
  param_id: string
}

/**
 * Where a parameter of a track or shared instrument is in the generated graph: `volume` and `pan` in the mixer's channel,
 * all others in its instrument. Pure. Undefined for an owner that the song does not have.
 */
export function paramAddress(song: SongData, owner: string, param: string): ParamAddress | undefined {
  const shared = song.tracks?.find(({ id }) => id === owner)?.instrument
  const strips = stripsOf(song)
  const channel = strips.findIndex((strip) => strip.owner === (typeof shared === 'string' ? shared : owner))
  const instrument = strips[channel]?.chain[0]
  if (!instrument) return undefined
  if (param !== 'volume' && param !== 'pan') return { node_id: instrument.id, param_id: param }
  const node = needsBus(song, strips) ? busId : mixerId
  return { node_id: node, param_id: `${param === 'volume' ? 'gain' : 'pan'}_${channel}` }
}

function connect(from: string, fromPort: string, to: string, toPort: string): GraphConnection {
  return { from_node: from, from_port: fromPort, to_node: to, to_port: toPort }
}

/** Audio through nodes in series, and on into a port. */
function series(chain: readonly GraphNode[], to: string, toPort: string): GraphConnection[] {
  return chain.map(({ id }, index) => {
    const next = chain[index + 1]
    return next ? connect(id, 'audio_out', next.id, 'audio_in') : connect(id, 'audio_out', to, toPort)
  })
}

/** The graph of a song that has none of its own. The song must have been checked. */
function generatedGraph(song: SongData): Graph {
  const tracks = tracksOf(song)
  const strips = stripsOf(song)
  const master = effectNodes('master', song.effects)
  const bus = needsBus(song, strips)
  const sum = bus ? busId : mixerId
  const params = mixerParams(strips.map(({ strip }) => strip))
  const nodes: GraphNode[] = tracks.map(({ id }) => ({ id: trackNode(id), type: 'track_source' }))
  const connections = tracks.map(({ id, instrument }) =>
    connect(trackNode(id), 'events_out', typeof instrument === 'string' ? instrument : synthNode(id), 'events_in'),
  )
  // With neither bus nor level the one strip goes straight into the master chain.
  const direct = master.length > 0 && !bus
  for (const [channel, { chain }] of strips.entries()) {
    nodes.push(...chain)
    const [to, port] = direct ? [(master[0] as GraphNode).id, 'audio_in'] : [sum, `audio_in_${channel}`]
    connections.push(...series(chain, to, port))
  }
  if (bus) {
    nodes.push(mixer(busId, { ...params, soft_clip: 0 }))
    connections.push(connect(busId, 'audio_out', (master[0] as GraphNode).id, 'audio_in'))
  }
  nodes.push(...master, mixer(mixerId, bus ? {} : params))
  connections.push(...series(master, mixerId, 'audio_in_0'))
  return { bpm: song.bpm ?? 120, nodes, connections }
}

/** {@link songGraph} of a song that was checked. */
export function graphOf(song: SongData): Graph {
  if (!song.graph) return generatedGraph(song)
  const there = new Set(song.graph.nodes?.map(({ id }) => id))
  const tracks = song.tracks ?? []
  const known = tracks.filter(({ id }) => there.has(trackNode(id)))
  const bpm = song.bpm ?? song.graph.bpm
  return { ...syncTracks(song.graph, known, tracks, song.soundfont), ...(bpm === undefined ? {} : { bpm }) }
}

/** What a track without an instrument of its own is played by. */
export const defaultTypes = ['builtin.synth', 'builtin.fluidsynth', 'fluidsynth']

/** The mixer input that nothing feeds yet; the first one when all are in use. */
function freeInput(graph: Graph): string {
  const node = graph.nodes?.find(({ id }) => id === mixerId)
  if (!node)
    throw new EngineError('no_master', "Expected a node 'mixer' for the new track but the song's graph has none")
  const count = Number(node.params?.channel_count ?? (node as { channel_count?: number }).channel_count ?? 2)
  const used = (graph.connections ?? []).flatMap(({ to_node, to_port }) => (to_node === mixerId ? [to_port] : []))
  for (let channel = 0; channel < count; channel++) {
    const spellings = new RegExp(`^audio_in_((L_|R_)?${channel}|${channel}_(L|R))$`)
    if (!used.some((port) => spellings.test(port))) return `audio_in_${channel}`
  }
  return 'audio_in_0'
}

function withTrack(graph: Graph, { id, soundfont }: Track, songFont: string | undefined): Graph {
  const [source, synth] = [trackNode(id), synthNode(id)]
  return {
    ...graph,
    nodes: [
      ...(graph.nodes ?? []),
      { id: source, type: 'track_source' },
      { id: synth, ...defaultInstrument(soundfont ?? songFont) },
    ],
    connections: [
      ...(graph.connections ?? []),
      connect(source, 'events_out', synth, 'events_in'),
      connect(synth, 'audio_out', mixerId, freeInput(graph)),
    ],
  }
}

/**
 * A custom graph after its song's tracks changed. Pure. A track that is gone takes its `track_<id>` and its default
 * instrument `synth_<id>` along, with their connections; a new one brings both, connected to the mixer's first free input,
 * or its first where none is free. All else stays as it is. A song without tracks has the track `default`.
 * @throws EngineError `no_master` when a track comes and there is no node `mixer`; `duplicate_id` when its instrument's id is taken.
 */
export function syncTracks(graph: Graph, before: readonly Track[], after: readonly Track[], soundfont?: string): Graph {
  if (before.length === 0 && after.length === 0) return graph
  const present = tracksOf({ tracks: [...after] })
  const staying = new Set(present.map(({ id }) => id))
  const gone = new Set<string>()
  for (const { id } of tracksOf({ tracks: [...before] })) {
    if (staying.has(id)) continue
    gone.add(trackNode(id))
    const synth = graph.nodes?.find((node) => node.id === synthNode(id))
    if (synth && defaultTypes.includes(synth.type)) gone.add(synth.id)
  }
  const kept: Graph = {
    ...graph,
    nodes: (graph.nodes ?? []).filter(({ id }) => !gone.has(id)),
    connections: (graph.connections ?? []).filter(
      ({ from_node, to_node }) => !gone.has(from_node) && !gone.has(to_node),
    ),
  }
  return present.reduce((result, track) => {
    const taken = new Set(result.nodes?.map(({ id }) => id))
    if (taken.has(trackNode(track.id))) return result
    if (taken.has(synthNode(track.id))) {
      throw new EngineError(
        'duplicate_id',
        `The track '${track.id}' needs the node id ${synthNode(track.id)}, which the graph has already`,
      )
    }
    return withTrack(result, track, soundfont)
  }, kept)
}
