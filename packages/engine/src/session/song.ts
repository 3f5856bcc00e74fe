import { EngineError } from '../error.ts'
import type { Commands } from '../generated/protocol.ts'

/** Nodes and connections, as `set_graph` takes them. */
export type Graph = Omit<Commands['set_graph']['request'], 'cmd' | 'id'>
/** One node of a {@link Graph}. */
export type GraphNode = NonNullable<Graph['nodes']>[number]
/** One connection of a {@link Graph}. */
export type GraphConnection = NonNullable<Graph['connections']>[number]
/** One event, as `set_schedule` takes it. `beat` counts quarter notes from the start. */
export type ScheduleEvent = NonNullable<Commands['set_schedule']['request']['events']>[number]

/** A node of a plugin, without its place in the graph. */
export type NodeDescription = Pick<GraphNode, 'type' | 'params'>

/** A line of events that go to one `track_source` node. */
export interface SongTrack {
  /** The id of its `track_source` node. */
  id: string
  name: string
  /** The MIDI channels it uses, 0..15, ascending. */
  channels: number[]
  noteCount: number
}

/** What a {@link Song} is made from. */
export interface SongSource {
  title: string
  /** Of beat 0, in quarter notes a minute. Tempo events change it. */
  bpm: number
  tracks: SongTrack[]
  events: ScheduleEvent[]
  /** What plays all tracks; needs the ports `events_in` and `audio_out`. */
  instrument: NodeDescription
  /** What a file held and a song does not: by name, how many. */
  ignored?: Record<string, number>
}

/** A session document: what `arranger render` reads, and what `JSON.stringify(song)` gives. */
export interface Session {
  version: 1
  title?: string
  graph: Graph
  schedule: ScheduleEvent[]
}

/** What the master chain of {@link songGraph} is made from. */
export interface MasterEffect {
  id: string
  node: NodeDescription
}

const instrumentId = 'instrument'
const mixerId = 'mixer'

/**
 * The graph of a song: one `track_source` a track → one instrument → the effects in series → the mixer. Pure.
 * An effect needs the ports `audio_in` and `audio_out`.
 */
export function songGraph(
  song: { bpm: number; tracks: readonly { id: string }[]; instrument: NodeDescription },
  effects: readonly MasterEffect[] = [],
): Graph {
  const sources = song.tracks.map(({ id }) => ({ id, type: 'track_source' }))
  const chain = [{ id: instrumentId, node: song.instrument }, ...effects]
  const connections: GraphConnection[] = sources.map(({ id }) => ({
    from_node: id,
    from_port: 'events_out',
    to_node: instrumentId,
    to_port: 'events_in',
  }))
  chain.forEach(({ id }, index) => {
    const next = chain[index + 1]
    connections.push({
      from_node: id,
      from_port: 'audio_out',
      to_node: next?.id ?? mixerId,
      to_port: next ? 'audio_in' : 'audio_in_0',
    })
  })
  const nodes: GraphNode[] = [
    ...sources,
    ...chain.map(({ id, node }) => ({ id, ...node })),
    { id: mixerId, type: 'mixer' },
  ]
  return { bpm: song.bpm, nodes, connections }
}

/** Beats from the start to the end of the last event, whatever its type; 0 without events. What `render` plays when no length is given. */
export function durationInBeats(events: readonly ScheduleEvent[]): number {
  return events.reduce((last, { beat = 0, ramp_beats = 0 }) => Math.max(last, beat + ramp_beats), 0)
}

/** Seconds from the start to a beat, through the tempo events of a schedule in any order. */
export function secondsAt(beat: number, events: readonly ScheduleEvent[], bpm: number): number {
  const changes = events.filter(({ type }) => type === 'tempo').sort((a, b) => (a.beat ?? 0) - (b.beat ?? 0))
  let seconds = 0
  let from = 0
  let tempo = bpm
  for (const change of changes) {
    const at = Math.max(0, change.beat ?? 0)
    if (at >= beat) break
    seconds += ((at - from) * 60) / tempo
    from = at
    tempo = change.value ?? tempo
  }
  return seconds + ((beat - from) * 60) / tempo
}

/** The effects between the instrument and the mixer, in series. */
export interface MasterChain {
  /**
   * Adds an effect at the end.
   * @param type Plugin id, such as `builtin.reverb`; it needs the ports `audio_in` and `audio_out`.
   * @param params Parameters by id; what is left out has its default.
   * @returns The id of its node, for `set_param` and the like.
   * @throws EngineError `invalid_request` if the song carries a graph of its own.
   */
  add(type: string, params?: NonNullable<GraphNode['params']>): string
}

/**
 * A piece of music and what plays it. `graph` and `events` are computed from it and are what the engine is given.
 * Made by `importMidi`, `parseSession`, or from its parts.
 */
export class Song {
  readonly title: string
  readonly tracks: readonly SongTrack[]
  readonly events: readonly ScheduleEvent[]
  /**
   * What the imported file held and the song does not (system exclusive messages, lyrics, …): by name, how many.
   * `tempoOutOfRange` counts tempos that were brought down to the fastest an engine plays.
   */
  readonly ignored: Readonly<Record<string, number>>
  readonly master: MasterChain
  /**
   * Beats from the start to the last event, which is what a render plays unless it is given a length. The end-of-track
   * marks of a file do not count: a rest at the end, or the rest of a note that never ends, is not in it.
   */
  readonly durationBeats: number
  /** The same in seconds, through the tempo map. */
  readonly durationSeconds: number
  readonly #graph: () => Graph

  /** With a `graph`, the song keeps it as it is; otherwise {@link songGraph} makes one. */
  constructor(source: SongSource | (Omit<SongSource, 'instrument' | 'bpm'> & { graph: Graph })) {
    this.title = source.title
    this.tracks = source.tracks
    this.events = source.events
    this.ignored = source.ignored ?? {}
    if ('graph' in source) {
      const { graph } = source
      this.master = { add: refuseEffect }
      this.#graph = () => graph
    } else {
      const effects: MasterEffect[] = []
      this.master = { add: (type, params) => addEffect(effects, type, params) }
      this.#graph = () => songGraph(source, effects)
    }
    this.durationBeats = durationInBeats(source.events)
    this.durationSeconds = secondsAt(this.durationBeats, source.events, this.graph.bpm ?? 120)
  }

  get graph(): Graph {
    return this.#graph()
  }

  /** Notes that begin. */
  get noteCount(): number {
    return this.tracks.reduce((sum, track) => sum + track.noteCount, 0)
  }

  toJSON(): Session {
    return { version: 1, title: this.title, graph: this.graph, schedule: [...this.events] }
  }
}

function addEffect(effects: MasterEffect[], type: string, params?: NonNullable<GraphNode['params']>): string {
  const name = `master_${type.split('.').pop()}`
  const taken = effects.filter(({ id }) => id === name || id.startsWith(`${name}_`)).length
  const id = taken === 0 ? name : `${name}_${taken + 1}`
  effects.push({ id, node: params === undefined ? { type } : { type, params: { ...params } } })
  return id
}

function refuseEffect(): never {
  throw new EngineError('invalid_request', 'The song carries a graph of its own; add the effect to that graph')
}

/** True for an event that begins a note. A note_on with velocity 0 ends one. */
export function beginsNote(event: ScheduleEvent): boolean {
  return event.type === 'note_on' && event.velocity !== 0
}
