// SPDX-License-Identifier: MIT
import { type BackendName, backendNames } from '../backend-names.ts'

/** The user's settings. What is left out is as the engine decides. */
export interface Settings {
  /** The back end to try first; when it cannot be had, the others are. Default `binding`. */
  audio_backend: BackendName
  /** Where a server listens: a socket, on Windows a named pipe. */
  server_address?: string
  /** In hertz, 8000..384000. */
  sample_rate?: number
  /** Frames, 1..8192. */
  audio_block_size?: number
  /** Threads that run a graph, 0..32; 0 is as many as the processor has, up to 8. */
  audio_threads?: number
  /** Name of the output device; `none` is a clock without sound. */
  output_device?: string
  /** The SoundFont that `arranger render` plays songs with where it is told none. */
  sf2_path?: string
  /** Plugin libraries that every engine loads: files, or directories whose libraries are all loaded. */
  plugin_paths: string[]
}

/** The name of a setting. */
export type SettingsKey = keyof Settings

/** What a key allows. */
export interface SettingsRule {
  /** In words, for messages. */
  allowed: string
  /** Whether it names files; a relative one is from the working directory of whoever uses it. */
  isPath?: boolean
  /** The value to use; undefined where the given one is none that is allowed. */
  read(value: unknown): Settings[SettingsKey] | undefined
}

const text = (allowed: string): SettingsRule => ({
  allowed,
  read: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
})

const whole = (least: number, most: number): SettingsRule => ({
  allowed: `a whole number between ${least} and ${most}`,
  read: (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most ? Number(value) : undefined,
})

/** Every setting, in the order in which they are listed. */
export const settingsRules: Readonly<Record<SettingsKey, SettingsRule>> = {
  audio_backend: {
    allowed: backendNames.map((name) => `"${name}"`).join(', '),
    read: (value) => backendNames.find((name) => name === value),
  },
  server_address: { ...text('a path'), isPath: true },
  sample_rate: whole(8000, 384_000),
  audio_block_size: whole(1, 8192),
  audio_threads: whole(0, 32),
  output_device: text('the name of a device, or "none"'),
  sf2_path: { ...text('a path'), isPath: true },
  plugin_paths: {
    allowed: 'a list of paths',
    isPath: true,
    read: (value) =>
      Array.isArray(value) && value.every((path) => typeof path === 'string' && path !== '') ? value : undefined,
  },
}

/** All of them. */
export const settingsKeys = Object.keys(settingsRules) as SettingsKey[]

/** What holds where nothing was set. */
export const settingsDefaults: Settings = { audio_backend: 'binding', plugin_paths: [] }

/** The back end whose place WebAssembly has taken, as old settings call it. */
export const formerBackend = 'fluidsynth'
