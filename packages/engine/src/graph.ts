import type { Send } from './midi-devices.ts'
import type { InputName, OutputName, ParamName, ParamsOf, PluginShape, UnknownPlugin } from './plugin-types.ts'
import type { Warning } from './render.ts'
import type { Graph, GraphConnection, GraphNode, NodeParams } from './session/model.ts'

/** How a node is added. */
export interface AddOptions {
  /** Id of the node. Default: the last part of the plugin's id, with a number where that is taken. */
  id?: string
}

/** What a connection does beside carrying its signal. */
export type ConnectOptions = Pick<GraphConnection, 'gain' | 'mode' | 'amount' | 'map'>

type LiveGraph = Required<Pick<Graph, 'bpm' | 'nodes' | 'connections'>>

/** Edits of the graph that an engine has. One after the other: each begins with what the one before has made. */
export class GraphEditor {
  readonly #send: Send
  #turns: Promise<unknown> = Promise.resolve()

  constructor(send: Send) {
    this.#send = send
  }

  /** Runs something that reads the graph and then writes it, when all before it are done. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(task)
    this.#turns = turn.catch(() => {})
    return turn
  }

  /** Changes the graph. @returns What the engine forgave. */
  edit(change: (graph: LiveGraph) => Graph): Promise<Warning[]> {
    return this.inTurn(async () => {
      const { bpm, nodes, connections } = await this.#send({ cmd: 'get_graph' })
      const graph = change({ bpm, nodes, connections })
      return (await this.#send({ cmd: 'set_graph', ...graph })).warnings
    })
  }

  /** Adds a node, to an empty graph with the mixer that it needs. */
  async add<P extends PluginShape>(type: string, params: object, { id }: AddOptions): Promise<PluginNode<P>> {
    let name = id ?? ''
    const warnings = await this.edit(({ nodes, ...graph }) => {
      name = id ?? freeId(type, nodes)
      const node: GraphNode = { id: name, type, params: params as NodeParams }
      const mixer: GraphNode[] = nodes.length === 0 && name !== 'mixer' ? [{ id: 'mixer', type: 'mixer' }] : []
      return { ...graph, nodes: [...nodes, node, ...mixer] }
    })
    return new PluginNode<P>(this, this.#send, name, type, warnings)
  }

  /** A handle of a node. Nothing is asked: whether it is there shows when it is used. */
  node<P extends PluginShape>(id: string, type: string): PluginNode<P> {
    return new PluginNode<P>(this, this.#send, id, type, [])
  }
}

function freeId(type: string, nodes: readonly GraphNode[]): string {
  const name = type.split('.').pop() as string
  const taken = new Set(nodes.map(({ id }) => id))
  let id = name
  for (let count = 2; taken.has(id); count++) id = `${name}_${count}`
  return id
}

/** A node of the graph that an engine has, typed by its plugin. */
export class PluginNode<P extends PluginShape = UnknownPlugin> {
  readonly id: string
  /** The id of its plugin. */
  readonly type: string
  /** What the engine forgave when it was added, such as a value outside its range. */
  readonly warnings: readonly Warning[]
  readonly #editor: GraphEditor
  readonly #send: Send

  /** Use `engine.add` or `engine.node`. */
  constructor(editor: GraphEditor, send: Send, id: string, type: string, warnings: readonly Warning[]) {
    this.#editor = editor
    this.#send = send
    this.id = id
    this.type = type
    this.warnings = warnings
  }

  /**
   * Sets a parameter, heard at once.
   * @param options `rampMs`: how long it takes to get there in a straight line. Default: as the parameter is smoothed.
   * @throws EngineError `unknown_node`, `unknown_param`, `out_of_range`
   */
  async setParam(id: ParamName<P>, value: number, options: { rampMs?: number } = {}): Promise<void> {
    const { rampMs } = options
    const ramp = rampMs === undefined ? {} : { ramp_ms: rampMs }
    await this.#send({ cmd: 'set_param', node_id: this.id, param_id: id, value, ...ramp })
  }

  /**
   * Sets several parameters and config parameters, all or none.
   * @returns What the engine forgave.
   * @throws EngineError `unknown_node`; `needs_set_graph` for what would change the node's ports.
   */
  async set(values: ParamsOf<P>): Promise<Warning[]> {
    const config = values as NodeParams
    return (await this.#send({ cmd: 'set_node_config', node_id: this.id, config })).warnings
  }

  /**
   * Connects an output to an input of another node, or to a parameter that it moves from then on.
   * @throws EngineError `unknown_node`, `unknown_port`, `type_mismatch`, `cycle`, `duplicate_connection`
   */
  async connect<Q extends PluginShape>(
    output: OutputName<P>,
    to: PluginNode<Q>,
    input: InputName<Q>,
    options: ConnectOptions = {},
  ): Promise<void> {
    const ends = { from_node: this.id, from_port: output, to_node: to.id, to_port: input }
    await this.#editor.edit((graph) => ({ ...graph, connections: [...graph.connections, { ...ends, ...options }] }))
  }

  /** Takes the node and its connections out of the graph; it fades. @throws EngineError `unknown_node` */
  async remove(): Promise<void> {
    await this.#send({ cmd: 'unload_node', node_id: this.id })
  }
}
