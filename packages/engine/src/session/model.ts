import type { Commands } from '../generated/protocol.ts'

/** Nodes and connections, as `set_graph` takes them. */
export type Graph = Omit<Commands['set_graph']['request'], 'cmd' | 'id'>
/** One node of a {@link Graph}. */
export type GraphNode = NonNullable<Graph['nodes']>[number]
/** One connection of a {@link Graph}. */
export type GraphConnection = NonNullable<Graph['connections']>[number]
/** One event, as `set_schedule` takes it. `beat` counts quarter notes from the start. */
export type ScheduleEvent = NonNullable<Commands['set_schedule']['request']['events']>[number]
/** Parameters (numbers) and config parameters (texts) of a node by id. */
export type NodeParams = NonNullable<GraphNode['params']>

/** A node of a plugin, without its place in the graph. */
export interface NodeDescription {
  /** Plugin id, such as `builtin.reverb`. */
  type: string
  /** What is left out has its default. */
  params?: NodeParams
}

/** A link of an effect chain: a plugin with the ports `audio_in` and `audio_out`. */
export interface Effect extends NodeDescription {
  /** Unique in its chain. Its node is `master_<id>`, `effect_<track>_<id>` or `effect_<instrument>_<id>`. */
  id: string
}

/** A channel of the mixer. */
export interface Strip {
  /** Linear, 0..2. Default 1. */
  volume?: number
  /** −1 left .. 1 right. Default 0. */
  pan?: number
  mute?: boolean
  solo?: boolean
  /** Between the instrument and the mixer, in series. */
  effects?: Effect[]
}

/** An instrument that several tracks play, as the parts of a MIDI file do. It has one strip for all of them. */
export interface SharedInstrument extends Strip {
  /** What tracks call it; also the id of its node. */
  id: string
  /** Plugin id. Default: `builtin.fluidsynth` with the song's SoundFont where it has one, else `builtin.synth`. */
  type?: string
  /** What is left out has its default. */
  params?: NodeParams
}

/** From `beat` on there are `bpm` quarter notes a minute. */
export interface TempoChange {
  beat: number
  /** 1..999 */
  bpm: number
  /** Beats that the tempo takes to get there, in a straight line over beats. Default 0: at once. */
  ramp_beats?: number
}

/** From `beat` on a bar has `numerator` notes of 1/`denominator`. */
export interface TimeSignature {
  beat: number
  /** 1..127 */
  numerator: number
  /** A power of two, 1..64. */
  denominator: number
}

/** A point of a note's pitch curve; straight lines join the points. */
export interface BendPoint {
  /** Beats from the start of the note. */
  beat: number
  /** From the note's own pitch. */
  semitones: number
}

/** A note, `beat` counted from the start of its pattern or, directly in a track, of the song. */
export interface Note {
  beat: number
  /** Beats, above 0. */
  length: number
  /** Key, 0..127. */
  pitch: number
  /** 1..127. Default 100. */
  velocity?: number
  /** How fast the key is let go, 0..127. Default 0. */
  release_velocity?: number
  /** Points in ascending order. Before the first one the note has its own pitch. */
  bend?: BendPoint[]
}

/** One row of a {@link StepGrid}: `x` 100, `X` 127, `o` 64, `.` rest, with spaces and `|` to read it by; or velocities, 0 rest. */
export type StepRow = string | number[]

/** A drum machine's grid. Every step is one note, as long as its step. */
export interface StepGrid {
  /** 4 are sixteenths. */
  steps_per_beat: number
  /** Where the second step of a pair begins, as a part of the pair: 0.5 is straight, 2/3 triplets. 0.5..0.9. Default 0.5. */
  swing?: number
  /** By the name of a drum in the track's kit. All rows have the same number of steps. */
  rows: Record<string, StepRow>
}

/** Notes, a grid, or both, to be placed on tracks. */
export interface Pattern {
  id: string
  /** Beats until it repeats. Default: the grid's length, else the end of its last note. */
  length?: number
  notes?: Note[]
  grid?: StepGrid
}

/** A pattern at a beat of a track. */
export interface Placement {
  /** Id of the pattern. */
  pattern: string
  beat: number
  /** Times that it is played. Default 1. */
  repeats?: number
  /** Semitones. Default 0. */
  transpose?: number
  /** Beats after which it is cut off, repeats included: a note that sounds there ends there. Default: none. */
  length?: number
}

/** An event of a track, sent as it is. */
export interface TrackEvent {
  /** In beats of the song; below 0 = set-up, before anything else. */
  beat: number
  type: Exclude<ScheduleEvent['type'], 'tempo' | 'time_signature' | 'param'>
  channel?: number
  pitch?: number
  velocity?: number
  value?: number
  param_id?: string
}

/** Drum names and their keys. */
export type DrumKit = Record<string, number>

/** A line of music and what plays it. Its events go to the node `track_<id>`, its own instrument is `synth_<id>`. */
export interface Track extends Strip {
  id: string
  name?: string
  /** 0..15. Default 0; 9, which is MIDI's channel 10 and plays drums, for a track with a kit. */
  channel?: number
  /** 0..127, sent at beat 0 with `bank`. Default: none is sent. */
  program?: number
  /** 0..16383. Default 0. */
  bank?: number
  /** Its own instrument, or the id of a shared one. Default: `builtin.fluidsynth` where there is a SoundFont, else `builtin.synth`. */
  instrument?: NodeDescription | string
  /** Path of a SoundFont for the default instrument. Default: that of the song. */
  soundfont?: string
  /** What the rows of grids mean; `gm` is General MIDI's percussion. A grid needs one. */
  kit?: 'gm' | DrumKit
  /** Semitones of a full pitch bend, 1..96; sent to the instrument (registered parameter 0) when given. Default 2. */
  bend_range?: number
  /** The channels that take bent notes, one at a time each. A bend moves all that its channel plays. Default: the track's own. */
  bend_channels?: number[]
  notes?: Note[]
  placements?: Placement[]
  events?: TrackEvent[]
}

/** How a value gets from the point before to this one: at once when the point is there, or in a straight line. */
export type AutomationCurve = 'step' | 'linear'

/** A point of an {@link Automation}. */
export interface AutomationPoint {
  beat: number
  /** In the parameter's unit. */
  value: number
  /** Default `linear`; the first point is always a step. */
  curve?: AutomationCurve
}

/** A parameter's course over the song: of a node of the graph, or of a track or shared instrument. */
export interface Automation {
  /** Id of a node. Give this or `track`. */
  node?: string
  /** Id of a track or shared instrument: `volume` and `pan` are its strip's, all other parameters its instrument's. */
  track?: string
  param: string
  /** In ascending order of beats. Before the first one the parameter has its own value. */
  points: AutomationPoint[]
}

/** A stretch that repeats, in beats. */
export interface LoopRegion {
  start: number
  /** Above `start`. */
  end: number
}

/**
 * A piece of music as plain data, which is also what a session document holds: therefore its fields are spelled as in
 * JSON. Every list may be left out.
 */
export interface SongData {
  title?: string
  /** Quarter notes a minute at beat 0, 1..999. Default 120. */
  bpm?: number
  tempos?: TempoChange[]
  time_signatures?: TimeSignature[]
  loop?: LoopRegion
  /** Path of the SoundFont of all default instruments: of tracks that name neither instrument nor SoundFont, of shared ones without a type. */
  soundfont?: string
  instruments?: SharedInstrument[]
  patterns?: Pattern[]
  tracks?: Track[]
  /** The master chain, after the sum of all strips. */
  effects?: Effect[]
  automation?: Automation[]
  /** Takes the place of the generated graph. */
  graph?: Graph
  /** Events for any node, besides what the tracks say. */
  events?: ScheduleEvent[]
}
