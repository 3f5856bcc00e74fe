// SPDX-License-Identifier: MIT
import {
  type Descriptor,
  type Display,
  type Engine,
  EngineError,
  type ReloadedLibrary,
  type ReloadedNode,
} from '@arranger/engine'
import type { DevEvent } from './events.ts'
import { type ParameterValue, parametersOf } from './parameters.ts'
import { graphAround, type Kind, kindOf, loopBeats, phraseFor, pluginNode, trackNode } from './part.ts'

/** Milliseconds that a note of a key stroke is held: terminals do not tell when a key is let go. */
const noteMs = 400

/** What a reload took over; nothing of the first load. */
export type TakenOver = Pick<ReloadedNode, 'kept' | 'dropped' | 'renamed' | 'snapshot'> | undefined

/** The plugin under development, in an engine, with what makes it heard. */
export class Player {
  readonly #engine: Engine
  readonly #display: Display
  readonly #isolated: boolean
  readonly #wanted: string | undefined
  readonly #tell: (event: DevEvent) => void
  readonly #notes = new Map<number, NodeJS.Timeout>()
  #descriptor: Descriptor | undefined
  #graph = ''
  #playing = false
  parameters: ParameterValue[] = []

  /** @param options `plugin`: its id, of a library with several; default: the first. */
  constructor(
    engine: Engine,
    display: Display,
    options: { isolated: boolean; plugin: string | undefined },
    tell: (event: DevEvent) => void,
  ) {
    this.#engine = engine
    this.#display = display
    this.#isolated = options.isolated
    this.#wanted = options.plugin
    this.#tell = tell
  }

  get descriptor(): Descriptor {
    if (!this.#descriptor) throw new Error('nothing is loaded yet')
    return this.#descriptor
  }

  get kind(): Kind {
    return kindOf(this.descriptor)
  }

  get playing(): boolean {
    return this.#playing
  }

  /**
   * Plays the library at a path, in place of the build that was there before.
   * @param build The same library under a name of its own.
   * @throws EngineError why it cannot be.
   */
  async load(path: string, build: string): Promise<TakenOver> {
    if (!this.#descriptor) {
      await this.#begin(path)
      return undefined
    }
    const { nodes, pluginIds } = await this.#reload(path, build)
    await this.#describe(pluginIds)
    const beginsAnew = this.#graph === ''
    await this.#connect()
    const node = nodes.find(({ nodeId }) => nodeId === pluginNode)
    if (node || beginsAnew) return node
    // The same code again: nothing was done, and all is as it was.
    return { kept: this.parameters.map(({ port }) => port.id), dropped: [], renamed: [], snapshot: 'restored' }
  }

  /** When the audio thread has run a block with what was loaded last; at once where nothing plays. */
  async sounded(): Promise<void> {
    const { frame } = this.#display.read()
    while (this.#playing && this.#display.read().frame === frame) await new Promise((resolve) => setTimeout(resolve, 1))
  }

  async setPlaying(playing: boolean): Promise<void> {
    if (playing) await this.#engine.play()
    else await this.#engine.stop()
    this.#playing = playing
    this.#tell({ event: 'playing', playing })
  }

  /** Plays a note for a moment. */
  async note(pitch: number): Promise<void> {
    const key = { node_id: trackNode, pitch }
    clearTimeout(this.#notes.get(pitch))
    await this.#engine.send({ cmd: 'note_on', ...key, velocity: 100 })
    this.#tell({ event: 'note', pitch })
    const timer = setTimeout(() => void this.#engine.send({ cmd: 'note_off', ...key }).catch(() => undefined), noteMs)
    this.#notes.set(pitch, timer.unref())
  }

  async setParameter(id: string, value: number): Promise<void> {
    await this.#engine.send({ cmd: 'set_param', node_id: pluginNode, param_id: id, value })
    for (const one of this.parameters) if (one.port.id === id) one.value = value
  }

  /** One that was muted plays again. */
  async reset(): Promise<void> {
    await this.#engine.send({ cmd: 'reset_node', node_id: pluginNode })
  }

  async #begin(path: string): Promise<void> {
    const { pluginIds } = await this.#engine.loadPluginLibrary(path, { replace: true })
    try {
      await this.#describe(pluginIds)
      await this.#connect()
      await this.#engine.setLoop({ start: 0, end: loopBeats })
      await this.setPlaying(true)
    } catch (error) {
      this.#descriptor = undefined
      throw error
    }
  }

  async #reload(path: string, build: string): Promise<Pick<ReloadedLibrary, 'pluginIds' | 'nodes'>> {
    try {
      return await this.#engine.reloadPluginLibrary(path)
    } catch (refused) {
      // One whose id is another now cannot take the place of what plays; where it can stand beside it, it begins anew.
      if (!(await this.#hasOtherIds(build))) throw refused
      await this.#engine.unloadPluginLibrary(path, { force: true })
      this.#graph = ''
      return { ...(await this.#engine.loadPluginLibrary(path, { replace: true })), nodes: [] }
    }
  }

  async #hasOtherIds(build: string): Promise<boolean> {
    try {
      const { libraryId } = await this.#engine.loadPluginLibrary(build)
      await this.#engine.unloadPluginLibrary(libraryId)
      return true
    } catch {
      return false
    }
  }

  /** Looks up what the plugin is now, and the values that its parameters have. */
  async #describe(pluginIds: readonly string[]): Promise<void> {
    const id = this.#wanted ?? pluginIds[0]
    const found = (await this.#engine.listPlugins()).find((one) => one.id === id && pluginIds.includes(one.id))
    if (!found) throw new EngineError('unknown_plugin', `The library has no plugin '${id}' but ${pluginIds.join(', ')}`)
    this.#descriptor = found
    const { nodes } = await this.#engine.send({ cmd: 'get_graph' })
    const params = nodes.find((node) => node.id === pluginNode)?.params ?? {}
    this.parameters = parametersOf(found).map((port) => ({ port, value: Number(params[port.id] ?? port.default) }))
  }

  /** Sends graph and phrase, where the plugin needs others than it has: it is new, or its ports are. */
  async #connect(): Promise<void> {
    const bare = JSON.stringify(graphAround(this.descriptor, this.#isolated))
    if (bare === this.#graph) return
    const params = Object.fromEntries(this.parameters.map(({ port, value }) => [port.id, value]))
    await this.#engine.load({
      graph: graphAround(this.descriptor, this.#isolated, params),
      events: phraseFor(this.kind),
    })
    this.#graph = bare
  }
}
