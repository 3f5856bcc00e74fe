import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { EngineError, ioError } from '../error.ts'
import { beginsNote, type Graph, type ScheduleEvent, type Session, Song, type SongTrack } from './song.ts'

/**
 * Reads a session document. The graph and the events inside are checked by the engine when the song is loaded.
 * @param text JSON: `{"version": 1, "title"?, "graph": {…}, "schedule": […]}`
 * @param fallbackTitle What the song is called when the document does not say.
 * @throws EngineError `invalid_json`, or `invalid_session` with the path of the wrong value.
 */
export function parseSession(text: string, fallbackTitle = 'Untitled'): Song {
  const { title, graph, schedule } = checkSession(parseJson(text))
  return new Song({ title: title ?? fallbackTitle, graph, events: schedule, tracks: tracksOf(graph, schedule) })
}

/**
 * Reads a session document from a file.
 * @throws EngineError `io_error`, and what {@link parseSession} throws.
 */
export async function loadSession(path: string): Promise<Song> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw ioError('read the session', path, error)
  }
  return parseSession(text, basename(path, extname(path)))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new EngineError('invalid_json', `Expected a session document in JSON: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

function invalid(path: string, expected: string, value: unknown): EngineError {
  const received = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 40)
  return new EngineError('invalid_session', `Expected ${expected} but received ${received}`, { path })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const fields = ['version', 'title', 'graph', 'schedule']

function checkSession(value: unknown): Session {
  if (!isObject(value)) throw invalid('', 'a session object', value)
  if (value.version !== 1) throw invalid('/version', 'version 1', value.version)
  for (const key of Object.keys(value)) {
    if (!fields.includes(key)) {
      throw new EngineError('invalid_session', `A session has no field '${key}'; it has ${fields.join(', ')}`, {
        path: `/${pointer(key)}`,
      })
    }
  }
  const { title, graph, schedule } = value
  if (title !== undefined && typeof title !== 'string') throw invalid('/title', 'a text', title)
  if (!isObject(graph)) throw invalid('/graph', 'a graph object', graph)
  for (const list of ['nodes', 'connections']) checkObjects(graph[list] ?? [], `/graph/${list}`)
  checkObjects(schedule, '/schedule')
  for (const [index, event] of (schedule as Record<string, unknown>[]).entries()) {
    const { beat = 0, type } = event
    if (typeof beat !== 'number') throw invalid(`/schedule/${index}/beat`, 'a number of beats', beat)
    if (typeof type !== 'string') throw invalid(`/schedule/${index}/type`, 'the type of an event', type)
  }
  return value as unknown as Session
}

function checkObjects(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw invalid(path, 'a list', value)
  const wrong = value.findIndex((item) => !isObject(item))
  if (wrong >= 0) throw invalid(`${path}/${wrong}`, 'an object', value[wrong])
}

function pointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The tracks of a graph: its `track_source` nodes, with what the schedule sends to each. */
function tracksOf(graph: Graph, schedule: readonly ScheduleEvent[]): SongTrack[] {
  const sources = (graph.nodes ?? []).filter(({ type }) => type === 'track_source')
  const channels = new Map(sources.map(({ id }) => [id, new Set<number>()]))
  const notes = new Map<string, number>()
  for (const event of schedule) {
    const node = event.node_id ?? ''
    const used = channels.get(node)
    if (!used) continue
    if (event.type !== 'tempo') used.add(event.channel ?? 0)
    if (beginsNote(event)) notes.set(node, (notes.get(node) ?? 0) + 1)
  }
  return sources.map(({ id }) => ({
    id,
    name: id,
    channels: [...(channels.get(id) ?? [])].sort((a, b) => a - b),
    noteCount: notes.get(id) ?? 0,
  }))
}
