import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EngineError, importMidi, loadSession, parseSession, Song, secondsAt } from '../src/index.ts'
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
      '{"version":1,"graph":{"nodes":[{},7]},"schedule":[]}',
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

describe('secondsAt', () => {
  it('goes through tempo changes in any order', () => {
    const tempos = [
      { beat: 8, type: 'tempo' as const, value: 240 },
      { beat: 4, type: 'tempo' as const, value: 60 },
    ]
    expect([0, 4, 6, 8, 12].map((beat) => secondsAt(beat, tempos, 120))).toEqual([0, 2, 4, 6, 7])
  })
})
