import type {
  Automation,
  AutomationPoint,
  BendPoint,
  Effect,
  Graph,
  GraphConnection,
  GraphNode,
  LoopRegion,
  NodeDescription,
  Note,
  Pattern,
  Placement,
  ScheduleEvent,
  SharedInstrument,
  SongData,
  StepGrid,
  Strip,
  TempoChange,
  TimeSignature,
  Track,
  TrackEvent,
} from './model.ts'
import {
  described,
  either,
  flag,
  type JsonSchema,
  list,
  number,
  object,
  oneOf,
  record,
  type Shape,
  text,
} from './shape.ts'

/** Older than every other version: a graph and a schedule, as the engine takes them. */
export interface SessionVersion1 {
  version: 1
  title?: string
  graph: Graph
  schedule: ScheduleEvent[]
}

/** A session document: a song and the version of its form. What `JSON.stringify(song)` gives and `arranger render` reads. */
export interface Session extends SongData {
  version: 2
}

const definitions: Record<string, JsonSchema> = {}

/** Gives a shape a name in the schema. */
function define<T>(title: string, shape: Shape<T>): Shape<T> {
  definitions[title] = shape.schema
  return { ...shape, schema: { $ref: `#/$defs/${title}` } }
}

const greatestBeat = 1e9
const name = text(1)
const beat = described(number({ min: 0, max: greatestBeat }), 'In quarter notes from the start of the song.')
const relativeBeat = number({ min: 0, max: greatestBeat })
const length = described(number({ above: 0, max: greatestBeat }), 'In beats.')
const bpm = described(number({ min: 1, max: 999 }), 'Quarter notes a minute.')
const midi = number({ min: 0, max: 127, integer: true })
const bank = number({ min: 0, max: 16383, integer: true })
const channel = described(number({ min: 0, max: 15, integer: true }), 'MIDI channel, from 0.')
const value = number()
const params = record(either('string', text(), number()))

const node = { type: described(name, 'Plugin id.'), params }
const effect = define('effect', object<Effect>({ id: name, ...node }, ['id', 'type']))
const strip = {
  volume: described(number({ min: 0, max: 2 }), 'Linear gain.'),
  pan: described(number({ min: -1, max: 1 }), '-1 left, 1 right.'),
  mute: flag,
  solo: flag,
  effects: list(effect),
} satisfies { [K in keyof Strip]: unknown }
const instrument = define('instrument', object<SharedInstrument>({ id: name, ...node, ...strip }, ['id']))

const tempo = define(
  'tempo',
  object<TempoChange>({ beat, bpm, ramp_beats: number({ min: 0, max: 1e6 }) }, ['beat', 'bpm']),
)
const timeSignature = define(
  'time_signature',
  object<TimeSignature>(
    { beat, numerator: number({ min: 1, max: 127, integer: true }), denominator: oneOf(1, 2, 4, 8, 16, 32, 64) },
    ['beat', 'numerator', 'denominator'],
  ),
)
const loop = define('loop', object<LoopRegion>({ start: beat, end: beat }, ['start', 'end']))

const bendPoint = define(
  'bend_point',
  object<BendPoint>({ beat: relativeBeat, semitones: number({ min: -96, max: 96 }) }, ['beat', 'semitones']),
)
const note = define(
  'note',
  object<Note>(
    {
      beat: relativeBeat,
      length,
      pitch: midi,
      velocity: number({ min: 1, max: 127, integer: true }),
      release_velocity: midi,
      bend: list(bendPoint),
    },
    ['beat', 'length', 'pitch'],
  ),
)
const steps = text(0, { matches: /^[xXo. |]*$/, means: "steps made of x, X, o and '.', with spaces and '|' between" })
const grid = define(
  'grid',
  object<StepGrid>(
    {
      steps_per_beat: number({ min: 1, max: 96, integer: true }),
      swing: number({ min: 0.5, max: 0.9 }),
      rows: record(either('string', steps, list(midi))),
    },
    ['steps_per_beat', 'rows'],
  ),
)
const pattern = define('pattern', object<Pattern>({ id: name, length, notes: list(note), grid }, ['id']))
const placement = define(
  'placement',
  object<Placement>(
    {
      pattern: name,
      beat,
      repeats: number({ min: 1, max: 1e6, integer: true }),
      transpose: number({ min: -127, max: 127, integer: true }),
      length,
    },
    ['pattern', 'beat'],
  ),
)

/** The greatest `pitch` and `velocity` that any type of event allows. */
const wide = number({ min: 0, max: 16383, integer: true })
const anyBeat = described(number({ min: -greatestBeat, max: greatestBeat }), 'Below 0 = set-up, before anything else.')
const trackEvent = define(
  'track_event',
  object<TrackEvent>(
    {
      beat: anyBeat,
      type: oneOf('note_on', 'note_off', 'program', 'volume', 'bend', 'control', 'cc', 'pressure', 'poly_pressure'),
      channel,
      pitch: wide,
      velocity: wide,
      value,
      param_id: text(),
    },
    ['beat', 'type'],
  ),
)
const track = define(
  'track',
  object<Track>(
    {
      id: name,
      name: text(),
      channel,
      program: midi,
      bank,
      instrument: either('string', name, object<NodeDescription>(node, ['type'])),
      soundfont: name,
      kit: either('string', oneOf('gm'), record(midi)),
      bend_range: number({ min: 1, max: 96, integer: true }),
      bend_channels: list(channel),
      notes: list(note),
      placements: list(placement),
      events: list(trackEvent),
      ...strip,
    },
    ['id'],
  ),
)
const point = define(
  'point',
  object<AutomationPoint>({ beat, value, curve: oneOf('step', 'linear') }, ['beat', 'value']),
)
const automation = define(
  'automation',
  object<Automation>({ node: name, track: name, param: name, points: list(point) }, ['param', 'points']),
)

const graphNode = object<Pick<GraphNode, 'id' | 'type' | 'params'>>({ id: name, ...node }, ['id', 'type'], true)
const connection = object<Pick<GraphConnection, 'from_node' | 'from_port' | 'to_node' | 'to_port'>>(
  { from_node: name, from_port: text(), to_node: name, to_port: text() },
  ['from_node', 'from_port', 'to_node', 'to_port'],
  true,
)
const graph = define(
  'graph',
  object<Pick<Graph, 'nodes' | 'connections'>>({ nodes: list(graphNode), connections: list(connection) }, [], true),
)
const event = define(
  'event',
  object<Pick<ScheduleEvent, 'beat' | 'type'>>(
    { beat: anyBeat, type: name as Shape<ScheduleEvent['type']> },
    ['type'],
    true,
  ),
)

const song = {
  title: text(),
  bpm,
  tempos: list(tempo),
  time_signatures: list(timeSignature),
  loop,
  soundfont: described(name, 'Path of the SoundFont of all default instruments.'),
  instruments: list(instrument),
  patterns: list(pattern),
  tracks: list(track),
  effects: described(list(effect), 'The master chain.'),
  automation: list(automation),
  graph: described(graph as Shape<Graph>, 'Takes the place of the generated graph; the engine checks the rest of it.'),
  events: described(list(event as Shape<ScheduleEvent>), 'Events for any node; the engine checks the rest of them.'),
}

/** What song data looks like. References and musical sense are `checkSong`'s. */
export const songShape = object<SongData>(song, [])
/** The present form of a session document. */
export const sessionShape = object<Session>({ version: oneOf(2), ...song }, ['version'])

/** The first form: what the engine takes. */
export const sessionVersion1Shape = object<SessionVersion1>(
  { version: oneOf(1), title: text(), graph: song.graph, schedule: song.events },
  ['version', 'graph', 'schedule'],
)

/** JSON Schema (draft 2020-12) of all versions; `schema/session.schema.json` is this, and a test keeps it fresh. */
export const sessionSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Arranger session',
  description:
    'A song: tracks, patterns, instruments, effects, automation. References between its parts are checked by the reader.',
  oneOf: [sessionShape.schema, sessionVersion1Shape.schema],
  $defs: definitions,
}
