/**
 * Arranger: an audio engine in C++ inside Node.js. Graphs of plugins, schedules of events, offline rendering, and plugin
 * libraries that are loaded while it runs.
 *
 * @packageDocumentation
 */

export type { Descriptor } from '@arranger/plugin-sdk'
export { type AudioEngineConfig, AudioServer, handle, type LoadResult } from './addon.ts'
export { createEngine, Engine, type EngineOptions, type Loadable, type Reply, type Request } from './engine.ts'
export { EngineError, type EngineErrorDetails, type ErrorCode } from './error.ts'
export type * from './generated/protocol.ts'
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
export { type ImportOptions, importMidi } from './session/midi.ts'
export { loadSession, parseSession } from './session/session.ts'
export {
  durationInBeats,
  type Graph,
  type GraphConnection,
  type GraphNode,
  type MasterChain,
  type MasterEffect,
  type NodeDescription,
  type ScheduleEvent,
  type Session,
  Song,
  type SongSource,
  type SongTrack,
  secondsAt,
  songGraph,
} from './session/song.ts'
