// SPDX-License-Identifier: MIT
import { displayCells } from '../generated/display.ts'
import type { WasmModule } from './module.ts'

/** What a connection sends to the side that runs the module. */
export type ToService =
  | { type: 'request'; tag: number; text: Uint8Array }
  | { type: 'share'; memory: SharedArrayBuffer | null }
  | { type: 'close' }

/** What comes back. */
export type FromService =
  | { type: 'ready' }
  | { type: 'refused'; code: string; message: string }
  | { type: 'reply'; tag: number; text: Uint8Array }
  | { type: 'event'; text: Uint8Array }
  | { type: 'crashed'; message: string }

const wordBytes = 4
const sequence = displayCells.sequence.offset / wordBytes
const scopeBegun = displayCells.scope_begun.offset / wordBytes
const scopeWritten = displayCells.scope_written.offset / wordBytes
const attached = displayCells.attached.offset / wordBytes

/** Speaks with a connection for the module, on whatever thread runs that. */
export class Service {
  readonly #module: WasmModule
  readonly #post: (message: FromService) => void
  #memory: Int32Array | undefined
  #shown: (() => Int32Array) | undefined
  #isWorking = false

  constructor(module: WasmModule, post: (message: FromService) => void) {
    this.#module = module
    this.#post = post
  }

  /** Takes one message. Also from within a job. */
  take(message: ToService): void {
    if (message.type === 'request') this.#module.handle(message.text, message.tag)
    if (message.type === 'share') this.#share(message.memory)
    this.tell()
  }

  /** Runs the jobs that requests have left, one after the other; within one it does nothing. */
  work(): void {
    if (this.#isWorking) return
    this.#isWorking = true
    while (this.#module.runJob()) this.tell()
    this.#isWorking = false
  }

  /** Passes on replies and events that are there. */
  tell(): void {
    for (let reply = this.#module.takeReply(); reply; reply = this.#module.takeReply())
      this.#post({ type: 'reply', ...reply })
    for (let text = this.#module.takeEvent(); text; text = this.#module.takeEvent()) this.#post({ type: 'event', text })
  }

  /** Copies what the engine shows to where others see it, in the order that their reads rely on. */
  show(): void {
    const from = this.#shown?.()
    const to = this.#memory
    if (!from || !to) return
    const now = from[sequence] ?? 0
    if (now === Atomics.load(to, sequence)) return
    Atomics.store(to, sequence, now | 1)
    Atomics.store(to, scopeBegun, from[scopeBegun] ?? 0)
    to.set(from.subarray(scopeWritten + 1), scopeWritten + 1)
    for (let word = 0; word < scopeWritten; word++)
      if (word !== sequence && word !== scopeBegun) Atomics.store(to, word, from[word] ?? 0)
    Atomics.store(to, scopeWritten, from[scopeWritten] ?? 0)
    Atomics.store(to, sequence, now)
  }

  #share(memory: SharedArrayBuffer | null): void {
    if (this.#memory) Atomics.store(this.#memory, attached, 0)
    this.#shown = this.#module.share(memory?.byteLength ?? 0)
    this.#memory = memory && this.#shown ? new Int32Array(memory) : undefined
    const from = this.#shown?.()
    if (from && this.#memory) this.#memory.set(from)
  }
}
