import type { BuiltinPlugins } from './generated/builtin-plugins.ts'

/** What is known of a plugin at compile time. Ids that end in `${number}` stand for ports that a config value counts. */
export interface PluginShape {
  /** Parameters by id, in their units. */
  params: object
  /** Config parameters by id. */
  config: object
  /** Inputs that are no parameters, by id: their type. */
  inputs: object
  /** Outputs by id: their type. */
  outputs: object
}

/** A plugin that nothing is known of at compile time. */
export interface UnknownPlugin {
  params: Record<string, number>
  config: Record<string, number | string>
  inputs: Record<string, string>
  outputs: Record<string, string>
}

/**
 * The plugins that TypeScript knows, by id: those of the engine, and those of the files that `arranger types` writes, which
 * extend this interface.
 */
export interface PluginTypes extends BuiltinPlugins {
  /** Where the events of a track come from, of the schedule and played by hand. Part of the engine. */
  track_source: {
    params: Record<never, never>
    config: Record<never, never>
    inputs: Record<never, never>
    outputs: { events_out: 'event' }
  }
}

/** The id of a plugin that TypeScript knows. */
export type PluginId = Extract<keyof PluginTypes, string>

/** What a node of a plugin can be given: parameters and config parameters. What is left out has its default. */
export type ParamsOf<P extends PluginShape> = Partial<P['params'] & P['config']>

type Names<T> = Extract<keyof T, string>
/** Port ids as they may be spelled: both channels of a stereo port, or one. */
type Spelled<Ports> = {
  [Id in Names<Ports>]: Ports[Id] extends 'audio_stereo' ? Id | `${Id}_L` | `${Id}_R` : Id
}[Names<Ports>]

/** A parameter of a plugin. */
export type ParamName<P extends PluginShape> = Names<P['params']>
/** What a connection may begin at. */
export type OutputName<P extends PluginShape> = Spelled<P['outputs']>
/** What a connection may end at: an input, or a parameter that it moves. */
export type InputName<P extends PluginShape> = Spelled<P['inputs']> | ParamName<P>
