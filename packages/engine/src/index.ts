/**
 * Arranger: an audio engine in C++ inside Node.js. Graphs of plugins, schedules of events, offline rendering, and plugin
 * libraries that are loaded while it runs.
 *
 * @module @arranger/engine
 */

export type { Descriptor } from '@arranger/plugin-sdk'
export { type AudioEngineConfig, AudioServer, handle, type LoadResult } from './addon.ts'
export { ArrangerEngine, type ArrangerEngineOptions, type Backend } from './arranger-engine.ts'
export type { NumberArray } from './arrays.ts'
export { checkBackends } from './backend-check.ts'
export { type BackendName, backendNames } from './backend-names.ts'
export type { BackendAttempt } from './backends.ts'
export { type CurvePlace, curveColumns, type ScheduleColumns } from './columns.ts'
export type { Connection, ConnectionChange } from './connection.ts'
export { createEngine, type EngineOptions } from './create-engine.ts'
export type { Sidecar } from './discovery/sidecar.ts'
export {
  type Discovery,
  type DiscoveryOptions,
  discoverPlugins,
  type PluginCandidate,
  type PluginOrigin,
  type Problem,
  type SearchedPlace,
} from './discovery.ts'
export { Display, type DisplayState } from './display.ts'
export { Engine, type Loadable, type Reply, type Request } from './engine.ts'
export { EngineError, type EngineErrorDetails, type ErrorCode } from './error.ts'
export type {
  ConnectionLostEvent,
  ConnectionRestoredEvent,
  EngineEvents,
  EventName,
  ListenOptions,
} from './event-hub.ts'
export type { EventStream, EventStreamOptions } from './event-stream.ts'
export type * from './generated/protocol.ts'
export type { AddOptions, ConnectOptions, PluginNode } from './graph.ts'
export type {
  FailedLibrary,
  LibraryInfo,
  LibraryWatch,
  LoadedLibraries,
  LoadedLibrary,
  LoadLibraryOptions,
  ReloadedLibrary,
  ReloadedNode,
  WatchLibraryOptions,
} from './libraries.ts'
export type { SongSource } from './live-song.ts'
export type {
  MidiDevices,
  MidiDirection,
  MidiInputOptions,
  MidiMapping,
  MidiPorts,
  OpenMidiPort,
} from './midi-devices.ts'
export type { Parameter, ParameterOptions } from './parameter.ts'
export { pluginDeclarations } from './plugin-declarations.ts'
// All of it, by name: an interface that is re-exported by its own name cannot be extended from outside.
export type * from './plugin-types.ts'
export { listPlugins, loadPluginLibrary } from './plugins.ts'
export type {
  RenderAnalysis,
  RenderedAudio,
  RenderedStem,
  RenderedStemAudio,
  RenderFileOptions,
  RenderFormat,
  RenderInfo,
  RenderOptions,
  RenderProgress,
  Warning,
} from './render.ts'
export type { SendOptions } from './requests.ts'
export { ServerConnection, type ServerOptions } from './server/connection.ts'
export { serverProgram } from './server/program.ts'
export { songGraph, songSchedule } from './session/check.ts'
export { type ParamAddress, paramAddress, syncTracks } from './session/graph.ts'
export { generalMidiKit } from './session/kit.ts'
export { type ImportOptions, importMidi } from './session/midi.ts'
export { type ExportOptions, exportMidi, type MidiExport, writeMidi } from './session/midi-export.ts'
export type * from './session/model.ts'
export { type Recorded, type RecordingOptions, recordedPattern } from './session/recording.ts'
export { durationInBeats } from './session/schedule.ts'
export type { Session } from './session/schema.ts'
export { loadSession, parseSession, saveSession, sessionVersion } from './session/session.ts'
export { type MasterChain, Song, type TrackSummary } from './session/song.ts'
export { secondsAt } from './session/tempo.ts'
export {
  type LoadedSettings,
  readSettings,
  type SettingsProblem,
  settingsPath,
  writeSettings,
} from './settings/file.ts'
export { type Settings, type SettingsKey, type SettingsRule, settingsKeys, settingsRules } from './settings/keys.ts'
