import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { EngineError, ioError } from '../error.ts'
import { requireShape } from './fault.ts'
import type { SongData } from './model.ts'
import { type Session, type SessionVersion1, sessionShape, sessionVersion1Shape } from './schema.ts'
import type { Shape } from './shape.ts'
import { Song } from './song.ts'

/** The version that {@link saveSession} writes. */
export const sessionVersion = 2

interface Reader {
  shape: Shape<unknown>
  /** Brings a document of this version to the next one; the last version has none. */
  migrate?: (document: never) => unknown
}

/** How documents of each version are read. A new version adds its line here and a `migrate` to the one before. */
const readers: Readonly<Record<number, Reader>> = {
  1: { shape: sessionVersion1Shape, migrate: fromVersion1 },
  2: { shape: sessionShape },
}

/** Version 1 was what the engine takes; the song keeps it as its own graph and events. */
function fromVersion1({ title, graph, schedule }: SessionVersion1): Session {
  return { version: 2, ...(title === undefined ? {} : { title }), graph, events: schedule }
}

/**
 * Reads a session document of any version up to the present one. A graph inside is checked by the engine when the song is
 * loaded.
 * @param text JSON as `schema/session.schema.json` of this package says.
 * @param fallbackTitle What the song is called when the document does not say.
 * @throws EngineError `invalid_json`; `unsupported_version` for a document of a later version; `invalid_session` with the
 * path of the wrong value.
 */
export function parseSession(text: string, fallbackTitle = 'Untitled'): Song {
  const { version: _, ...data } = readDocument(parseJson(text))
  try {
    return new Song({ ...data, title: data.title ?? fallbackTitle })
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'invalid_song') throw error
    throw new EngineError('invalid_session', error.message, { path: error.path, cause: error })
  }
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

/**
 * Writes a song as a session document of the present version. The file is whole or as it was before.
 * @throws EngineError `invalid_song`, `io_error`
 */
export async function saveSession(path: string, song: Song | SongData): Promise<void> {
  const { data } = song instanceof Song ? song : new Song(song)
  const text = `${JSON.stringify({ version: sessionVersion, ...data }, null, 2)}\n`
  const partial = `${path}.${process.pid}.part`
  try {
    await writeFile(partial, text)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw ioError('write the session', path, error)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new EngineError('invalid_json', `Expected a session document in JSON: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

function versionOf(document: unknown): number {
  const { version } = (document ?? {}) as { version?: unknown }
  if (typeof version === 'number' && Number.isInteger(version) && version > sessionVersion) {
    throw new EngineError(
      'unsupported_version',
      `Expected a session of version ${sessionVersion} or older but received version ${version}; update @arranger/engine`,
      { path: '/version' },
    )
  }
  return typeof version === 'number' && readers[version] ? version : sessionVersion
}

/** Checks a document as its version says, and brings it to the present one. */
function readDocument(document: unknown): Session {
  let current = document
  for (let version = versionOf(document); ; version++) {
    const { shape, migrate } = readers[version] as Reader
    requireShape(shape, current, 'invalid_session')
    if (!migrate) return current as Session
    current = migrate(current as never)
  }
}
