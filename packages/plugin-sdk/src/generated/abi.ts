// SPDX-License-Identifier: MIT
// Generated from include/arranger/plugin.h by scripts/generate-abi.mjs; edit the header.

/** The ABI that the headers of this package describe: a library of another major version is refused. */
export const abiVersion = { major: 1, minor: 0 } as const

/** Version of the SDK, as it stands in the stamp of every library built with it. */
export const sdkVersion = '0.1.0'

/** Result of every function that can fail. */
export type Status = 'ok' | 'error' | 'unsupported' | 'invalid' | 'out_of_memory' | 'duplicate' | 'io'

/** The values of {@link Status} in C. */
export const statusValues = {
  /** Done. */
  ok: 0,
  /** Failed for a reason of its own. */
  error: 1,
  /** This engine or plugin cannot do it. */
  unsupported: 2,
  /** An argument is wrong. */
  invalid: 3,
  /** Memory could not be had. */
  out_of_memory: 4,
  /** The id is taken. */
  duplicate: 5,
  /** A file could not be read or was not what it should be. */
  io: 6,
} as const satisfies Record<Status, number>

/** What a process call asks for; its return value. */
export type ProcessStatus = 'continue' | 'tail' | 'sleep' | 'error'

/** The values of {@link ProcessStatus} in C. */
export const processStatusValues = {
  /** Call again. */
  continue: 0,
  /** The input is over, what still sounds is the tail. */
  tail: 1,
  /** Exact zeros and an unchanged state until an input is not silent or an event comes. */
  sleep: 2,
  /** Mute this node and report it. */
  error: 3,
} as const satisfies Record<ProcessStatus, number>

/** What a plugin is for. */
export type Category = 'Synth' | 'Effect' | 'Filter' | 'Mixer' | 'EventGen' | 'EventEffect' | 'Output' | 'Utility'

/** The values of {@link Category} in C. */
export const categoryValues = {
  /** Makes sound from events. */
  Synth: 0,
  /** Makes sound from sound. */
  Effect: 1,
  /** An effect that shapes a spectrum. */
  Filter: 2,
  /** Sums channels. */
  Mixer: 3,
  /** Makes events or control signals. */
  EventGen: 4,
  /** Makes events or control signals from events. */
  EventEffect: 5,
  /** The end of a graph. */
  Output: 6,
  /** Anything else. */
  Utility: 7,
} as const satisfies Record<Category, number>

/** What travels through a port. */
export type PortType = 'audio_mono' | 'audio_stereo' | 'audio' | 'event' | 'control'

/** The values of {@link PortType} in C. */
export const portTypeValues = {
  /** One channel. */
  audio_mono: 0,
  /** Two channels, left then right. */
  audio_stereo: 1,
  /** `channel_count` channels. */
  audio: 2,
  /** Notes and controllers. */
  event: 3,
  /** One value per frame; an input of this type is a parameter. */
  control: 4,
} as const satisfies Record<PortType, number>

/** The direction of a port, and what it is for. */
export type PortRole = 'input' | 'output' | 'sidechain' | 'monitor'

/** The values of {@link PortRole} in C. */
export const portRoleValues = {
  input: 0,
  output: 1,
  /** An input that is listened to, not passed on. */
  sidechain: 2,
  /** A control output that is shown to people: a level, a history, a curve. Never connected. */
  monitor: 3,
} as const satisfies Record<PortRole, number>

/** What a parameter's values mean, and the widget that suits it. */
export type PortHint = 'continuous' | 'toggle' | 'integer' | 'categorical' | 'radio' | 'meter' | 'graph_editor'

/** The values of {@link PortHint} in C. */
export const portHintValues = {
  continuous: 0,
  /** 0 or 1. */
  toggle: 1,
  integer: 2,
  /** An index into `choices`. */
  categorical: 3,
  /** Categorical, few choices, all shown. */
  radio: 4,
  /** A monitor drawn as a level. */
  meter: 5,
  /** A monitor drawn as a curve that is made of parameters, see `graph_type` and `arr_curve`. */
  graph_editor: 6,
} as const satisfies Record<PortHint, number>

/** Unit of a value. Values cross in this unit, never normalised. */
export type Unit = '' | 'Hz' | 'dB' | 's' | 'ms' | '%' | 'st' | 'ct' | 'beats' | 'BPM' | 'frames' | 'deg'

/** The values of {@link Unit} in C. */
export const unitValues = {
  /** A plain number. */
  '': 0,
  Hz: 1,
  dB: 2,
  s: 3,
  ms: 4,
  '%': 5,
  st: 6,
  ct: 7,
  /** Quarter notes. */
  beats: 8,
  BPM: 9,
  frames: 10,
  deg: 11,
} as const satisfies Record<Unit, number>

/** The curve between a knob's travel and the value; smoothing moves in a straight line in its domain. */
export type Taper = 'linear' | 'log' | 'exp' | 'db'

/** The values of {@link Taper} in C. */
export const taperValues = {
  linear: 0,
  /** Equal ratios for equal travel; min > 0. */
  log: 1,
  /** Value = min + (max - min) * travel^2. */
  exp: 2,
  /** A linear gain whose travel is even in decibels. */
  db: 3,
} as const satisfies Record<Taper, number>

/** The curve that a graph_editor port shows. */
export type GraphType = 'none' | 'eq_curve' | 'adsr_envelope' | 'breakpoint'

/** The values of {@link GraphType} in C. */
export const graphTypeValues = {
  none: 0,
  /** X in Hz, y in dB. */
  eq_curve: 1,
  /** X in s from the beginning of a note, y 0..1. */
  adsr_envelope: 2,
  /** X and y in the units of the parameters of its points. */
  breakpoint: 3,
} as const satisfies Record<GraphType, number>

/** Bits of `arr_port.flags`. */
export type PortFlag = 'automatable' | 'modulatable' | 'bypass' | 'expensive' | 'hidden'

/** The values of {@link PortFlag} in C. */
export const portFlagValues = {
  /** A schedule may move it. */
  automatable: 1,
  /** A control connection may move it. */
  modulatable: 2,
  /** This is the plugin's bypass switch. */
  bypass: 4,
  /** Moving it costs much; do not sweep it. */
  expensive: 8,
  /** Not shown to people. */
  hidden: 16,
} as const satisfies Record<PortFlag, number>

/** The type of a config parameter's value. */
export type ConfigType = 'string' | 'filepath' | 'integer' | 'float' | 'bool' | 'categorical'

/** The values of {@link ConfigType} in C. */
export const configTypeValues = {
  string: 0,
  /** A path on the engine's machine. */
  filepath: 1,
  integer: 2,
  float: 3,
  /** 0 or 1 in `number`. */
  bool: 4,
  /** One of `choices`, as text. */
  categorical: 5,
} as const satisfies Record<ConfigType, number>

/** The type of an event. A reader skips types it does not know. */
export type EventType =
  | 'note_on'
  | 'note_off'
  | 'note_choke'
  | 'note_end'
  | 'bend'
  | 'cc'
  | 'program'
  | 'volume'
  | 'pressure'
  | 'poly_pressure'
  | 'expression'
  | 'midi'
  | 'sysex'
  | 'control'
  | 'user'

/** The values of {@link EventType} in C. */
export const eventTypeValues = {
  /** Key 0..127, value = velocity 0..1 (MIDI velocity / 127), note_id. */
  note_on: 1,
  /** Key, value = release velocity 0..1, note_id of the note it ends. */
  note_off: 2,
  /** Key, note_id; the note stops at once. */
  note_choke: 3,
  /** Plugin to engine: the voice of note_id has faded out. */
  note_end: 4,
  /** Value -1..1 = (14-bit value - 8192) / 8192. */
  bend: 5,
  /** Key = controller 0..127, value 0..1 (MIDI value / 127). */
  cc: 6,
  /** Key = program 0..127, value = bank 0..16383. */
  program: 7,
  /** Channel volume, value 0..1 (MIDI value / 127). */
  volume: 8,
  /** Channel pressure, value 0..1. */
  pressure: 9,
  /** Key, value 0..1. */
  poly_pressure: 10,
  /** Key = expression number, note_id, value. */
  expression: 11,
  /** Up to 3 bytes, byte n in bits 8n.. of `data`. */
  midi: 12,
  /** `data` is a pointer to an `arr_bytes`, valid for the call. */
  sysex: 13,
  /** A plain value 0..1 for a node that takes one. */
  control: 14,
  /** From here on plugins agree among themselves. */
  user: 32768,
} as const satisfies Record<EventType, number>

/** Bits of the words that `arr_process.hints` points to. A hint says something true about samples that are there. */
export type HintFlag = 'silent' | 'constant' | 'unconnected'

/** The values of {@link HintFlag} in C. */
export const hintFlagValues = {
  /** Every sample of the port is exactly zero. */
  silent: 1,
  /** Every frame of a channel is equal; of a control input only frame 0 may be read. */
  constant: 2,
  /** Nothing is connected; an input reads zeros and must not be written. */
  unconnected: 4,
} as const satisfies Record<HintFlag, number>

/** Bits of `arr_transport.flags`. */
export type TransportFlag = 'playing' | 'looping' | 'offline'

/** The values of {@link TransportFlag} in C. */
export const transportFlagValues = {
  playing: 1,
  looping: 2,
  /** Faster or slower than real time, nobody waits. */
  offline: 4,
} as const satisfies Record<TransportFlag, number>

/** A port. A control input is a parameter; there is no second kind. */
export interface Port {
  /** What travels through it. */
  type: PortType
  /** Unique among the plugin's ports: letters, digits and `_`. */
  id: string
  /** For people. */
  display_name: string
  /** One or two sentences; empty when there is none. */
  doc: string
  /** Its direction, and what it is for. */
  role: PortRole
  /** Of type audio: 1..64; otherwise 0. */
  channel_count: number
  /** What a parameter's values mean, and the widget that suits it. */
  hint: PortHint
  /** Unit of its values. */
  unit: Unit
  /** The curve between a knob's travel and the value. */
  taper: Taper
  /** The curve that a graph_editor port edits. */
  graph_type: GraphType
  /** In unit, min..max. */
  default: number
  /** Smallest value, inclusive. */
  min: number
  /** Greatest value, inclusive. */
  max: number
  /** Grid of the values from min on; 0 = none. */
  step: number
  /** Length of the straight line that a change becomes; 0 = at once. */
  smoothing_ms: number
  /** Names of the values it can have; empty when it is not a choice. */
  choices: string[]
  /** What may be done with a parameter, and how it is shown. */
  flags: PortFlag[]
  /** Ports of one group are shown together; empty = none. */
  group: string
  /** True: a parameter that is drawn as a port from the start. */
  show_port_default: boolean
  /** The plugin version that brought it. */
  since_version: number
  /** At least this many frames pass between the plugin's inputs and this output; 64 or more may close a cycle. */
  delay_frames: number
  /** Of a monitor: the most values it shows at a time, 1..65536; 0 = 1. */
  value_count: number
}

/** A value that decides ports or resources. Given between create and activate only. */
export interface ConfigParam {
  /** The type of its value. */
  type: ConfigType
  /** Unique among the plugin's config parameters: letters, digits and `_`. */
  id: string
  /** For people. */
  display_name: string
  /** One or two sentences; empty when there is none. */
  doc: string
  /** Text or a number, as the type says; a bool is 0 or 1. */
  default: string | number
  /** Of a number type; min = max means no limit. */
  min: number
  /** Of a number type, inclusive as min. */
  max: number
  /** Of type filepath: "*.sf2;*.sf3"; empty when there is none. */
  file_filter: string
  /** Names of the values it can have; empty when it is not a choice. */
  choices: string[]
}

/** A parameter that was renamed or rescaled: new = offset + scale * old. */
export interface Migration {
  /** Applies to state of versions smaller than this. */
  before_version: number
  /** As it was called. */
  old_id: string
  /** As it is called now; may be the same. */
  new_id: string
  /** See above. */
  scale: number
  /** In the new unit. */
  offset: number
}

/** All that is known of a plugin before one is made. */
export interface Descriptor {
  /** What the plugin is for. */
  category: Category
  /** Reverse DNS: "com.acme.chorus". "builtin." is the engine's own. */
  id: string
  /** For people. */
  display_name: string
  /** One or two sentences; empty when there is none. */
  doc: string
  /** Who made it; empty when there is none. */
  author: string
  /** Where more is said of it; empty when there is none. */
  url: string
  /** SPDX expression. */
  license: string
  /** 1 or more; counts up whenever parameters or state change. */
  version: number
  /** Events take effect on multiples of this many frames since reset; 1 = on every frame. */
  event_grid: number
  /** Greatest relative difference between two ways of cutting blocks; 0 = none. */
  block_tolerance: number
  /** True: finite inputs give finite outputs, so the engine need not look. */
  preserves_finite: boolean
  /** True: the n-th audio output may share its buffer with the n-th audio input. */
  in_place: boolean
  /** All ports, in the order in which process gets them. */
  ports: Port[]
  /** All config parameters. */
  config_params: ConfigParam[]
  /** What was renamed or rescaled, in the order of the versions. */
  migrations: Migration[]
  /** True: the three ports are audio in, audio out and a parameter, and out is in times it, one product per sample kept within finite numbers. The engine may compute that itself and not call process. */
  is_gain: boolean
}
