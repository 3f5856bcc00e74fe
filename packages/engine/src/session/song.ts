import { EngineError } from '../error.ts'
import type { ParamsOf, PluginId, PluginTypes } from '../plugin-types.ts'
import { checkSong } from './check.ts'
import { graphOf } from './graph.ts'
import type { Effect, Graph, NodeParams, ScheduleEvent, SongData } from './model.ts'
import { beginsNote, durationInBeats, scheduleOf } from './schedule.ts'
import type { Session } from './schema.ts'
import { secondsAt } from './tempo.ts'

/** What can be said of a `track_source` node of a song. */
export interface TrackSummary {
  /** The id of the node. */
  id: string
  name: string
  /** The MIDI channels it uses, 0..15, ascending. */
  channels: number[]
  noteCount: number
}

/** The effects between the sum of all instruments and the mixer, in series. */
export interface MasterChain {
  /**
   * Adds an effect at the end.
   * @param type Id of a plugin that TypeScript knows, such as `builtin.reverb`; it needs the ports `audio_in` and `audio_out`.
   * @param params Parameters by id; what is left out has its default.
   * @returns The id of its node, for `set_param` and the like.
   * @throws EngineError `invalid_request` if the song carries a graph of its own.
   */
  add<Id extends PluginId>(type: Id, params?: ParamsOf<PluginTypes[Id]>): string
  /** The same for a plugin whose types are not there. */
  addUntyped(type: string, params?: NodeParams): string
}

/**
 * A piece of music and what plays it. `graph` and `events` are computed from its {@link SongData} and are what the engine is
 * given. Made from data, by `importMidi` or by `parseSession`.
 */
export class Song {
  /**
   * What the imported file held and the song does not (system exclusive messages, lyrics, …): by name, how many.
   * `tempoOutOfRange` counts tempos that were brought down to the fastest an engine plays.
   */
  readonly ignored: Readonly<Record<string, number>>
  readonly master: MasterChain
  readonly events: readonly ScheduleEvent[]
  /**
   * Beats from the start to the last event, which is what a render plays unless it is given a length. The end-of-track
   * marks of a file do not count: a rest at the end, or the rest of a note that never ends, is not in it.
   */
  readonly durationBeats: number
  /** The same in seconds, through the tempo map. */
  readonly durationSeconds: number
  #data: SongData
  #tracks: readonly TrackSummary[] | undefined

  /**
   * @param data Copied; later changes of it change nothing here.
   * @throws EngineError `invalid_song` with the path of the wrong value.
   */
  constructor(data: SongData)
  /** @internal For readers of files, which made the data themselves. */
  constructor(data: SongData, ignored: Record<string, number>)
  constructor(data: SongData, ignored?: Record<string, number>) {
    if (ignored === undefined) checkSong(data)
    this.#data = ignored === undefined ? copyOf(data) : data
    this.ignored = ignored ?? {}
    this.master = {
      add: (type, params) => this.#addEffect(type, params as NodeParams | undefined),
      addUntyped: (type, params) => this.#addEffect(type, params),
    }
    this.events = scheduleOf(this.#data)
    this.durationBeats = durationInBeats(this.events)
    this.durationSeconds = secondsAt(this.durationBeats, this.events, this.graph.bpm ?? 120)
  }

  /** The song as plain data. Not to be changed. */
  get data(): SongData {
    return this.#data
  }

  get title(): string {
    return this.#data.title ?? 'Untitled'
  }

  get graph(): Graph {
    return graphOf(this.#data)
  }

  /** The `track_source` nodes of the graph, with what the events send to each. */
  get tracks(): readonly TrackSummary[] {
    this.#tracks ??= summaries(this.#data, this.graph, this.events)
    return this.#tracks
  }

  /** Notes that begin. */
  get noteCount(): number {
    return this.tracks.reduce((sum, track) => sum + track.noteCount, 0)
  }

  /** A session document of the present version. */
  toJSON(): Session {
    return { version: 2, ...this.#data }
  }

  #addEffect(type: string, params?: NodeParams): string {
    if (this.#data.graph) {
      throw new EngineError('invalid_request', 'The song carries a graph of its own; add the effect to that graph')
    }
    const { effects = [] } = this.#data
    const name = type.split('.').pop() as string
    let id = name
    for (let count = 2; effects.some((effect) => effect.id === id); count++) id = `${name}_${count}`
    const effect: Effect = params === undefined ? { id, type } : { id, type, params: { ...params } }
    const data = { ...this.#data, effects: [...effects, effect] }
    checkSong(data)
    this.#data = data
    return `master_${id}`
  }
}

function copyOf(data: SongData): SongData {
  try {
    return structuredClone(data)
  } catch (error) {
    throw new EngineError('invalid_song', `Expected plain data: ${(error as Error).message}`, {
      path: '',
      cause: error,
    })
  }
}

function summaries(data: SongData, graph: Graph, events: readonly ScheduleEvent[]): TrackSummary[] {
  const names = new Map(data.tracks?.map(({ id, name }) => [`track_${id}`, name ?? '']))
  const found = new Map<string, { channels: Set<number>; noteCount: number }>()
  for (const { id, type } of graph.nodes ?? []) {
    if (type === 'track_source') found.set(id, { channels: new Set(), noteCount: 0 })
  }
  for (const event of events) {
    const track = found.get(event.node_id ?? '')
    if (!track) continue
    track.channels.add(event.channel ?? 0)
    if (beginsNote(event)) track.noteCount++
  }
  return [...found].map(([id, { channels, noteCount }]) => ({
    id,
    name: names.get(id) ?? id,
    channels: [...channels].sort((a, b) => a - b),
    noteCount,
  }))
}
