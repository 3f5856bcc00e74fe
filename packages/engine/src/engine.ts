import type { Descriptor } from '@arranger/plugin-sdk'
import type { AudioEngineConfig } from './addon.ts'
import { type Connection, InProcessConnection } from './connection.ts'
import { loadDiscovered, loadNamed } from './discovery/load.ts'
import { Display } from './display.ts'
import { EngineError, type ErrorCode } from './error.ts'
import { EventHub, type EventName, type ListenOptions } from './event-hub.ts'
import { EventStream, type EventStreamOptions } from './event-stream.ts'
import type { CommandName, Commands, Events } from './generated/protocol.ts'
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
import { MidiDevices, type Send } from './midi-devices.ts'
import type { ParamsOf, PluginId, PluginTypes } from './plugin-types.ts'
import {
  type RenderedAudio,
  Renderer,
  type RenderFileOptions,
  type RenderInfo,
  type RenderOptions,
  type Warning,
} from './render.ts'
import type { Graph, NodeParams, ScheduleEvent } from './session/model.ts'

/** How an engine is made. */
export interface EngineOptions extends AudioEngineConfig {
  /** Plugin libraries to load first: files, or directories whose libraries are all loaded. */
  pluginPaths?: string[] | undefined
  /**
   * Loads every library that {@link discoverPlugins} finds, too. Default false: a program uses what it names. One that
   * cannot be loaded is a warning of the process (`process.on('warning')`, on stderr by default), no failure.
   */
  discover?: boolean | undefined
}

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

interface ErrorReply {
  status: 'error'
  code: ErrorCode
  message: string
  path?: string
}

/**
 * One audio engine. Every method is asynchronous and leaves the event loop free; everything the engine refuses is an
 * {@link EngineError}, after which nothing has changed.
 */
export class Engine implements AsyncDisposable {
  readonly #connection: Connection
  readonly #renderer: Renderer
  readonly #events: EventHub
  readonly #graph: GraphEditor
  readonly #libraries: Libraries
  #display: Display | undefined
  /** MIDI ports: keyboards, controllers, outputs, recording. */
  readonly midi: MidiDevices
  #closing: Promise<void> | undefined

  /** Use {@link createEngine}. */
  constructor(connection: Connection) {
    this.#connection = connection
    const send = (command: object) => this.#request(command)
    this.#events = new EventHub(connection, send)
    this.#renderer = new Renderer(send, this.#events)
    this.#graph = new GraphEditor(send as Send)
    this.#libraries = new Libraries(send as Send, this.#events)
    this.midi = new MidiDevices(send as Send, this.#events)
  }

  /**
   * Sends one command.
   * @throws EngineError with the engine's code and the path of the wrong field; `engine_closed`.
   */
  send<C extends CommandName>(command: { cmd: C } & Request<C>): Promise<Reply<C>> {
    return this.#request(command) as Promise<Reply<C>>
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
        await this.#request({ cmd: 'set_graph', bpm, nodes, connections })
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
   * process alive. The engine sends events only while somebody listens.
   * @throws EngineError `engine_closed`; a name that does not exist is an unhandled rejection.
   */
  on<E extends EventName>(name: E, listener: (event: Events[E]) => void, options?: ListenOptions): this {
    this.#events.listen(name, listener, options)
    return this
  }

  /** Ends what {@link on} began; of a listener that was added twice, the last. */
  off<E extends EventName>(name: E, listener: (event: Events[E]) => void): this {
    void this.#events.forget(name, listener)
    return this
  }

  /** Calls the listener for the next event of that name only. */
  once<E extends EventName>(name: E, listener: (event: Events[E]) => void, options?: ListenOptions): this {
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
   * @throws EngineError `out_of_range`. The loop: `cancelled` by the signal, and what `subscribe` refuses.
   */
  events<E extends EventName>(name: E, options: EventStreamOptions = {}): EventStream<Events[E]> {
    return new EventStream<Events[E]>((take, ended) => this.#events.listen(name, take, options, ended), options)
  }

  /**
   * What plays, in memory that the audio thread itself writes after every block: position, levels, and the newest frames of
   * the sound, for displays that look 60 times a second, in any thread. It goes on over devices that come and go, and stands
   * still while none is open.
   * @param options `scopeFrames`: how many frames of sound are kept, 0..1048576, default 2048. An engine has one display;
   * asked for more frames than it has, the engine makes another and writes no longer into the first (`attached`).
   * @throws EngineError `out_of_range`, `engine_closed`
   */
  async display({ scopeFrames = 2048 }: { scopeFrames?: number } = {}): Promise<Display> {
    if (this.#closing) throw closedError()
    if (!Number.isInteger(scopeFrames) || scopeFrames < 0 || scopeFrames > 2 ** 20)
      throw new EngineError('out_of_range', `Expected scopeFrames between 0 and 1048576 but received ${scopeFrames}`)
    if (this.#display && this.#display.scopeFrames >= scopeFrames) return this.#display
    const memory = Display.allocate(scopeFrames)
    this.#connection.share(memory)
    this.#display = new Display(memory)
    return this.#display
  }

  /** Cancels what runs, then frees the engine. A second call does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #finish(): Promise<void> {
    this.#events.close()
    await this.#renderer.cancelAll()
    await this.#connection.close()
  }

  async #request(command: object): Promise<unknown> {
    const reply = JSON.parse(await this.#connection.request(JSON.stringify(command))) as { status: 'ok' } | ErrorReply
    if (reply.status === 'ok') return reply
    throw new EngineError(reply.code, reply.message, { path: reply.path })
  }
}

const knownOptions = ['sampleRate', 'blockSize', 'outputDevice', 'pluginPaths', 'discover']

function closedError(): EngineError {
  return new EngineError('engine_closed', 'The engine is closed')
}

/**
 * Makes an engine in this process.
 * @throws EngineError `addon_not_found`, `out_of_range`, `type_mismatch`, `invalid_request`, and what loading the `pluginPaths` throws.
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  for (const option of Object.keys(options)) {
    if (!knownOptions.includes(option)) {
      const known = knownOptions.join(', ')
      throw new EngineError('invalid_request', `createEngine has no option '${option}'; it has ${known}`)
    }
  }
  const { pluginPaths = [], discover = false, ...config } = options
  const engine = new Engine(new InProcessConnection(config))
  try {
    await loadNamed(engine, pluginPaths)
    if (discover) await loadDiscovered(engine, pluginPaths)
    return engine
  } catch (error) {
    await engine.close()
    throw error
  }
}
