import { access, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { backendNames, checkBackendName, unknownBackend } from './backend-names.ts'
import { createEngine, type EngineOptions } from './create-engine.ts'
import type { Command, Engine, Reply, Request } from './engine.ts'
import { EngineError, ioError } from './error.ts'
import type { CommandName } from './generated/protocol.ts'
import { type LiveGraph, LiveSong, type SongSource, sourceNode, trackFor, tracksOn, withParam } from './live-song.ts'
import { Playhead } from './playhead.ts'
import type { RenderFileOptions, RenderInfo, RenderOptions } from './render.ts'
import { tracksOf } from './session/graph.ts'
import type { SongData } from './session/model.ts'
import { channelOf } from './session/notes.ts'
import { loopRequest, SongSender } from './song-sender.ts'
import { TemporaryFolder } from './temporary-folder.ts'

/** Makes an engine in a way of the program's own. */
export type Backend = (options: EngineOptions) => Promise<Engine>

/** How an {@link ArrangerEngine} is made. */
export interface ArrangerEngineOptions extends Omit<EngineOptions, 'backend'> {
  /** As in {@link EngineOptions.backend}; or one of `backends`. */
  backend?: string | undefined
  /** Further back ends by name. */
  backends?: Readonly<Record<string, Backend>>
}

/** Seconds that a previewed note lasts. */
const previewSeconds = 0.5

/**
 * A song and the engine that plays it, for an editor: change the song, call {@link play}, and what changed is sent first.
 * The engine is connected to at the first call. Calls run in the order given. Every failure is an `EngineError`, after
 * which all is as before.
 */
export class ArrangerEngine implements AsyncDisposable {
  readonly #song: LiveSong
  readonly #options: EngineOptions
  readonly #further: ReadonlyMap<string, Backend>
  readonly #sender = new SongSender((command) => this.#request(command))
  readonly #playhead = new Playhead(() => this.#command({ cmd: 'get_position' }))
  /** What ends each previewed note that still sounds. */
  readonly #previews = new Map<NodeJS.Timeout, () => void>()
  #backend: string
  #engine: Promise<Engine> | undefined
  #connected = false
  #closed: Promise<void> | undefined
  #turns: Promise<unknown> = Promise.resolve()

  /** @param song Or a function that is asked for it whenever something is sent. Default: a song without tracks. */
  constructor(song: SongSource = {}, options: ArrangerEngineOptions = {}) {
    const { backends = {}, backend = 'auto', ...rest } = options
    this.#song = new LiveSong(song)
    this.#options = rest
    this.#further = new Map(Object.entries(backends))
    this.#backend = backend
  }

  /** The song as plain data, with the SoundFont and the programs that were set here. */
  get song(): SongData {
    return this.#song.data
  }

  /** Takes another song; it is sent when it is played. What was set for the former one is gone. */
  setSong(song: SongSource): void {
    this.#song.replace(song)
  }

  /** Has everything sent again at the next {@link play}, also what looks the same, such as a file of the same name. */
  markDirty(): void {
    this.#sender.forget()
  }

  /** Connects, unless it is connected. Every other method does so by itself. @throws EngineError `engine_closed`; what the backend throws. */
  async connect(): Promise<void> {
    await this.#connection()
  }

  /** The engine behind this, for what has no method here: plugin libraries, MIDI, events. {@link switchBackend} makes another. */
  engine(): Promise<Engine> {
    return this.#connection()
  }

  isConnected(): boolean {
    return this.#connected
  }

  /** The names that {@link switchBackend} takes. */
  get backends(): string[] {
    return [...backendNames, ...this.#further.keys()]
  }

  /** The name of the back end in use; until it is connected, of the one that was asked for. */
  get backend(): string {
    return this.#backend
  }

  /**
   * Goes over to another back end; if that cannot be had, the present one stays. Among binding, server and wasm what plays
   * goes on; to and from one of `backends` it stops.
   * @throws EngineError `unknown_backend`; what the back end throws, such as `server_unavailable`.
   */
  switchBackend(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const make = this.#maker(name)
      if (name === this.#backend) return
      const former = await this.#engine?.catch(() => undefined)
      if (former && !this.#further.has(name) && !this.#further.has(this.#backend)) {
        await former.switchBackend(checkBackendName(name))
        await this.#playhead.refresh()
      } else {
        const engine = await make(this.#options)
        this.#endPreviews()
        this.#playhead.stop()
        this.#engine = Promise.resolve(engine)
        this.#connected = true
        this.#sender.restart()
        this.#playhead.loop = null
        await former?.close()
      }
      this.#backend = name
    })
  }

  #maker(name: string): Backend {
    const further = this.#further.get(name)
    if (further) return further
    if (name === 'auto') return createEngine
    if (backendNames.some((known) => known === name))
      return (options) => createEngine({ ...options, backend: checkBackendName(name) })
    throw unknownBackend(name, this.backends)
  }

  /** Sends one command of the JSON contract. What it changes in the graph lasts until the song is sent again. */
  async send<C extends CommandName>(command: { cmd: C } & Request<C>): Promise<Reply<C>> {
    return (await this.#connection()).send<C>(command)
  }

  /**
   * Gives a SoundFont to the default instrument of every track. Instruments that were chosen stay.
   * @throws EngineError `io_error` when there is no such file; the engine's code for a bad one.
   */
  loadSf2(path: string): Promise<void> {
    const file = resolve(path)
    return this.#inTurn(async () => {
      await access(file).catch((error: unknown) => {
        throw ioError('read the SoundFont', file, error)
      })
      const former = this.#song.soundfont
      this.#song.soundfont = file
      try {
        await this.#sendGraph()
      } catch (error) {
        this.#song.soundfont = former
        throw error
      }
    })
  }

  /** Plays from where the playhead is, after sending what changed of graph, tempo, schedule and loop. */
  play(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#sendAll({ cmd: 'play' })
      await this.#playhead.refresh()
    })
  }

  /** Stops where the playhead is; what rings, rings on. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#command({ cmd: 'stop' })
      await this.#playhead.refresh()
    })
  }

  /** Moves the playhead, playing or not. @param beat In quarter notes, from 0. @throws EngineError `out_of_range` */
  seek(beat: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#command({ cmd: 'seek', beat })
      await this.#playhead.refresh()
    })
  }

  /** Repeats the beats from `start` up to `end`; null plays on. It takes the place of the song's loop. @throws EngineError `out_of_range` */
  setLoop(start: null): Promise<void>
  setLoop(start: number, end: number): Promise<void>
  setLoop(start: number | null, end?: number): Promise<void> {
    return this.#inTurn(async () => {
      const loop = start === null ? null : { start, end: end as number }
      await this.#command(loopRequest(loop))
      this.#song.loop = loop
      this.#sender.keepLoop(loop)
      this.#playhead.loop = loop
    })
  }

  /** Where the playhead is, in quarter notes: the engine's last answer, at most 50 ms old, and the clock since. */
  currentBeat(): number {
    return this.#playhead.beat
  }

  /** False again once the song has come to its end. */
  isPlaying(): boolean {
    return this.#playhead.playing
  }

  /**
   * Plays one note, whether the song plays or not: on its track, else on the first track of its channel, else on the first.
   * @param velocity 1..127
   * @param channel 0..15. Default: the track's, else 0.
   * @param duration Seconds until the note is let go.
   * @throws EngineError `unknown_node` for a track that is not there; `out_of_range`
   */
  playSingleNote(
    pitch: number,
    velocity = 100,
    channel?: number,
    duration = previewSeconds,
    trackId?: string,
  ): Promise<void> {
    return this.#inTurn(async () => {
      if (!(Number.isFinite(duration) && duration > 0 && duration <= 3600)) {
        throw new EngineError('out_of_range', `Expected a duration above 0 and up to 3600 s but received ${duration}`)
      }
      const { data, graph } = await this.#sendGraph()
      const track = trackFor(data, channel ?? 0, trackId)
      const key = { node_id: sourceNode(graph, track), channel: channel ?? channelOf(track), pitch }
      await this.#command({ cmd: 'note_on', ...key, velocity })
      // A note whose track is gone by then has ended with it.
      const end = () => void this.#command({ cmd: 'note_off', ...key }).catch(() => {})
      const timer = setTimeout(() => {
        this.#previews.delete(timer)
        end()
      }, duration * 1000)
      timer.unref()
      this.#previews.set(timer, end)
    })
  }

  /** Ends every note at once, of the song and previewed. */
  allNotesOff(): Promise<void> {
    return this.#inTurn(async () => {
      this.#endPreviews()
      await this.#command({ cmd: 'all_notes_off' })
    })
  }

  /**
   * Sets a parameter, heard at once. It stays, also when the graph is sent again, until the song gives it another value.
   * @throws EngineError `unknown_node`, `unknown_param`, `out_of_range`
   */
  setParam(nodeId: string, paramId: string, value: number): Promise<void> {
    return this.#inTurn(async () => {
      const { graph } = await this.#sendGraph()
      await this.#command({ cmd: 'set_param', node_id: nodeId, param_id: paramId, value })
      this.#song.setParam(nodeId, paramId, value)
      this.#sender.keepGraph(withParam(graph, nodeId, paramId, value))
    })
  }

  /**
   * Selects a program on a channel: heard at once, and kept for every track on that channel until the song gives it another.
   * @param bank 0..16383; 128 is a SoundFont's drums.
   * @throws EngineError `out_of_range`
   */
  setChannelProgram(channel: number, bank: number, program: number): Promise<void> {
    return this.#inTurn(async () => {
      const { data, graph } = await this.#sendGraph()
      const tracks = tracksOn(data, channel)
      const nodes = new Set(
        (tracks.length > 0 ? tracks : tracksOf(data).slice(0, 1)).map((track) => sourceNode(graph, track)),
      )
      const commands = [...nodes].map((node_id) => ({
        cmd: 'send_event' as const,
        node_id,
        type: 'program' as const,
        channel,
        pitch: program,
        velocity: bank,
      }))
      await this.#sender.batch(commands)
      this.#song.setProgram(tracks, { program, bank })
    })
  }

  /**
   * What a node shows at a port, such as a mixer's level or a monitor's history.
   * @throws EngineError `unknown_node`, `unknown_port`
   */
  async getNodeData(nodeId: string, portId = 'history'): Promise<unknown> {
    const reply = await this.#command({ cmd: 'get_node_data', node_id: nodeId, port_id: portId })
    return reply.value
  }

  /**
   * Makes sure that what plays a track is in the engine.
   * @param track Id of a track, or a channel: then its first track, else the first of all.
   * @returns The id of the instrument's node.
   * @throws EngineError `unknown_node`
   */
  ensureInstrument(track: string | number): Promise<string> {
    return this.#inTurn(async () => {
      const { data, graph } = await this.#sendGraph()
      const found = typeof track === 'string' ? trackFor(data, 0, track) : trackFor(data, track)
      const source = sourceNode(graph, found)
      const instrument = graph.connections?.find(({ from_node }) => from_node === source)?.to_node
      if (instrument === undefined)
        throw new EngineError('unknown_node', `Nothing plays '${source}': it has no connection`)
      return instrument
    })
  }

  /** Renders the song as it is now into a WAV file, after sending what changed. Playback goes on. */
  renderOfflineWav(path: string, options?: Omit<RenderFileOptions, 'format'>): Promise<RenderInfo>
  /** Renders the song into the bytes of a WAV file. */
  renderOfflineWav(path?: undefined, options?: Omit<RenderFileOptions, 'format'>): Promise<Uint8Array>
  async renderOfflineWav(path?: string, options: RenderOptions = {}): Promise<RenderInfo | Uint8Array> {
    const engine = await this.#inTurn(async () => {
      await this.#sendAll()
      return this.#connection()
    })
    const wav = { ...options, format: 'wav' as const }
    if (path !== undefined) return engine.render(path, wav)
    await using folder = new TemporaryFolder()
    const { path: file } = await engine.render(join(folder.path, 'render.wav'), wav)
    return new Uint8Array(await readFile(file))
  }

  /** Ends previewed notes and playback and frees the engine. A second call does nothing; other calls reject from now on. */
  shutdown(): Promise<void> {
    this.#closed ??= this.#turns.then(async () => {
      for (const timer of this.#previews.keys()) clearTimeout(timer)
      this.#playhead.stop()
      this.#connected = false
      const engine = await this.#engine?.catch(() => undefined)
      await engine?.close()
    })
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  async #connection(): Promise<Engine> {
    if (this.#closed) throw new EngineError('engine_closed', 'The engine was shut down')
    this.#engine ??= this.#maker(this.#backend)(this.#options)
    const pending = this.#engine
    try {
      const engine = await pending
      if (!this.#further.has(this.#backend)) this.#backend = engine.backend
      this.#connected = !this.#closed
      return engine
    } catch (error) {
      // The next call tries again.
      if (this.#engine === pending) this.#engine = undefined
      throw error
    }
  }

  /** Runs calls one after the other. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new EngineError('engine_closed', 'The engine was shut down'))
    const turn = this.#turns.then(task)
    this.#turns = turn.catch(() => {})
    return turn
  }

  #command<C extends CommandName>(command: { cmd: C } & Request<C>): Promise<Reply<C>> {
    return this.#request(command as Command) as Promise<Reply<C>>
  }

  async #request(command: Command): Promise<unknown> {
    const engine = await this.#connection()
    return engine.send(command as never)
  }

  async #sendGraph(): Promise<LiveGraph> {
    const live = this.#song.graph()
    await this.#sender.sendGraph(live.graph)
    return live
  }

  async #sendAll(...then: Command[]): Promise<void> {
    const session = this.#song.session()
    await this.#sender.sendAll(session, ...then)
    this.#playhead.loop = session.loop
  }

  #endPreviews(): void {
    for (const [timer, end] of this.#previews) {
      clearTimeout(timer)
      end()
    }
    this.#previews.clear()
  }
}
