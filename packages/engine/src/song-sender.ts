import type { Command } from './engine.ts'
import { EngineError } from './error.ts'
import type { LiveSession } from './live-song.ts'
import type { Graph, LoopRegion } from './session/model.ts'

/** What the engine has, as JSON, so that only what differs is sent again. */
interface Sent {
  graph?: string
  bpm?: number | undefined
  events?: string
  loop: string
}

const nothing: Sent = { loop: 'null' }

/** The request that sets or ends a loop. */
export function loopRequest(loop: LoopRegion | null): Command {
  return loop ? { cmd: 'set_loop', enabled: true, ...loop } : { cmd: 'set_loop', enabled: false }
}

/** Brings an engine up to date with a song: sends what differs from what it has, as one edit. */
export class SongSender {
  readonly #send: (command: Command) => Promise<unknown>
  #sent: Sent = { ...nothing }

  constructor(send: (command: Command) => Promise<unknown>) {
    this.#send = send
  }

  /** Another engine has nothing yet. */
  restart(): void {
    this.#sent = { ...nothing }
  }

  /** Has graph and schedule sent again, the same or not. */
  forget(): void {
    this.#sent = { loop: this.#sent.loop }
  }

  /** Sends the graph and the tempo. */
  async sendGraph(graph: Graph): Promise<void> {
    await this.batch(this.#graphRequests(graph))
    this.keepGraph(graph)
  }

  /** Sends graph, tempo, schedule and loop, and some commands after them. */
  async sendAll({ graph, events, loop }: LiveSession, ...then: Command[]): Promise<void> {
    const commands = this.#graphRequests(graph)
    const json = JSON.stringify(events)
    if (json !== this.#sent.events) commands.push({ cmd: 'set_schedule', events: [...events] })
    if (JSON.stringify(loop) !== this.#sent.loop) commands.push(loopRequest(loop))
    await this.batch([...commands, ...then])
    this.keepGraph(graph)
    this.keepLoop(loop)
    this.#sent.events = json
  }

  /** Several commands as one: all or none. */
  async batch(commands: readonly Command[]): Promise<void> {
    if (commands.length === 0) return
    try {
      await this.#send({ cmd: 'batch', commands: [...commands] })
    } catch (error) {
      if (!(error instanceof EngineError) || error.path === undefined) throw error
      // The caller knows of no batch: a path into one of its commands says as much.
      const path = error.path.replace(/^\/commands\/\d+/, '')
      throw new EngineError(error.code, error.message, { path, cause: error })
    }
  }

  /** Remembers a graph that the engine has come to by other commands. */
  keepGraph({ bpm, ...graph }: Graph): void {
    this.#sent.graph = JSON.stringify(graph)
    this.#sent.bpm = bpm
  }

  /** Remembers a loop that the engine was told of. */
  keepLoop(loop: LoopRegion | null): void {
    this.#sent.loop = JSON.stringify(loop)
  }

  #graphRequests(graph: Graph): Command[] {
    const { bpm, ...rest } = graph
    if (JSON.stringify(rest) !== this.#sent.graph) return [{ cmd: 'set_graph', ...graph }]
    return bpm === undefined || bpm === this.#sent.bpm ? [] : [{ cmd: 'set_bpm', bpm }]
  }
}
