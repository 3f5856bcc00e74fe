// SPDX-License-Identifier: MIT
import type { Engine } from '@arranger/engine'
import type { DevEvent } from './events.ts'
import type { Generations } from './generations.ts'
import { pluginNode } from './part.ts'
import type { Player } from './player.ts'

/** Milliseconds between two looks. */
const meterMs = 100
const statsMs = 500

/** Tells what the engine sees of the plugin while it plays. */
export class Observer {
  readonly #player: Player
  readonly #generations: Generations
  readonly #tell: (event: DevEvent) => void
  readonly #waiting: (() => void)[] = []
  #isPaused = false
  /** Stretches of levels still to be left out. */
  #skipped = 0

  constructor(engine: Engine, player: Player, generations: Generations, tell: (event: DevEvent) => void) {
    this.#player = player
    this.#generations = generations
    this.#tell = tell
    engine.on('meters', ({ peak_dbfs, rms_dbfs }) => this.#level(loudest(peak_dbfs), loudest(rms_dbfs)), {
      intervalMs: meterMs,
    })
    engine.on(
      'stats',
      (stats) => {
        const cpu = stats.nodes.find(({ node_id }) => node_id === pluginNode)?.share
        if (cpu !== undefined) tell({ event: 'load', cpu, xruns: stats.xruns })
        void this.#monitors(engine)
      },
      { intervalMs: statsMs },
    )
    engine.on('plugin_fault', ({ node_id, reason, function: called, message }) => {
      if (node_id !== pluginNode && node_id !== '') return
      const event = reason === 'crashed' ? 'crashed' : 'fault'
      this.#inOrder(() => tell({ event, generation: this.#playing, reason, function: called, message }))
    })
    engine.on('plugin_restarted', ({ node_id, restarts }) => {
      if (node_id !== pluginNode) return
      this.#inOrder(() => tell({ event: 'restarted', generation: this.#playing, restarts }))
    })
  }

  /**
   * One build goes over to another. Until {@link resume}, levels are of neither, and what fails waits: one that fails at once is
   * told of before anybody knows that it plays.
   */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    // The stretch that is measured now has some of both in it, and the next may have the end of their fade.
    this.#skipped = 2
    for (const tell of this.#waiting.splice(0)) tell()
  }

  #inOrder(tell: () => void): void {
    if (this.#isPaused) this.#waiting.push(tell)
    else tell()
  }

  get #playing(): number {
    return this.#generations.playing?.number ?? 0
  }

  #level(peak_dbfs: number | null, rms_dbfs: number | null): void {
    const generation = this.#playing
    if (this.#isPaused) return
    if (this.#skipped > 0) this.#skipped--
    else if (generation !== 0) this.#tell({ event: 'level', generation, peak_dbfs, rms_dbfs })
  }

  async #monitors(engine: Engine): Promise<void> {
    if (this.#playing === 0) return
    for (const { id, role } of this.#player.descriptor.ports) {
      if (role !== 'monitor') continue
      const request = { cmd: 'get_node_data', node_id: pluginNode, port_id: id, source: 'live' } as const
      const value = (await engine.send(request).catch(() => undefined))?.value
      if (typeof value === 'number' || Array.isArray(value)) this.#tell({ event: 'monitor', id, value })
    }
  }
}

const loudest = (levels: readonly (number | null)[]) => {
  const heard = levels.filter((level) => level !== null)
  return heard.length > 0 ? Math.max(...heard) : null
}
