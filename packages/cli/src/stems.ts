import type { GraphConnection, GraphNode, Loadable, Song } from '@arranger/engine'

/** The nodes that feed the mixer, in order of its connections: what one mixes is what one wants apart. */
export function mixedNodes({ graph }: Pick<Loadable, 'graph'>): string[] {
  const { nodes = [], connections = [] } = graph
  const sources = new Set(nodes.filter(({ type }) => type === 'track_source').map(({ id }) => id))
  const fed = connections.filter(({ to_node, from_node }) => to_node === 'mixer' && !sources.has(from_node))
  return [...new Set(fed.map(({ from_node }) => from_node))]
}

/** Only these are for one track; all else of a channel is for every track that plays on it. */
const ofOneTrack = new Set(['note_on', 'note_off', 'poly_pressure', 'tempo', 'param', 'control'])

/**
 * The song of a MIDI file with an instrument of its own for each track, so that each can be a stem. In a MIDI file tracks
 * share channels: a program or a controller reaches every track that plays on its channel, as it did before.
 * @returns What to load, and the instruments in order of tracks: `01 Piano`.
 */
export function splitByTrack(song: Pick<Song, 'graph' | 'events' | 'tracks'>): Loadable & { stems: string[] } {
  const { nodes = [], connections = [] } = song.graph
  const sources = nodes.filter(({ type }) => type === 'track_source').map(({ id }) => id)
  const shared = connections.find(({ from_node }) => from_node === sources[0])?.to_node
  const instrument = nodes.find(({ id }) => id === shared)
  if (!instrument) return { graph: song.graph, events: song.events, stems: [] }
  const stems = sources.map((_, index) => nameOf(index, song.tracks[index]?.name))
  const copies: GraphNode[] = stems.map((id) => ({ ...instrument, id }))
  const rewired = connections.flatMap((connection): GraphConnection[] => {
    const track = sources.indexOf(connection.from_node)
    if (connection.to_node === shared && track >= 0) return [{ ...connection, to_node: stems[track] as string }]
    if (connection.from_node === shared) return stems.map((id) => ({ ...connection, from_node: id }))
    return [connection]
  })
  return {
    graph: {
      ...song.graph,
      nodes: nodes.flatMap((node) => (node === instrument ? copies : [node])),
      connections: rewired,
    },
    events: shareChannels(song.events, sources),
    stems,
  }
}

function nameOf(index: number, name = ''): string {
  return `${String(index + 1).padStart(2, '0')} ${name.trim()}`.trim()
}

function shareChannels(events: Loadable['events'], sources: readonly string[]): Loadable['events'] {
  const players = new Map<number, Set<string>>()
  for (const { type, channel = 0, node_id } of events) {
    if (type !== 'note_on' || node_id === undefined) continue
    players.set(channel, (players.get(channel) ?? new Set()).add(node_id))
  }
  return events.flatMap((event) => {
    if (ofOneTrack.has(event.type) || !sources.includes(event.node_id ?? '')) return [event]
    return [...(players.get(event.channel ?? 0) ?? [])].map((node_id) => ({ ...event, node_id }))
  })
}
