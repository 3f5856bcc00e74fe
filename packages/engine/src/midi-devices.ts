import type { Reply, Request } from './engine.ts'
import { EngineError } from './error.ts'
import type { EventHub } from './event-hub.ts'
import type { CommandName } from './generated/protocol.ts'
import type { ScheduleEvent } from './session/model.ts'

/** What sends one command. */
export type Send = <C extends CommandName>(command: { cmd: C } & Request<C>) => Promise<Reply<C>>

/** Which of two ports of one name: one that gives events, or one that takes them. */
export type MidiDirection = 'input' | 'output'

/** A port that an engine has open. */
export interface OpenMidiPort {
  name: string
  direction: MidiDirection
  /** False while it is unplugged; it is opened again when it is back. */
  connected: boolean
  /** Whom an input plays; empty is the first track source. */
  nodeId: string
  /** The only channel that is heard, 0..15; undefined is all. */
  channel: number | undefined
  /** What an input gave and nobody could play. */
  lostEvents: number
}

/** A controller of an input and the parameter that it moves. */
export interface MidiMapping {
  /** The input. */
  port: string
  /** 0..15 */
  channel: number
  /** 0..119 */
  controller: number
  nodeId: string
  paramId: string
}

/** All that can be known of MIDI ports. */
export interface MidiPorts {
  /** Ports that give events. `loopback`, which gives what is sent to it, is always there. */
  inputs: string[]
  /** Ports that take messages. */
  outputs: string[]
  /** Of this engine. */
  open: OpenMidiPort[]
  mappings: MidiMapping[]
  /** Whether {@link MidiDevices.record} runs. */
  recording: boolean
}

/** How an input is opened. */
export interface MidiInputOptions {
  /** The node it plays. Default: what is the first track source at the time. */
  nodeId?: string
  /** The only channel that is heard, 0..15. Default: all. */
  channel?: number
  /** Makes a port of the name, for other programs to connect to, where the system can. */
  virtual?: boolean
}

/** The MIDI ports of an engine: keyboards that play its nodes, controllers that move its parameters, outputs, recording. */
export class MidiDevices {
  readonly #send: Send
  readonly #events: EventHub

  /** Every engine has one: `engine.midi`. */
  constructor(send: Send, events: EventHub) {
    this.#send = send
    this.#events = events
  }

  /** The ports there are, and what this engine has open. */
  async list(): Promise<MidiPorts> {
    const { inputs, outputs, open, mappings, recording } = await this.#send({ cmd: 'list_midi' })
    return {
      inputs,
      outputs,
      open: open.map(({ name, direction, connected, node_id: nodeId, channel, lost_events: lostEvents }) => {
        return { name, direction, connected, nodeId, channel, lostEvents }
      }),
      mappings: mappings.map(fromJson),
      recording,
    }
  }

  /**
   * Plays a node by an input. Several may be open; one that is open already gets another node and channel.
   * @throws EngineError `device_unavailable`, `unknown_node`, `type_mismatch` for a node that takes no events.
   */
  async openInput(name: string, options: MidiInputOptions = {}): Promise<void> {
    const { nodeId = '', channel, virtual = false } = options
    const only = channel === undefined ? {} : { channel }
    await this.#send({ cmd: 'open_midi', name, direction: 'input', node_id: nodeId, virtual, ...only })
  }

  /** Opens an output for {@link send}. @throws EngineError `device_unavailable` */
  async openOutput(name: string, options: { virtual?: boolean } = {}): Promise<void> {
    await this.#send({ cmd: 'open_midi', name, direction: 'output', ...options })
  }

  /**
   * Lets go of a port; notes that an input holds end.
   * @param direction Default: both of the name.
   * @throws EngineError `device_unavailable` when none is open.
   */
  async close(name: string, direction?: MidiDirection): Promise<void> {
    await this.#send({ cmd: 'close_midi', name, ...(direction && { direction }) })
  }

  /**
   * Sends one message to an output that is open.
   * @param bytes A whole message, its status first.
   * @throws EngineError `device_unavailable`, `out_of_range` for what is no message.
   */
  async send(name: string, bytes: Iterable<number>): Promise<void> {
    await this.#send({ cmd: 'send_midi', name, bytes: [...bytes] })
  }

  /**
   * Waits for the next controller that moves on an open input, which from then on moves this parameter: from end to end of
   * its range, even in its taper.
   * @throws EngineError `unknown_node`, `unknown_param`, `cancelled`
   */
  async learn(nodeId: string, paramId: string, options: { signal?: AbortSignal } = {}): Promise<MidiMapping> {
    const { signal } = options
    const cancelled = () =>
      new EngineError('cancelled', 'Learning a controller was cancelled', { cause: signal?.reason })
    if (signal?.aborted) throw cancelled()
    const param = { node_id: nodeId, param_id: paramId }
    let take: (mapping: MidiMapping) => void
    let give: (error: unknown) => void = () => {}
    const moved = new Promise<MidiMapping>((resolve, reject) => {
      take = resolve
      give = reject
    })
    moved.catch(() => {}) // also where the command fails and nobody waits any more
    const onAbort = () => give(cancelled())
    signal?.addEventListener('abort', onAbort, { once: true })
    const listening = this.#events.listen('midi_learned', (event) => {
      if (event.node_id === nodeId && event.param_id === paramId) take(fromJson(event))
    })
    try {
      await listening.ready
      await this.#send({ cmd: 'midi_learn', ...param })
      return await moved
    } catch (error) {
      if (signal?.aborted) await this.#send({ cmd: 'midi_learn', ...param, enabled: false })
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
      await listening.stop()
    }
  }

  /** Has a controller move a parameter, as if it had been learned. @throws EngineError `unknown_node`, `unknown_param`, `out_of_range` */
  async map({ port, channel, controller, nodeId, paramId }: MidiMapping): Promise<void> {
    await this.#send({ cmd: 'midi_map', port, channel, controller, node_id: nodeId, param_id: paramId })
  }

  /** Takes all controllers off a parameter. Tells whether there were any. */
  async unmap(nodeId: string, paramId: string): Promise<boolean> {
    return (await this.#send({ cmd: 'midi_unmap', node_id: nodeId, param_id: paramId })).removed
  }

  /**
   * Begins to keep what inputs play while the song plays, each event at the beat that was heard when it came.
   * @param options `whileStopped`: also what comes while it does not play, at the beat of the playhead.
   */
  async record(options: { whileStopped?: boolean } = {}): Promise<void> {
    await this.#send({ cmd: 'record_midi', while_stopped: options.whileStopped ?? false })
  }

  /** Ends {@link record} and gives what was played, by beat. {@link recordedPattern} makes a pattern of it. */
  async stopRecording(): Promise<ScheduleEvent[]> {
    return (await this.#send({ cmd: 'record_midi', enabled: false })).events
  }
}

interface MappingJson {
  port: string
  channel: number
  controller: number
  node_id: string
  param_id: string
}

function fromJson({ port, channel, controller, node_id: nodeId, param_id: paramId }: MappingJson): MidiMapping {
  return { port, channel, controller, nodeId, paramId }
}
