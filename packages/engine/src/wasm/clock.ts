// SPDX-License-Identifier: MIT
import type { WasmModule } from './module.ts'

/** What is later than this is not caught up with: it would all come at once. */
const greatestLagMs = 200

/** Plays in real time where there is no device: real frames, in blocks of the size that is wanted. */
export class Clock {
  readonly #module: WasmModule
  readonly #now: () => number
  /** When the next block is due, in ms; none while nothing is live. */
  #due: number | undefined

  constructor(module: WasmModule, now: () => number = () => performance.now()) {
    this.#module = module
    this.#now = now
  }

  /** Plays the blocks that are due. */
  play(): void {
    for (;;) {
      const { sampleRate, blockSize } = this.#module.pace
      if (sampleRate === 0) {
        this.#due = undefined
        return
      }
      const now = this.#now()
      const due = this.#due ?? now
      this.#due = due
      if (now < due) return
      const late = now - due > greatestLagMs
      this.#module.process(blockSize, late)
      this.#due = (late ? now : due) + (1000 * blockSize) / sampleRate
    }
  }

  /** From now until a block is due; none while nothing is live. */
  msToNext(): number {
    return this.#due === undefined ? Infinity : Math.max(0, this.#due - this.#now())
  }
}
