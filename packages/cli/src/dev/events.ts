// SPDX-License-Identifier: MIT
import type { Diagnostic } from './diagnostics.ts'
import type { Kind } from './part.ts'

/** What a session tells, one JSON line each where nobody looks at a screen. Levels of silence are null. */
export type DevEvent =
  /** The sources that are watched, once they are known or others. */
  | { event: 'watching'; files: string[] }
  /** A source was saved. */
  | { event: 'changed'; file: string }
  /** It was built. */
  | { event: 'built'; seconds: number; optimised: boolean; warnings: Diagnostic[] }
  /** It was not, or the engine refused it: what played plays on. `generation`: null while there is none. */
  | { event: 'error'; code: string; message: string; errors: Diagnostic[]; generation: number | null }
  | GenerationEvent
  /** A generation goes on in optimised code: what it costs is what it will cost. */
  | { event: 'optimised'; generation: number; seconds: number }
  | { event: 'playing'; playing: boolean }
  /** Of a generation alone: what sounded while one went over to the next is in none. */
  | { event: 'level'; generation: number; peak_dbfs: number | null; rms_dbfs: number | null }
  /** `cpu`: the plugin's share of a block's time, 0..1. */
  | { event: 'load'; cpu: number; xruns: number }
  /** The parameter that the arrows move, chosen or moved. */
  | { event: 'parameter'; id: string; value: number }
  /** What a monitor shows. */
  | { event: 'monitor'; id: string; value: number | number[] }
  | { event: 'note'; pitch: number }
  /** What was found of a generation, by checks of arranger-validate. */
  | {
      event: 'verdict'
      generation: number
      passed: boolean
      failures: { check: string; reason: string; remedy: string }[]
    }
  /** The plugin failed while it played; `function` is what was called. */
  | { event: 'crashed' | 'fault'; generation: number; reason: string; function: string; message: string }
  /** It plays again after that, in a new process. */
  | { event: 'restarted'; generation: number; restarts: number }
  | { event: 'quit' }

/** Another build is heard from here on. */
export interface GenerationEvent {
  event: 'generation'
  generation: number
  plugin: string
  kind: Kind
  isolated: boolean
  /** The two that a and b stand for; null where there is none yet. */
  a: number | null
  b: number | null
  /** From the change that was seen to the first block with it; null of one that was gone back to. */
  seconds: number | null
  /** What it took over of the one before; null of the first. */
  state: { kept: string[]; dropped: string[]; renamed: { from: string; to: string }[]; sound: boolean } | null
  parameters: Record<string, number>
}
