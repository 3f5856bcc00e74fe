import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError, parseSession, type Session, Song } from '../src/index.ts'
import { sessionSchema, sessionShape } from '../src/session/schema.ts'
import { richSong } from './support/rich-song.ts'

const committed = JSON.parse(readFileSync(new URL('../schema/session.schema.json', import.meta.url), 'utf8'))
const ajv = new Ajv2020({ strict: true, allErrors: false, allowUnionTypes: true })
const isValid = ajv.compile(committed)

const rich: Session = { version: 2, ...richSong }

/** The path that the reader gives for a document it refuses; undefined when it takes it. */
function refusedAt(document: unknown): string | undefined {
  try {
    parseSession(JSON.stringify(document))
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError)
    const { code, path = '' } = error as EngineError
    expect(['invalid_session', 'unsupported_version']).toContain(code)
    return path
  }
}

const event = { beat: 0, type: 'note_on', node_id: 'a' }
const graph = { nodes: [{ id: 'a', type: 'track_source' }], connections: [] }
const note = { beat: 0, length: 1, pitch: 60 }
const withNote = (change: object) => ({ version: 2, tracks: [{ id: 'a', notes: [{ ...note, ...change }] }] })
const withTrack = (change: object) => ({ version: 2, tracks: [{ id: 'a', ...change }] })
const withRows = (rows: unknown) => ({ version: 2, patterns: [{ id: 'p', grid: { steps_per_beat: 4, rows } }] })

describe('the schema of sessions', () => {
  it('is the committed file', () => {
    expect(committed).toEqual(JSON.parse(JSON.stringify(sessionSchema)))
  })

  it.each<[string, unknown]>([
    ['nothing but a version', { version: 2 }],
    ['something of everything', rich],
    ['version 1', { version: 1, graph: {}, schedule: [] }],
    ['version 1 with a title', { version: 1, title: '', graph, schedule: [event] }],
    ['a graph of its own', { version: 2, graph: { ...graph, bpm: 90 }, events: [{ ...event, anything: 1 }] }],
    ['a set-up event', withTrack({ events: [{ beat: -1, type: 'cc', pitch: 7, velocity: 100 }] })],
    ['a whole number with a point', JSON.parse('{"version":2.0,"bpm":120.0}')],
  ])('and the reader take %s', (_name, document) => {
    expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true)
    expect(refusedAt(document)).toBeUndefined()
  })

  it.each<[string, unknown, string]>([
    ['a list', [], ''],
    ['null', null, ''],
    ['no version', {}, '/version'],
    ['version 0', { version: 0 }, '/version'],
    ['a later version', { version: 3 }, '/version'],
    ['a version in words', { version: '2' }, '/version'],
    ['an unknown field', { version: 2, tempo: 3 }, '/tempo'],
    ['a schedule in version 2', { version: 2, schedule: [] }, '/schedule'],
    ['tracks in version 1', { version: 1, graph: {}, schedule: [], tracks: [] }, '/tracks'],
    ['version 1 without a graph', { version: 1, schedule: [] }, '/graph'],
    ['version 1 without a schedule', { version: 1, graph: {} }, '/schedule'],
    ['a node without an id', { version: 1, graph: { nodes: [{ type: 'x' }] }, schedule: [] }, '/graph/nodes/0/id'],
    ['a connection from nowhere', { version: 2, graph: { connections: [{}] } }, '/graph/connections/0/from_node'],
    ['an event without a type', { version: 1, graph: {}, schedule: [{}] }, '/schedule/0/type'],
    ['a tempo of 0', { version: 2, bpm: 0 }, '/bpm'],
    ['a tempo of 1000', { version: 2, tempos: [{ beat: 0, bpm: 1000 }] }, '/tempos/0/bpm'],
    ['a tempo before the start', { version: 2, tempos: [{ beat: -1, bpm: 100 }] }, '/tempos/0/beat'],
    [
      'a bar of sixths',
      { version: 2, time_signatures: [{ beat: 0, numerator: 4, denominator: 6 }] },
      '/time_signatures/0/denominator',
    ],
    [
      'a bar of nothing',
      { version: 2, time_signatures: [{ beat: 0, numerator: 0, denominator: 4 }] },
      '/time_signatures/0/numerator',
    ],
    ['half a loop', { version: 2, loop: { start: 0 } }, '/loop/end'],
    ['a track without an id', { version: 2, tracks: [{}] }, '/tracks/0/id'],
    ['an empty id', { version: 2, tracks: [{ id: '' }] }, '/tracks/0/id'],
    ['a 17th channel', withTrack({ channel: 16 }), '/tracks/0/channel'],
    ['a program of 128', withTrack({ program: 128 }), '/tracks/0/program'],
    ['a volume of 3', withTrack({ volume: 3 }), '/tracks/0/volume'],
    ['a pan in words', withTrack({ pan: 'left' }), '/tracks/0/pan'],
    ['a kit by another name', withTrack({ kit: 'gs' }), '/tracks/0/kit'],
    ['a drum beyond the keys', withTrack({ kit: { kick: 128 } }), '/tracks/0/kit/kick'],
    ['an instrument without a type', withTrack({ instrument: {} }), '/tracks/0/instrument/type'],
    [
      'a parameter that is a list',
      withTrack({ instrument: { type: 'x', params: { a: [] } } }),
      '/tracks/0/instrument/params/a',
    ],
    ['a tempo event in a track', withTrack({ events: [{ beat: 0, type: 'tempo' }] }), '/tracks/0/events/0/type'],
    [
      'a note without a pitch',
      { version: 2, tracks: [{ id: 'a', notes: [{ beat: 0, length: 1 }] }] },
      '/tracks/0/notes/0/pitch',
    ],
    ['a note of no length', withNote({ length: 0 }), '/tracks/0/notes/0/length'],
    ['a silent note', withNote({ velocity: 0 }), '/tracks/0/notes/0/velocity'],
    ['half a key', withNote({ pitch: 60.5 }), '/tracks/0/notes/0/pitch'],
    ['a misspelled field', withNote({ velocitty: 1 }), '/tracks/0/notes/0/velocitty'],
    ['a step that is none', withRows({ kick: 'x..y' }), '/patterns/0/grid/rows/kick'],
    ['a step of 128', withRows({ kick: [0, 128] }), '/patterns/0/grid/rows/kick/1'],
    ['a key with a slash', withRows({ 'a/b': 1 }), '/patterns/0/grid/rows/a~1b'],
    [
      'a curve by another name',
      { version: 2, automation: [{ node: 'a', param: 'b', points: [{ beat: 0, value: 1, curve: 'cubic' }] }] },
      '/automation/0/points/0/curve',
    ],
  ])('and the reader refuse %s', (_name, document, path) => {
    expect(isValid(document)).toBe(false)
    expect(refusedAt(document)).toBe(path)
  })

  /** Every place in a document, as the keys that lead there. */
  function places(value: unknown, keys: (string | number)[] = []): (string | number)[][] {
    if (typeof value !== 'object' || value === null) return [keys]
    const inside = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value)
    return [keys, ...inside.flatMap(([key, item]) => places(item, [...keys, key]))]
  }

  function changed(
    keys: (string | number)[],
    change: { remove: true } | { add: string } | { value: unknown },
  ): unknown {
    const document = structuredClone(rich) as unknown as Record<string | number, unknown>
    let parent: Record<string | number, unknown> = document
    for (const key of keys.slice(0, -1)) parent = parent[key] as typeof parent
    const last = keys.at(-1) as string | number
    if ('remove' in change) Array.isArray(parent) ? parent.splice(last as number, 1) : delete parent[last]
    else if ('add' in change) parent[Array.isArray(parent) ? parent.length : change.add] = 0
    else parent[last] = change.value
    return document
  }

  it('and the reader agree on any document with one thing changed', () => {
    const all = places(rich).filter((keys) => keys.length > 0)
    const change = fc.oneof(
      fc.constant({ remove: true as const }),
      fc.record({ add: fc.constantFrom('x', 'beat', 'notes', 'effects', 'type') }),
      fc.record({
        value: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(-1, 0, 0.5, 1, 128, 1e10, '', 'x', 'lead')),
      }),
    )
    const seen = { taken: 0, refused: 0 }
    fc.assert(
      fc.property(fc.constantFrom(...all), change, (keys, what) => {
        const document = changed(keys, what)
        const valid = isValid(document)
        expect(sessionShape.check(document) === undefined).toBe(valid)
        if (!valid) expect(refusedAt(document)).toBeDefined()
        seen[valid ? 'taken' : 'refused']++
      }),
      { numRuns: 3000 },
    )
    expect(Math.min(seen.taken, seen.refused), 'both happen').toBeGreaterThan(100)
  })
})

describe('a session document', () => {
  it('is read back as it was written', () => {
    const song = new Song(richSong)
    const copy = parseSession(JSON.stringify(song))
    expect(copy.data).toEqual(richSong)
    expect(copy.graph).toEqual(song.graph)
    expect(copy.events).toEqual(song.events)
  })
})
