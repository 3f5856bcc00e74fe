import { EngineError } from './error.ts'
import { nearestHint } from './nearest.ts'
import { checkSong } from './session/check.ts'
import { defaultTypes, graphOf, playsDefault, syncTracks, synthNode, trackNode, tracksOf } from './session/graph.ts'
import type { Graph, GraphNode, LoopRegion, ScheduleEvent, SongData, Track } from './session/model.ts'
import { channelOf } from './session/notes.ts'
import { scheduleOf } from './session/schedule.ts'
import { Song } from './session/song.ts'

/** A song, or a function that gives the present one. */
export type SongSource = Song | SongData | (() => Song | SongData)

/** A value that was set by hand, and what the song said then: it lasts until the song says something else. */
interface ByHand<T> {
  value: T
  said: string
}

function settled<T>({ value, said }: ByHand<T>, now: unknown): T | undefined {
  return JSON.stringify(now) === said ? value : undefined
}

function byHand<T>(value: T, now: unknown): ByHand<T> {
  return { value, said: JSON.stringify(now) ?? '' }
}

/** A song and the graph that plays it. */
export interface LiveGraph {
  data: SongData
  graph: Graph
}

/** What the engine has to have for a song to be played. */
export interface LiveSession extends LiveGraph {
  events: readonly ScheduleEvent[]
  loop: LoopRegion | null
}

interface Program {
  program: number
  bank: number
}

/** The song of a front end: what the user wrote, and on top of it what was set while it plays. */
export class LiveSong {
  #source: SongSource
  #soundfont: string | undefined
  readonly #programs = new Map<string, ByHand<Program>>()
  readonly #params = new Map<string, ByHand<number> & { node: string; param: string }>()
  #loop: LoopRegion | null | undefined
  #checked: SongData | undefined
  /** Every track there was: those of them that are gone leave a custom graph, too. */
  readonly #seen = new Map<string, Track>()

  constructor(source: SongSource) {
    this.#source = source
  }

  /** Another song: nothing that was set for the former one remains. */
  replace(source: SongSource): void {
    this.#source = source
    this.#soundfont = undefined
    this.#programs.clear()
    this.#params.clear()
    this.#loop = undefined
    this.#seen.clear()
  }

  /** The song as data, with the SoundFont and the programs that were set. */
  get data(): SongData {
    const data = this.#own
    const tracks = data.tracks?.map((track) => {
      const set = this.#programs.get(track.id)
      return { ...track, ...(set && settled(set, programOf(track))) }
    })
    return {
      ...data,
      ...(tracks && { tracks }),
      ...(this.#soundfont !== undefined && { soundfont: this.#soundfont }),
    }
  }

  get soundfont(): string | undefined {
    return this.#soundfont
  }

  set soundfont(path: string | undefined) {
    this.#soundfont = path
  }

  set loop(loop: LoopRegion | null) {
    this.#loop = loop
  }

  /** Keeps a program for tracks, until the song gives them another. */
  setProgram(tracks: readonly Track[], program: Program): void {
    const own = new Map(this.#own.tracks?.map((track) => [track.id, track]))
    for (const { id } of tracks) this.#programs.set(id, byHand(program, programOf(own.get(id) ?? { id })))
  }

  /** Keeps a parameter for the next graphs, until the song gives it another value. */
  setParam(node: string, param: string, value: number): void {
    const found = this.#graphOf(this.data).nodes?.find(({ id }) => id === node)
    this.#params.set(`${node}\n${param}`, { ...byHand(value, paramOf(found, param)), node, param })
  }

  /**
   * What is needed to play by hand. Data that was checked before is not checked again, so that a slider may ask often.
   * @throws EngineError `invalid_song`; what `syncTracks` throws.
   */
  graph(): LiveGraph {
    const { data } = this
    const own = this.#own
    if (this.#checked !== own) checkSong(data)
    const graph = this.#withParams(this.#graphOf(data))
    this.#checked = own
    for (const track of data.tracks ?? []) this.#seen.set(track.id, track)
    return { data, graph }
  }

  /** Everything, checked whole: the song's data may have been changed in place. @throws As {@link graph}. */
  session(): LiveSession {
    this.#checked = undefined
    const { data, graph } = this.graph()
    return { data, graph, events: scheduleOf(data), loop: this.#loop === undefined ? (data.loop ?? null) : this.#loop }
  }

  /** What the user wrote. */
  get #own(): SongData {
    const source = typeof this.#source === 'function' ? this.#source() : this.#source
    return source instanceof Song ? source.data : source
  }

  #graphOf(data: SongData): Graph {
    const graph = graphOf(data)
    if (!data.graph) return graph
    const tracks = data.tracks ?? []
    return withSoundfont(syncTracks(graph, [...this.#seen.values()], tracks, data.soundfont), data)
  }

  #withParams(graph: Graph): Graph {
    let result = graph
    for (const set of this.#params.values()) {
      const node = graph.nodes?.find(({ id }) => id === set.node)
      const value = settled(set, paramOf(node, set.param))
      if (value !== undefined) result = withParam(result, set.node, set.param, value)
    }
    return result
  }
}

function programOf({ program, bank }: Track): unknown {
  return [program ?? null, bank ?? null]
}

function paramOf(node: GraphNode | undefined, param: string): unknown {
  return node?.params?.[param] ?? null
}

/** A graph with one parameter changed; as it is when it has no such node. */
export function withParam(graph: Graph, id: string, param: string, value: number): Graph {
  const nodes = graph.nodes ?? []
  const changed = nodes.map((node) => (node.id === id ? { ...node, params: { ...node.params, [param]: value } } : node))
  return { ...graph, nodes: changed }
}

/** A custom graph whose default instruments have the song's SoundFont, those that name none themselves. */
function withSoundfont(graph: Graph, data: SongData): Graph {
  const { soundfont } = data
  if (soundfont === undefined) return graph
  const defaults = new Set(
    tracksOf(data)
      .filter(playsDefault)
      .map(({ id }) => synthNode(id)),
  )
  const nodes = graph.nodes?.map((node) => {
    if (!defaults.has(node.id) || !defaultTypes.includes(node.type)) return node
    const named = node.params?.sf2_path ?? (node as { sf2_path?: string }).sf2_path
    if (named !== undefined) return node
    // The parameters of one instrument mean nothing to another.
    const params = node.type === 'builtin.synth' ? {} : node.params
    return { id: node.id, type: 'builtin.fluidsynth', params: { ...params, sf2_path: soundfont } }
  })
  return { ...graph, ...(nodes && { nodes }) }
}

/** The tracks that play on a channel. */
export function tracksOn(data: SongData, channel: number): Track[] {
  return tracksOf(data).filter((track) => channelOf(track) === channel)
}

/** The `track_source` that stands for a track; for a graph of the user's own with other names, the first it has. */
export function sourceNode(graph: Graph, track: Track): string {
  const wanted = trackNode(track.id)
  const sources = (graph.nodes ?? []).filter(({ type }) => type === 'track_source')
  return sources.some(({ id }) => id === wanted) ? wanted : (sources[0]?.id ?? wanted)
}

/**
 * The track that is meant: by id, else the first on the channel, else the first.
 * @throws EngineError `unknown_node`
 */
export function trackFor(data: SongData, channel: number, id?: string): Track {
  const tracks = tracksOf(data)
  if (id === undefined) return tracksOn(data, channel)[0] ?? (tracks[0] as Track)
  const found = tracks.find((track) => track.id === id)
  if (found) return found
  const ids = tracks.map((track) => track.id)
  throw new EngineError('unknown_node', `There is no track '${id}'${nearestHint(id, ids)}`)
}
