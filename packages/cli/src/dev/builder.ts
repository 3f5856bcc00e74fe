// SPDX-License-Identifier: MIT
import type { Diagnostic } from './diagnostics.ts'

/** What came of a build. */
export type Outcome =
  /** `optimised`: it is what arranger_add_plugin makes; else the same sound at a higher price, made in less time. */
  | { ok: true; optimised: boolean; warnings: Diagnostic[] }
  /** `output` is what was said where nothing in it names a place. */
  | { ok: false; errors: Diagnostic[]; output: string }

/** Makes a plugin library of sources. */
export interface Builder {
  /** For people, and of the library's file. */
  readonly name: string
  /**
   * Builds what has changed and leaves the library at a path that nothing uses yet.
   * @throws CliError when there is no compiler.
   */
  build(library: string, signal: AbortSignal): Promise<Outcome>
  /**
   * Builds the optimised library of what was built last, while nobody waits.
   * @returns Whether it is of the same sources.
   */
  optimise?(library: string, signal: AbortSignal): Promise<boolean>
  /** The files that the last build has read and that somebody may edit; absolute. */
  sources(): Promise<string[]>
}
