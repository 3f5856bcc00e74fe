// SPDX-License-Identifier: MIT
import { copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

const extension = { darwin: '.dylib', win32: '.dll' }[process.platform as string] ?? '.so'

/** A build that has sounded. */
export interface Generation {
  /** From 1. */
  number: number
  file: string
}

/**
 * The builds of a session: each in a file of its own, the last two kept. The engine reloads one path, to which the one
 * that is to play is copied.
 */
export class Generations {
  /** What the engine loads. */
  readonly path: string
  readonly #folder: string
  readonly #name: string
  #builds = 0
  #kept: Generation[] = []
  #playing: Generation | undefined

  constructor(folder: string, name: string) {
    this.#folder = folder
    this.#name = name
    this.path = join(folder, `${name}${extension}`)
  }

  get playing(): Generation | undefined {
    return this.#playing
  }

  /** The one before the last, and the last. */
  get pair(): { a: Generation | undefined; b: Generation | undefined } {
    return { a: this.#kept.at(-2), b: this.#kept.at(-1) }
  }

  /** A path for the next build. */
  next(): string {
    return join(this.#folder, `${this.#name}.${++this.#builds}${extension}`)
  }

  /** Puts a build where the engine loads it; where it is refused, what played is put back. */
  async play<T>(file: string, load: (path: string) => Promise<T>): Promise<T> {
    await this.#put(file)
    try {
      return await load(this.path)
    } catch (error) {
      if (this.#playing) await this.#put(this.#playing.file)
      throw error
    }
  }

  /** Says that a new build plays. */
  async add(file: string): Promise<Generation> {
    const generation = { number: (this.#kept.at(-1)?.number ?? 0) + 1, file }
    const gone = this.#kept.slice(0, -1)
    this.#kept = [...this.#kept.slice(-1), generation]
    this.#playing = generation
    await Promise.all(gone.map((one) => rm(one.file, { force: true })))
    return generation
  }

  /** Gives a build another file of the same sources. @returns Whether it is still one of the two. */
  async replace(generation: Generation, file: string): Promise<boolean> {
    const isKept = this.#kept.includes(generation)
    await rm(isKept ? generation.file : file, { force: true })
    if (isKept) generation.file = file
    return isKept
  }

  /** Says that one of the two plays. */
  switched(generation: Generation): void {
    this.#playing = generation
  }

  /** By another name first: nobody ever finds half a file. */
  async #put(file: string): Promise<void> {
    const copy = `${this.path}.new`
    await copyFile(file, copy)
    await rename(copy, this.path)
  }
}
