import {
  type Descriptor,
  discoverPlugins,
  type Engine,
  EngineError,
  type ErrorCode,
  type Graph,
  type Loadable,
  type Warning,
} from '@arranger/engine'
import { CliError, exitCodes } from './failure.ts'
import { loadInto } from './libraries.ts'

/**
 * Loads a song into the engine. The graph of a MIDI file was made here, so what is wrong with it is said of the option
 * that it came from: a path into a graph that the user never saw would mean nothing.
 * @throws CliError `usage` for a gain that the instrument does not have; with the engine's code for what it refuses.
 */
export async function loadSource(
  engine: Engine,
  song: Loadable,
  { generated, gain }: { generated: boolean; gain: number | undefined },
): Promise<Warning[]> {
  await loadFound(engine, song.graph)
  if (!generated) return engine.load(song)
  if (gain !== undefined) checkGain(await engine.listPlugins(), song.graph, gain)
  try {
    return await engine.load(song)
  } catch (error) {
    throw error instanceof EngineError ? inOptions(error, song.graph) : error
  }
}

/** Loads the libraries of plugins that a graph names and that are found with a descriptor file; no others. */
async function loadFound(engine: Engine, { nodes = [] }: Graph): Promise<void> {
  const known = new Set((await engine.listPlugins()).map(({ id }) => id))
  // A name without a dot is an alias of a built-in plugin.
  const missing = nodes.map(({ type }) => type).filter((type) => type.includes('.') && !known.has(type))
  if (missing.length === 0) return
  const { candidates } = await discoverPlugins()
  for (const { path, plugins = [], problem, shadowedBy } of candidates)
    if (!problem && shadowedBy === undefined && plugins.some(({ id }) => missing.includes(id)))
      await loadInto(engine, path)
}

/** The engine would bring a gain into its range and say so; a user who asks for one wants that one. */
function checkGain(plugins: readonly Descriptor[], graph: Graph, gain: number): void {
  const instruments = instrumentsOf(graph)
  const type = graph.nodes?.find(({ id }) => instruments.has(id))?.type
  const plugin = plugins.find(({ id }) => id === type)
  // What is not there at all is refused by the engine, which knows what is near.
  if (!plugin) return
  const port = plugin.ports.find(({ id, type: kind }) => id === 'gain' && kind === 'control')
  if (!port) throw new CliError('usage', `--gain is for instruments with a gain, which ${type} does not have`)
  if (gain >= port.min && gain <= port.max) return
  throw new CliError('usage', `Expected --gain from ${port.min} to ${port.max} for ${type} but received ${gain}`)
}

/** What the tracks play. */
function instrumentsOf({ nodes = [], connections = [] }: Graph): Set<string> {
  const sources = new Set(nodes.filter(({ type }) => type === 'track_source').map(({ id }) => id))
  return new Set(connections.filter(({ from_node }) => sources.has(from_node)).map(({ to_node }) => to_node))
}

function inOptions(error: EngineError, graph: Graph): CliError {
  const option = optionOf(error.path ?? '', graph)
  const message = option === undefined ? error.message : `${option}: ${error.message}`
  const exitCode = error.code === 'unknown_plugin' ? exitCodes.notFound : undefined
  return new CliError(error.code as ErrorCode, message, undefined, exitCode)
}

/** The option that a place in a generated graph comes from; nothing for places that no option decides. */
function optionOf(path: string, graph: Graph): string | undefined {
  const { nodes = [], connections = [] } = graph
  const instruments = instrumentsOf(graph)
  const [, list, index, field, parameter] = path.split('/')
  const connection = list === 'connections' ? connections[Number(index)] : undefined
  const node = list === 'nodes' ? nodes[Number(index)]?.id : undefined
  const touched = [node, connection?.from_node, connection?.to_node]
  if (touched.some((id) => id !== undefined && instruments.has(id)))
    return field === 'params' && parameter === 'sf2_path' ? '--sf2' : '--instrument'
  return touched.some((id) => id?.startsWith('master_')) ? '--reverb' : undefined
}
