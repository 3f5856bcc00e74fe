import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  EngineError,
  importMidi,
  loadSession,
  parseSession,
  Song,
  saveSession,
  secondsAt,
  sessionVersion,
} from '../src/index.ts'
import { richSong } from './support/rich-song.ts'
import { readSongFile } from './support/songs.ts'

const graph = {
  bpm: 90,
  nodes: [
    { id: 'lead', type: 'track_source' },
    { id: 'voice', type: 'builtin.synth' },
    { id: 'mixer', type: 'mixer' },
  ],
  connections: [],
}
const schedule = [
  { beat: 0, type: 'note_on', node_id: 'lead', channel: 2, pitch: 60, velocity: 100 },
  { beat: 3, type: 'note_off', node_id: 'lead', channel: 2, pitch: 60, velocity: 0 },
]

describe('parseSession', () => {
  it('reads a graph, a schedule and what can be said of them', () => {
    const song = parseSession(JSON.stringify({ version: 1, title: 'Two', graph, schedule }))
    expect(song).toBeInstanceOf(Song)
    expect(song.graph).toEqual(graph)
    expect(song.events).toEqual(schedule)
    expect(song).toMatchObject({ title: 'Two', noteCount: 1, durationBeats: 3, durationSeconds: 2 })
    expect(song.tracks).toEqual([{ id: 'lead', name: 'lead', channels: [2], noteCount: 1 }])
  })

  it('reads back every song that was written', async () => {
    const song = await importMidi(readSongFile('busy_schedule'))
    song.master.add('builtin.reverb', { wet: 0.5 })
    const copy = parseSession(JSON.stringify(song))
    expect(copy.graph).toEqual(song.graph)
    expect(copy.events).toEqual(song.events)
    expect(copy).toMatchObject({ title: song.title, noteCount: song.noteCount, durationSeconds: song.durationSeconds })
  })

  it('leaves the graph that a session carries alone', () => {
    const song = parseSession(JSON.stringify({ version: 1, graph, schedule }))
    expect(() => song.master.add('builtin.reverb')).toThrow(EngineError)
    expect(song.graph).toEqual(graph)
  })

  it.each<[string, string, string, string | undefined]>([
    ['text that is not JSON', '{', 'invalid_json', undefined],
    ['a list', '[]', 'invalid_session', ''],
    ['no version', '{}', 'invalid_session', '/version'],
    ['a version that is none', '{"version":"2"}', 'invalid_session', '/version'],
    ['a later version', '{"version":3,"songs":[]}', 'unsupported_version', '/version'],
    ['a field it does not have', '{"version":1,"graf/1":0}', 'invalid_session', '/graf~11'],
    ['no graph', '{"version":1,"schedule":[]}', 'invalid_session', '/graph'],
    ['no schedule', '{"version":1,"graph":{}}', 'invalid_session', '/schedule'],
    ['a title that is no text', '{"version":1,"title":1,"graph":{},"schedule":[]}', 'invalid_session', '/title'],
    [
      'a node that is no object',
      '{"version":1,"graph":{"nodes":[{"id":"a","type":"b"},7]},"schedule":[]}',
      'invalid_session',
      '/graph/nodes/1',
    ],
    ['an event without a type', '{"version":1,"graph":{},"schedule":[{}]}', 'invalid_session', '/schedule/0/type'],
    [
      'a beat in words',
      '{"version":1,"graph":{},"schedule":[{"type":"cc","beat":"1"}]}',
      'invalid_session',
      '/schedule/0/beat',
    ],
  ])('refuses %s', (_name, text, code, path) => {
    let error: unknown
    try {
      parseSession(text)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(EngineError)
    expect(error).toMatchObject({ code })
    expect((error as EngineError).path).toBe(path)
  })
})

describe('loadSession', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'arranger-test-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('is called what its file is called', async () => {
    const path = join(folder, 'evening.json')
    await writeFile(path, JSON.stringify({ version: 1, graph, schedule }))
    expect((await loadSession(path)).title).toBe('evening')
  })

  it('says which file it cannot read', async () => {
    const path = join(folder, 'none.json')
    await expect(loadSession(path)).rejects.toMatchObject({ code: 'io_error', message: expect.stringContaining(path) })
  })
})

describe('saveSession', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'arranger-test-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('writes what loadSession reads, under the present version', async () => {
    const path = join(folder, 'song.json')
    for (const song of [new Song(richSong), richSong]) {
      await saveSession(path, song)
      expect(JSON.parse(await readFile(path, 'utf8')).version).toBe(sessionVersion)
      expect((await loadSession(path)).data).toEqual(richSong)
    }
  })

  it('brings a session of version 1 to the present one', async () => {
    const [old, path] = [join(folder, 'old.json'), join(folder, 'new.json')]
    await writeFile(old, JSON.stringify({ version: 1, title: 'Old', graph, schedule }))
    const song = await loadSession(old)
    await saveSession(path, song)
    const copy = await loadSession(path)
    expect(copy.data).toEqual({ title: 'Old', graph, events: schedule })
    expect([copy.graph, copy.events]).toEqual([song.graph, song.events])
  })

  it('leaves the file as it was when the song is none or cannot be written', async () => {
    const path = join(folder, 'kept.json')
    await saveSession(path, richSong)
    const before = await readFile(path)
    await expect(saveSession(path, { bpm: 0 })).rejects.toMatchObject({ code: 'invalid_song', path: '/bpm' })
    const nowhere = join(folder, 'none', 'song.json')
    await expect(saveSession(nowhere, richSong)).rejects.toMatchObject({
      code: 'io_error',
      message: expect.stringContaining(nowhere),
    })
    expect(await readFile(path)).toEqual(before)
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })
})

describe('secondsAt', () => {
  it('goes through tempo changes in any order', () => {
    const tempos = [
      { beat: 8, type: 'tempo' as const, value: 240 },
      { beat: 4, type: 'tempo' as const, value: 60 },
    ]
    expect([0, 4, 6, 8, 12].map((beat) => secondsAt(beat, tempos, 120))).toEqual([0, 2, 4, 6, 7])
  })
})
