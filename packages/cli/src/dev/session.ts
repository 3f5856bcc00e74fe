// SPDX-License-Identifier: MIT
import { type Engine, EngineError } from '@arranger/engine'
import { CliError } from '../failure.ts'
import type { Builder, Outcome } from './builder.ts'
import type { DevEvent } from './events.ts'
import type { Generation, Generations } from './generations.ts'
import type { Observer } from './observer.ts'
import { nudged } from './parameters.ts'
import type { Player, TakenOver } from './player.ts'
import { failuresOf } from './verdict.ts'
import type { Watcher } from './watcher.ts'

/** What a session works with. */
export interface SessionParts {
  engine: Engine
  builder: Builder
  generations: Generations
  player: Player
  observer: Observer
  watcher: Watcher
  isolated: boolean
  tell: (event: DevEvent) => void
  /** Ends builds. */
  signal: AbortSignal
}

/** Builds, loads, and goes over to what was built; one thing after the other. What fails leaves what plays as it is. */
export class DevSession {
  readonly #parts: SessionParts
  #turns: Promise<unknown> = Promise.resolve()
  #selected = 0
  /** A build is due for a change that was seen then. */
  #due: number | undefined
  /** Ends what is done for the last build while nobody waits. */
  #background = new AbortController()

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** Whether anything has sounded. */
  get hasPlayed(): boolean {
    return this.#parts.generations.playing !== undefined
  }

  /** Builds what is there. @throws CliError without a compiler. */
  async start(): Promise<void> {
    this.#due = performance.now()
    await this.#inTurn(async () => {
      // What is known of them before a compiler has said it: an edit while it runs is not missed.
      await this.#follow()
      await this.#build()
    })
  }

  /** A source was changed. Changes that come while one is built are built together, after it. */
  changed(file: string, seenAt: number): Promise<void> {
    this.#parts.tell({ event: 'changed', file })
    this.#background.abort()
    const waits = this.#due !== undefined
    this.#due ??= seenAt
    return waits ? Promise.resolve() : this.#inTurn(() => this.#build())
  }

  /** Plays the last build, or the one before. */
  switchTo(which: 'a' | 'b'): Promise<void> {
    return this.#inTurn(async () => {
      const { generations } = this.#parts
      const other = generations.pair[which]
      if (!other || other === generations.playing) return
      await this.#goOver(other.file, (state) => {
        generations.switched(other)
        this.#sounds(other, null, state)
      })
    })
  }

  /** Does what a key asks for, once something plays. */
  act(task: (player: Player) => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      if (this.hasPlayed) await task(this.#parts.player)
    })
  }

  /** Chooses another parameter. */
  select(direction: 1 | -1): Promise<void> {
    return this.act(async ({ parameters }) => {
      this.#selected = (this.#selected + direction + parameters.length) % Math.max(1, parameters.length)
      this.#tellParameter()
    })
  }

  /** Moves the chosen parameter. */
  nudge(direction: 1 | -1): Promise<void> {
    return this.act(async (player) => {
      const chosen = player.parameters[this.#selected]
      if (!chosen) return
      await player.setParameter(chosen.port.id, nudged(chosen, direction))
      this.#tellParameter()
    })
  }

  #tellParameter(): void {
    const chosen = this.#parts.player.parameters[this.#selected]
    if (chosen) this.#parts.tell({ event: 'parameter', id: chosen.port.id, value: chosen.value })
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#turns.then(task).catch((error: unknown) => this.#refused(error))
    this.#turns = turn.catch(() => undefined)
    return turn
  }

  /** An engine that refuses something is told of; anything else ends the session. */
  #refused(error: unknown): void {
    if (this.#parts.signal.aborted) return
    if (!(error instanceof EngineError) && !(error instanceof CliError && this.hasPlayed)) throw error
    this.#tellError(error.code, error.message, [])
  }

  async #build(): Promise<void> {
    const { builder, generations, signal, tell } = this.#parts
    const seenAt = this.#due ?? performance.now()
    this.#due = undefined
    const began = performance.now()
    const file = generations.next()
    const outcome = await builder.build(file, signal)
    await this.#follow()
    if (!outcome.ok) return this.#tellFailure(outcome)
    tell({ event: 'built', seconds: secondsSince(began), optimised: outcome.optimised, warnings: outcome.warnings })
    await this.#goOver(file, async (state) => {
      const seconds = secondsSince(seenAt)
      this.#sounds(await generations.add(file), seconds, state)
    })
    const { playing } = generations
    if (!playing) return
    this.#background = new AbortController()
    const background = this.#background.signal
    void this.#finish(playing, outcome.optimised, AbortSignal.any([background, signal])).catch((error: unknown) => {
      if (!background.aborted) this.#refused(error)
    })
  }

  /** Plays another build. @param tell Called when it is heard, with what it took over. */
  async #goOver(file: string, tell: (state: TakenOver) => Promise<void> | void): Promise<void> {
    const { generations, observer, player } = this.#parts
    observer.pause()
    try {
      const state = await generations.play(file, (path) => player.load(path, file))
      await player.sounded()
      await tell(state)
    } finally {
      observer.resume()
    }
  }

  async #follow(): Promise<void> {
    const files = await this.#parts.builder.sources()
    if (this.#parts.watcher.follow(files)) this.#parts.tell({ event: 'watching', files })
  }

  #sounds(generation: Generation, seconds: number | null, over: TakenOver): void {
    const { generations, isolated, player, tell } = this.#parts
    const { a, b } = generations.pair
    tell({
      event: 'generation',
      generation: generation.number,
      plugin: player.descriptor.id,
      kind: player.kind,
      isolated,
      a: a?.number ?? null,
      b: b?.number ?? null,
      seconds,
      state: over
        ? { kept: over.kept, dropped: over.dropped, renamed: over.renamed, sound: over.snapshot === 'restored' }
        : null,
      parameters: Object.fromEntries(player.parameters.map(({ port, value }) => [port.id, value])),
    })
    this.#selected = Math.min(this.#selected, Math.max(0, player.parameters.length - 1))
    this.#tellParameter()
  }

  #tellFailure({ errors, output }: Outcome & { ok: false }): void {
    this.#tellError('build_failed', errors.length > 0 ? 'The build failed' : output, errors)
  }

  #tellError(code: string, message: string, errors: (Outcome & { ok: false })['errors']): void {
    const generation = this.#parts.generations.playing?.number ?? null
    this.#parts.tell({ event: 'error', code, message, errors, generation })
  }

  /** What can wait until the build is heard. A change ends it; then it is done for the next. */
  async #finish(generation: Generation, optimised: boolean, signal: AbortSignal): Promise<void> {
    const { builder, generations, player, tell } = this.#parts
    const began = performance.now()
    const failures = await failuresOf(generation.file, player.descriptor.id, signal)
    tell({ event: 'verdict', generation: generation.number, passed: failures.length === 0, failures })
    if (optimised) return
    const file = generations.next()
    if (!(await builder.optimise?.(file, signal))) return
    await this.#inTurn(async () => {
      if (signal.aborted || !(await generations.replace(generation, file))) return
      if (generations.playing === generation) await this.#goOver(file, () => undefined)
      tell({ event: 'optimised', generation: generation.number, seconds: secondsSince(began) })
    })
  }
}

const secondsSince = (start: number) => (performance.now() - start) / 1000
