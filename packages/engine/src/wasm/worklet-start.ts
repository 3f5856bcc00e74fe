// SPDX-License-Identifier: MIT
import type { CompiledModule } from './platform.ts'

/** Under which name the processor is known to its context. */
export const processorName = 'arranger'

/** What the page passes to the processor. */
export interface WorkletStart {
  module: CompiledModule
  /** Frames per block of renders; 0: the engine's own default. What is played comes in the context's quanta. */
  blockSize: number
  /** What the engine finds under the names of files; none: it has no files. */
  files?: Map<string, Uint8Array> | undefined
}
