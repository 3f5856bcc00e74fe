// SPDX-License-Identifier: MIT
import { type FSWatcher, watch } from 'chokidar'

/** Editors write a file in several goes: what comes within this time, in ms, is one change. */
const together = 15

/** Watches files, which may be replaced, go and come back. */
export class Watcher implements AsyncDisposable {
  readonly #watcher: FSWatcher
  readonly #changed: (file: string, seenAt: number) => void
  #watched = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  /** @param changed Called with the first file of a change, and when it was seen, in ms of `performance.now()`. */
  constructor(changed: (file: string, seenAt: number) => void) {
    this.#changed = changed
    this.#watcher = watch([], { ignoreInitial: true, atomic: false })
    this.#watcher.on('change', (file) => this.#saw(file)).on('add', (file) => this.#saw(file))
  }

  /** Watches these files and no others. @returns Whether they are others than before. */
  follow(files: readonly string[]): boolean {
    const added = files.filter((file) => !this.#watched.has(file))
    const gone = [...this.#watched].filter((file) => !files.includes(file))
    this.#watcher.add(added)
    this.#watcher.unwatch(gone)
    this.#watched = new Set(files)
    return added.length > 0 || gone.length > 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    await this.#watcher.close()
  }

  #saw(file: string): void {
    const seenAt = performance.now()
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#changed(file, seenAt)
    }, together)
  }
}
