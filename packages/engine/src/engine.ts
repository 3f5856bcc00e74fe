import type { Descriptor } from '@arranger/plugin-sdk'
import { type BackendName, checkBackendName } from './backend-names.ts'
import type { BackendAttempt, OpenedBackend } from './backends.ts'
import type { Connection } from './connection.ts'
import { SwitchableConnection } from './connection-switchable.ts'
import { Display } from './display.ts'
import { closedError, EngineError } from './error.ts'
import { type EngineEvents, EventHub, type EventName, type ListenOptions } from './event-hub.ts'
import { EventStream, type EventStreamOptions } from './event-stream.ts'
import type { CommandName, Commands } from './generated/protocol.ts'
import { type AddOptions, GraphEditor, type PluginNode } from './graph.ts'
import {
  Libraries,
  type LibraryInfo,
  type LibraryWatch,
  type LoadedLibraries,
  type LoadedLibrary,
  type LoadLibraryOptions,
  type ReloadedLibrary,
  type WatchLibraryOptions,
} from './libraries.ts'
import type { LocalFiles } from './local-files.ts'
import { MidiDevices, type Send } from './midi-devices.ts'
import { Parameter, type ParameterOptions } from './parameter.ts'
import type { ParamsOf, PluginId, PluginTypes } from './plugin-types.ts'
import {
  type RenderedAudio,
  Renderer,
  type RenderFileOptions,
  type RenderInfo,
  type RenderOptions,
  type Warning,
} from './render.ts'
import { abandonable, ask, lastWordsMs, type SendOptions, settledWithin, within } from './requests.ts'
import type { Graph, NodeParams, ScheduleEvent } from './session/model.ts'
import { carryPlayhead, carrySession } from './switch-session.ts'

/** What can be loaded: a `Song`, or a graph and its events. */
export interface Loadable {
  graph: Graph
  events: readonly ScheduleEvent[]
}

/** One request, with the fields of its command. */
export type Request<C extends CommandName> = Commands[C]['request']
/** Any request. */
export type Command = { [C in CommandName]: { cmd: C } & Request<C> }[CommandName]
/** What a command replies. */
export type Reply<C extends CommandName> = Commands[C]['reply']

/** Where an engine's connection comes from. */
export interface EngineOrigin extends Omit<OpenedBackend, 'connection'> {
  /** Opens another back end, as the present one was opened; left out: there is no other. */
  open?: (name: BackendName) => Promise<OpenedBackend>
  /** Files of this machine; left out in a page, where paths are the engine's own and what is rendered comes in a reply. */
  files?: LocalFiles
}

/** Shares memory and waits until it is laid out or let go, which may be done on another thread, in the order of requests. */
async function share(connection: Connection, memory: SharedArrayBuffer | null): Promise<void> {
  connection.share(memory)
  // One that is gone writes no more, and is not to be looked for.
  if (!connection.isLost) await connection.request('{"cmd":"ping"}')
}

/**
 * One audio engine. Every method is asynchronous and leaves the event loop free; everything the engine refuses is an
 * {@link EngineError}, after which nothing has changed.
 */
export class Engine implements AsyncDisposable {
  readonly #connection: SwitchableConnection
  readonly #open: EngineOrigin['open']
  readonly #renderer: Renderer
  readonly #events: EventHub
  readonly #graph: GraphEditor
  readonly #libraries: Libraries
  #backend: BackendName
  #attempts: readonly BackendAttempt[]
  #display: Display | undefined
  /** MIDI ports: keyboards, controllers, outputs, recording. */
  readonly midi: MidiDevices
  #closing: Promise<void> | undefined

  /** Use {@link createEngine}. */
  constructor(
    connection: Connection,
    { backend, attempts, open, files }: EngineOrigin = { backend: connection.backend, attempts: [] },
  ) {
    this.#connection = new SwitchableConnection(connection)
    this.#backend = backend
    this.#attempts = attempts
    this.#open = open
    const send = (command: object) => ask(this.#connection, command)
    this.#events = new EventHub(this.#connection, send)
    this.#renderer = new Renderer(this.#connection, this.#events, files)
    this.#graph = new GraphEditor(send as Send)
    this.#libraries = new Libraries(send as Send, this.#events, files)
    this.midi = new MidiDevices(send as Send, this.#events)
  }

  /** What stands behind this engine. */
  get backend(): BackendName {
    return this.#backend
  }

  /** How it was come by: each back end that was tried, the one in use last, and why the others were not to be had. */
  get attempts(): readonly BackendAttempt[] {
    return this.#attempts
  }

  /**
   * Sends one command.
   * @throws EngineError with the engine's code and the path of the wrong field; `engine_closed`; `cancelled`,
   * `request_timeout`; `connection_lost`.
   */
  send<C extends CommandName>(command: { cmd: C } & Request<C>, options: SendOptions = {}): Promise<Reply<C>> {
    return within(options, (signal) => {
      const { cmd } = command
      if (cmd === 'render') return this.#renderer.send(command as unknown as Request<'render'>, signal)
      return abandonable(signal, () => ask(this.#connection, command))
    }) as Promise<Reply<C>>
  }

  /**
   * Goes over to another back end with all that this one has: plugin libraries, graph, parameters, plugin states, schedule,
   * loop, playhead, playback, MIDI ports; listeners and displays go on, these where the new one has memory in common with this
   * process. Calls that come meanwhile are carried out by the new one; renders that run end where they began, without telling
   * more progress; handles that `resolve` gave end. A server that runs already has one session for all its clients, which is
   * replaced, with a warning of the process where something was loaded. If anything is refused, this back end plays on untouched.
   * @throws EngineError `unknown_backend`; what {@link createEngine} throws for a named back end; what the new one refuses;
   * `busy` while MIDI is recorded.
   */
  async switchBackend(name: BackendName): Promise<void> {
    checkBackendName(name)
    const open = this.#open
    if (!open) throw new EngineError('not_supported', 'This engine was made of a connection, and knows of no other')
    await this.#connection.exchange(async (present) => {
      if (this.#closing) throw closedError()
      if (name === this.#backend) return present
      const { connection, attempts } = await open(name)
      const closing = () => {
        if (this.#closing) throw closedError()
      }
      const from = ((command) => ask(present, command)) as Send
      const to = ((command) => ask(connection, command)) as Send
      try {
        closing()
        await carrySession(from, to)
        await this.#events.subscribeAnew(to as (command: object) => Promise<unknown>)
        closing()
        await carryPlayhead(from, to)
        closing()
        await this.#show(present, connection)
      } catch (error) {
        await connection.close()
        throw error
      }
      this.#backend = name
      this.#attempts = attempts
      return connection
    })
  }

  /**
   * Loads a song, or a graph and its events. If the engine refuses either, both are as before.
   * @returns What the engine noticed and did not refuse.
   */
  load(song: Loadable): Promise<Warning[]> {
    return this.#graph.inTurn(async () => {
      const before = await this.send({ cmd: 'get_graph' })
      const graph = await this.send({ cmd: 'set_graph', ...song.graph })
      try {
        const schedule = await this.send({ cmd: 'set_schedule', events: [...song.events] })
        return [...graph.warnings, ...schedule.warnings]
      } catch (error) {
        const { bpm, nodes, connections } = before
        await this.send({ cmd: 'set_graph', bpm, nodes, connections })
        throw error
      }
    })
  }

  /**
   * Adds a node of a plugin that TypeScript knows, while all others play on; to an empty graph with a `mixer`. The types of
   * other libraries' plugins come from `arranger types`. Edits of this engine run one after the other; what others edit by
   * `set_graph` at the same moment may be lost.
   * @param params Parameters and config parameters by id. What is left out has its default.
   * @throws EngineError `unknown_plugin`, `duplicate_id`
   */
  add<Id extends PluginId>(
    type: Id,
    params: ParamsOf<PluginTypes[Id]> = {},
    options: AddOptions = {},
  ): Promise<PluginNode<PluginTypes[Id]>> {
    return this.#graph.add(type, params, options)
  }

  /** The same for a plugin whose types are not there: nothing is checked before the engine is asked. */
  addUntyped(type: string, params: NodeParams = {}, options: AddOptions = {}): Promise<PluginNode> {
    return this.#graph.add(type, params, options)
  }

  /** A handle of a node that is there already, such as `engine.node('mixer', 'builtin.mixer')`. Nothing is asked. */
  node<Id extends PluginId>(id: string, type: Id): PluginNode<PluginTypes[Id]> {
    return this.#graph.node(id, type)
  }

  /** A parameter to be set often, without waiting for each value. Nothing is asked. */
  parameter(node: string, param: string, options?: ParameterOptions): Parameter {
    return new Parameter(this.#connection, node, param, options)
  }

  /**
   * Renders what is loaded into a file. Live playback and other renders go on undisturbed.
   * @throws EngineError `nothing_to_render`, `io_error`, `out_of_range`, `cancelled`
   */
  render(path: string, options?: RenderFileOptions): Promise<RenderInfo>
  /** Renders what is loaded into memory. */
  render(path?: undefined, options?: RenderOptions): Promise<RenderedAudio>
  async render(path?: string, options: RenderFileOptions = {}): Promise<RenderInfo | RenderedAudio> {
    if (this.#closing) throw closedError()
    return path === undefined ? this.#renderer.toMemory(options) : this.#renderer.toFile(path, options)
  }

  /**
   * Plays what is loaded from where the playhead is.
   * @param options `reset`: every instance begins anew on the frame where playback starts, as in a render.
   */
  async play(options: { reset?: boolean } = {}): Promise<void> {
    await this.send({ cmd: 'play', ...options })
  }

  /** Stops where the playhead is: notes end, tails ring on. */
  async stop(): Promise<void> {
    await this.send({ cmd: 'stop' })
  }

  /** Moves the playhead to a beat. Programs, controllers and parameters are then as if played from the start. */
  async seek(beat: number): Promise<void> {
    await this.send({ cmd: 'seek', beat })
  }

  /** Repeats the beats from `start` up to, not including, `end`; `null` plays on. */
  async setLoop(loop: { start: number; end: number } | null): Promise<void> {
    await this.send(loop === null ? { cmd: 'set_loop', enabled: false } : { cmd: 'set_loop', ...loop })
  }

  /** Where the playhead is, as it is heard. `frame` counts what was processed and never jumps. */
  async position(): Promise<Omit<Reply<'get_position'>, 'status' | 'id'>> {
    const { beat, playing, frame, bar, bpm } = await this.send({ cmd: 'get_position' })
    return { beat, playing, frame, bar, bpm }
  }

  /**
   * Loads a plugin library, for every engine of this process. One that was built anew replaces what was loaded from its path,
   * for nodes that begin from now on.
   * @throws EngineError `plugin_load_failed`, `plugin_abi_mismatch`, `plugin_crashed`, `plugin_timeout`, `duplicate_id`,
   * `plugin_probe_unavailable`
   */
  loadPluginLibrary(path: string, options?: LoadLibraryOptions): Promise<LoadedLibrary> {
    return this.#libraries.load(path, options)
  }

  /**
   * Loads many libraries, and those in folders, faster than one after the other. One that cannot be loaded does not stop
   * the others: `failed` says why.
   */
  loadPluginLibraries(paths: readonly string[], options?: LoadLibraryOptions): Promise<LoadedLibraries> {
    return this.#libraries.loadAll(paths, options)
  }

  /**
   * Loads a library's file again and lets its nodes go over to the new code while they play: parameters, state and, where
   * the new code can read it, what sounds. If anything is wrong with it, the old code plays on.
   * @param library Its id, or its path.
   * @throws EngineError `unknown_plugin`, and what {@link loadPluginLibrary} throws.
   */
  reloadPluginLibrary(library: string): Promise<ReloadedLibrary> {
    return this.#libraries.reload(library)
  }

  /**
   * Takes a library's plugins away; its code leaves the process with the last of its instances.
   * @param library Its id, or its path.
   * @param options `force`: nodes that use it fall silent and stay in the graph. Without it they are a reason to refuse.
   * @returns The nodes that fell silent.
   * @throws EngineError `busy` with the nodes that use it; `unknown_plugin`; `invalid_request` for a built-in one.
   */
  unloadPluginLibrary(library: string, options?: { force?: boolean }): Promise<string[]> {
    return this.#libraries.unload(library, options)
  }

  /** The plugin libraries of this process. */
  listLibraries(): Promise<LibraryInfo[]> {
    return this.#libraries.list()
  }

  /**
   * Reloads a library whenever its file is built anew, and loads one that is not there yet. Does not keep the process alive.
   * The events are told by the options and by {@link on}: `library_loaded`, `library_reloaded`, `library_failed`.
   * @throws EngineError `cancelled` by a signal that was aborted before it has begun; `io_error`
   */
  watchPluginLibrary(path: string, options?: WatchLibraryOptions): Promise<LibraryWatch> {
    return this.#libraries.watch(path, options)
  }

  /** Every plugin there is, each id once. */
  async listPlugins(): Promise<Descriptor[]> {
    return (await this.send({ cmd: 'list_registered_plugins' })).plugins
  }

  /**
   * Calls the listener for every event of that name until {@link off}, or until the engine closes. Does not keep the
   * process alive. The engine sends events only while somebody listens; one that is lost is not looked for by this.
   * @throws EngineError `engine_closed`; a name that does not exist is an unhandled rejection.
   */
  on<E extends EventName>(name: E, listener: (event: EngineEvents[E]) => void, options?: ListenOptions): this {
    this.#events.listen(name, listener, options)
    return this
  }

  /** Ends what {@link on} began; of a listener that was added twice, the last. */
  off<E extends EventName>(name: E, listener: (event: EngineEvents[E]) => void): this {
    void this.#events.forget(name, listener)
    return this
  }

  /** Calls the listener for the next event of that name only. */
  once<E extends EventName>(name: E, listener: (event: EngineEvents[E]) => void, options?: ListenOptions): this {
    const listening = this.#events.listen(
      name,
      (event) => {
        void listening.stop()
        listener(event)
      },
      options,
    )
    return this
  }

  /**
   * Events of one kind, for `for await`. Any number of loops may run side by side, each at its own interval and with its own
   * buffer; `dropped` counts what a slow one has missed.
   * @throws EngineError `out_of_range`. The loop: `cancelled` by the signal, `connection_lost`, and what `subscribe` refuses.
   */
  events<E extends EventName>(name: E, options: EventStreamOptions = {}): EventStream<EngineEvents[E]> {
    return new EventStream<EngineEvents[E]>((take, ended) => this.#events.listen(name, take, options, ended), options)
  }

  /**
   * What plays, in memory that the audio thread itself writes after every block: position, levels, and the newest frames of
   * the sound, for displays that look 60 times a second, in any thread. It goes on over devices that come and go, and stands
   * still while none is open.
   * @param options `scopeFrames`: how many frames of sound are kept, 0..1048576, default 2048. An engine has one display;
   * asked for more frames than it has, the engine makes another and writes no longer into the first (`attached`).
   * @throws EngineError `out_of_range`, `engine_closed`; `not_supported` by a server.
   */
  async display({ scopeFrames = 2048 }: { scopeFrames?: number } = {}): Promise<Display> {
    if (this.#closing) throw closedError()
    if (!Number.isInteger(scopeFrames) || scopeFrames < 0 || scopeFrames > 2 ** 20)
      throw new EngineError('out_of_range', `Expected scopeFrames between 0 and 1048576 but received ${scopeFrames}`)
    if (this.#display && this.#display.scopeFrames >= scopeFrames) return this.#display
    const memory = Display.allocate(scopeFrames)
    await share(this.#connection, memory)
    this.#display = new Display(memory)
    return this.#display
  }

  /** Cancels what runs, then frees the engine; one that does not answer is left after some seconds. A second call does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The display that is there shows what the new back end plays, if that can. */
  async #show(former: Connection, connection: Connection): Promise<void> {
    if (!this.#display) return
    await share(former, null).catch(() => {}) // one that ends now writes no more
    try {
      await share(connection, this.#display.buffer)
    } catch (error) {
      if ((error as EngineError).code !== 'not_supported') throw error
    }
  }

  async #finish(): Promise<void> {
    this.#events.close()
    // One that is on ends what it has opened.
    const { switching } = this.#connection
    if (switching) await settledWithin(lastWordsMs, [switching])
    await this.#renderer.cancelAll()
    if (this.#display && !this.#connection.isLost) await settledWithin(lastWordsMs, [share(this.#connection, null)])
    await this.#connection.close()
  }
}
