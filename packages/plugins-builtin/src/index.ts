/**
 * The plugins that every engine starts with: their ids, their descriptors and where their libraries are.
 *
 * @module @arranger/plugins-builtin
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The ids of the plugins in this package, without those that the engine has built in. */
export const builtinIds = [
  'builtin.sine',
  'builtin.mixer',
  'builtin.reverb',
  'builtin.gain',
  'builtin.utility',
  'builtin.filter',
  'builtin.eq',
  'builtin.delay',
  'builtin.chorus',
  'builtin.compressor',
  'builtin.limiter',
  'builtin.synth',
  'builtin.fluidsynth',
  'builtin.arpeggiator',
  'builtin.metronome',
  'builtin.sampler',
  'builtin.noise',
  'builtin.control_source',
  'builtin.control_lfo',
  'builtin.note_gate',
  'builtin.control_monitor',
  'builtin.level',
  'builtin.scope',
  'builtin.spectrum',
] as const

/** The id of a built-in plugin. */
export type BuiltinId = (typeof builtinIds)[number]

/**
 * The folders that are looked at for the built-in plugin libraries, best first: `ARRANGER_BUILTIN_PATH`, the engine's
 * package for this platform, the release build of the repository. All are absolute.
 */
export function pluginDirectoryCandidates(environment: NodeJS.ProcessEnv = process.env): string[] {
  const candidates: string[] = []
  // Somebody who names a folder wants that one, not a silent replacement.
  if (environment.ARRANGER_BUILTIN_PATH) return [resolve(environment.ARRANGER_BUILTIN_PATH)]
  try {
    const require = createRequire(import.meta.url)
    const manifest = require.resolve(`@arranger/engine-${process.platform}-${process.arch}/package.json`)
    candidates.push(join(dirname(manifest), 'plugins'))
  } catch {
    // Not installed: a checkout of the repository, or a platform without a ready build.
  }
  candidates.push(fileURLToPath(new URL('../../../build/release/bin/plugins', import.meta.url)))
  return candidates
}

/**
 * The absolute path of the folder that holds the built-in plugin libraries: the first candidate that exists, or else
 * the last, so that an error about it names where a build would put them.
 */
export const pluginDirectory: string = ((candidates) =>
  candidates.find((path) => existsSync(path)) ?? (candidates.at(-1) as string))(pluginDirectoryCandidates())
