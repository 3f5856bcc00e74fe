import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EngineError, importMidi, type ScheduleEvent, type Song } from '../src/index.ts'
import { createEngine } from './support/engine.ts'
import { type RawEvent, readRaw } from './support/smf-reader.ts'
import { chunk, endOfTrack, file, header, track } from './support/smf-writer.ts'
import { openttdSongs, readSongFile, songName } from './support/songs.ts'

const songs = openttdSongs()

async function refusal(bytes: Uint8Array): Promise<EngineError> {
  const outcome = await importMidi(bytes).catch((error: unknown) => error)
  expect(outcome, 'the file must be refused').toBeInstanceOf(EngineError)
  return outcome as EngineError
}

/** What an event of the schedule should be, from the bytes of the file. */
function expected({ kind, channel, data: [first, second] }: RawEvent): Partial<ScheduleEvent> {
  switch (kind) {
    case 0x8:
      return { type: 'note_off', channel, pitch: first, velocity: second }
    case 0x9:
      return { type: second === 0 ? 'note_off' : 'note_on', channel, pitch: first, velocity: second }
    case 0xa:
      return { type: 'poly_pressure', channel, pitch: first, velocity: second }
    case 0xb:
      return { type: 'cc', channel, pitch: first, velocity: second }
    case 0xc:
      return { type: 'program', channel, pitch: first }
    case 0xd:
      return { type: 'pressure', channel, velocity: first }
    default:
      return { type: 'bend', channel, pitch: first + 128 * second }
  }
}

describe('importMidi: real songs', () => {
  it('finds all 31 songs', () => expect(songs).toHaveLength(31))

  it.each(songs.map((path) => [songName(path), path]))('keeps every event of %s', async (_name, path) => {
    const raw = readRaw(new Uint8Array(readFileSync(path)))
    const song = await importMidi(path)
    const channelEvents = song.events.filter(({ channel }) => channel !== undefined)
    expect(channelEvents).toHaveLength(raw.events.length)
    raw.events.forEach((event, index) => {
      const at = { beat: event.tick / raw.ticksPerBeat, node_id: `track_${event.track + 1}` }
      expect(channelEvents[index]).toMatchObject({ ...at, ...expected(event) })
    })
    const tempos = song.events.filter(({ type }) => type === 'tempo')
    expect(tempos).toEqual(
      raw.tempos.map(({ tick, microseconds }) => ({
        beat: tick / raw.ticksPerBeat,
        type: 'tempo',
        value: 60_000_000 / microseconds,
      })),
    )
    const signatures = song.events.filter(({ type }) => type === 'time_signature')
    expect(signatures).toEqual(
      raw.timeSignatures.map(({ tick, numerator, denominator }) => ({
        beat: tick / raw.ticksPerBeat,
        type: 'time_signature',
        pitch: numerator,
        velocity: denominator,
      })),
    )
    for (const { id, name } of song.data.tracks ?? []) expect(name).toBe(raw.names[Number(id) - 1])
  })

  it('counts 80,364 notes in all', async () => {
    const counts = await Promise.all(songs.map(async (path) => (await importMidi(path)).noteCount))
    expect(counts.reduce((sum, count) => sum + count)).toBe(80_364)
  })
})

describe('importMidi: the song', () => {
  const noteOn = [0, 0x90, 60, 100]
  const noteOff = [96, 0x80, 60, 64]
  const tempo = (microseconds: number, delta = 0) => [
    delta,
    0xff,
    0x51,
    3,
    microseconds >> 16,
    (microseconds >> 8) & 255,
    microseconds & 255,
  ]

  it('sends one track_source per track with notes through one instrument to the mixer', async () => {
    const name = [0, 0xff, 0x03, 4, ...Buffer.from('Bass')]
    const song = await importMidi(
      file(header(1, 3, 96), track(tempo(500_000)), track(name, noteOn, noteOff), track(noteOn, noteOff)),
    )
    expect(song.tracks).toEqual([
      { id: 'track_2', name: 'Bass', channels: [0], noteCount: 1 },
      { id: 'track_3', name: '', channels: [0], noteCount: 1 },
    ])
    expect(edges(song)).toEqual(['track_2 → instrument', 'track_3 → instrument', 'instrument → mixer'])
    expect(nodeTypes(song)).toEqual({
      track_2: 'track_source',
      track_3: 'track_source',
      instrument: 'builtin.synth',
      mixer: 'mixer',
    })
    expect(song.graph.bpm).toBe(120)
  })

  it('plays a SoundFont with builtin.fluidsynth, and any instrument that is named', async () => {
    const bytes = file(header(0, 1, 96), track(noteOn, noteOff))
    const withFont = await importMidi(bytes, { soundfont: import.meta.filename })
    expect(withFont.graph.nodes).toContainEqual({
      id: 'instrument',
      type: 'builtin.fluidsynth',
      params: { sf2_path: import.meta.filename },
    })
    const named = await importMidi(bytes, { instrument: 'com.example.synth' })
    expect(nodeTypes(named).instrument).toBe('com.example.synth')
    await expect(importMidi(bytes, { soundfont: 'no-such.sf2' })).rejects.toMatchObject({ code: 'io_error' })
  })

  it('puts master effects in series between instrument and mixer', async () => {
    const song = await importMidi(file(header(0, 1, 96), track(noteOn, noteOff)))
    expect(song.master.add('builtin.reverb', { wet: 0.25 })).toBe('master_reverb')
    expect(song.master.add('builtin.reverb')).toBe('master_reverb_2')
    expect(edges(song)).toEqual([
      'track_1 → instrument',
      'instrument → master_reverb',
      'master_reverb → master_reverb_2',
      'master_reverb_2 → mixer',
    ])
    expect(song.graph.nodes).toContainEqual({ id: 'master_reverb', type: 'builtin.reverb', params: { wet: 0.25 } })
  })

  it('places beats exactly, whatever the ticks per quarter note', async () => {
    const song = await importMidi(file(header(0, 1, 487), track([1, 0x90, 60, 100], [2, 60, 0])))
    expect(song.events.map(({ beat, type }) => [beat, type])).toEqual([
      [1 / 487, 'note_on'],
      [3 / 487, 'note_off'],
    ])
  })

  it('lasts to its last event through the tempo map, not to the end of the track', async () => {
    const lateEnd = [0x83, 0x60, 0xff, 0x2f, 0]
    const events = [tempo(1_000_000), tempo(250_000, 96), [96, 0x90, 60, 100], [96, 60, 0], lateEnd]
    const song = await importMidi(file(header(0, 1, 96), chunk('MTrk', events.flat())))
    expect(song.graph.bpm).toBe(60)
    expect(song.durationBeats).toBe(3)
    expect(song.durationSeconds).toBeCloseTo(1.5, 12)
  })

  it('plays a tempo that no engine has at the nearest it has, and counts it', async () => {
    const song = await importMidi(
      file(header(0, 1, 96), track(tempo(1), tempo(60_000_000 / 1000, 96), tempo(0xffffff, 96))),
    )
    expect(song.events.map(({ value }) => value)).toEqual([999, 999, 60_000_000 / 0xffffff])
    expect(song.graph.bpm).toBe(999)
    expect(song.ignored).toEqual({ tempoOutOfRange: 2 })
    await using engine = await createEngine()
    await engine.load(song)
  })

  it('sets the parameters of the instrument', async () => {
    const song = await importMidi(file(header(0, 1, 96), track(noteOn, noteOff)), {
      soundfont: import.meta.filename,
      params: { gain: 0.5 },
    })
    expect(song.graph.nodes).toContainEqual({
      id: 'instrument',
      type: 'builtin.fluidsynth',
      params: { sf2_path: import.meta.filename, gain: 0.5 },
    })
  })

  it('reads bytes in whatever they come', async () => {
    const bytes = file(header(0, 1, 96), track(noteOn, noteOff))
    const inside = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')])
    const view = new DataView(inside.buffer, inside.byteOffset + 6, bytes.length)
    for (const source of [bytes.buffer as ArrayBuffer, Buffer.from(bytes), view]) {
      expect((await importMidi(source)).noteCount).toBe(1)
    }
  })

  it('gives each program the bank selected before it, in whatever track', async () => {
    const select = [0, 0xb0, 0, 8]
    const song = await importMidi(file(header(1, 2, 96), track(select), track([1, 0xc0, 5], [0, 0xc1, 6])))
    const programs = song.events.filter(({ type }) => type === 'program')
    expect(programs.map(({ channel, pitch, velocity }) => [channel, pitch, velocity])).toEqual([
      [0, 5, 8],
      [1, 6, 0],
    ])
  })

  it('counts what it leaves out', async () => {
    const sysex = [0, 0xf0, 3, 1, 2, 0xf7]
    const marker = [0, 0xff, 6, 1, 65]
    const song = await importMidi(file(header(0, 1, 96), chunk('XFIH', [1, 2]), track(sysex, marker, noteOn, noteOff)))
    expect(song.ignored).toEqual({ foreignChunk: 1, sysEx: 1, marker: 1 })
    expect(song.noteCount).toBe(1)
  })

  it('is called what the file says, else what the file is called', async () => {
    const title = [0, 0xff, 3, 5, ...Buffer.from('Köln')]
    expect((await importMidi(file(header(0, 1, 96), track(title)))).title).toBe('Köln')
    expect((await importMidi(file(header(0, 1, 96), track([0, 0xff, 3, 2, 0x4b, 0xf6])))).title).toBe('Kö')
    expect((await importMidi(file(header(0, 1, 96), track()))).title).toBe('Untitled')
    const untitled = songs.find((path) => songName(path) === 'busy_schedule') as string
    expect((await importMidi(untitled)).title).toBe('busy_schedule')
  })
})

function edges(song: Song): string[] {
  return (song.graph.connections ?? []).map(({ from_node, to_node }) => `${from_node} → ${to_node}`)
}

function nodeTypes(song: Song): Record<string, string> {
  return Object.fromEntries((song.graph.nodes ?? []).map(({ id, type }) => [id, type]))
}

describe('importMidi: what it refuses, with the byte offset', () => {
  const note = [0, 0x90, 60, 100]
  const body = (...events: number[][]) => file(header(0, 1, 96), chunk('MTrk', events.flat()))
  const start = 22

  it.each<[string, Uint8Array, number, RegExp]>([
    ['an empty file', file(), 0, /empty/],
    ['something else', file([...Buffer.from('Hello, world')]), 0, /MThd/],
    ['a RIFF file', file([...Buffer.from('RIFF'), 0, 0, 0, 0, ...Buffer.from('RMID')]), 0, /RIFF/],
    ['a short header', file(chunk('MThd', [0, 0, 0, 1]), track(note)), 4, /header of at least 6 bytes/],
    ['format 2', file(header(2, 1, 96), track(note)), 8, /[Ff]ormat 2/],
    ['format 3', file(header(3, 1, 96), track(note)), 8, /format 0 or 1/],
    ['no track', file(header(1, 0, 96)), 10, /at least one track/],
    ['two tracks in format 0', file(header(0, 2, 96), track(note), track(note)), 10, /format 0/],
    ['SMPTE times', file(header(0, 1, 0xe728), track(note)), 12, /SMPTE/],
    ['a division of 0', file(header(0, 1, 0), track(note)), 12, /division/],
    ['a missing track', file(header(1, 2, 96), track()), 26, /2 tracks but the file ends after 1/],
    ['a track too many', file(header(0, 1, 96), track(), track()), 26, /beyond the 1/],
    ['bytes after the last chunk', file(header(0, 1, 96), track(), [0, 0]), 26, /only 2 are left/],
    ['a track longer than the file', file(header(0, 1, 96), chunk('MTrk', endOfTrack, 40)), 18, /declares 40 bytes/],
    ['a track without an end', body(note), start + 4, /end of track/],
    ['bytes after the end of track', body(endOfTrack, note), start + 4, /4 bytes after the end/],
    ['a data byte first', body([0, 60, 100], endOfTrack), start + 1, /status byte/],
    [
      'running status after a system exclusive message',
      body(note, [0, 0xf0, 1, 0xf7], [0, 60, 0], endOfTrack),
      start + 9,
      /status/,
    ],
    ['a status byte inside a message', body([0, 0x90, 0x90, 100], endOfTrack), start + 2, /0 to 127/],
    ['a status that no file has', body([0, 0xf4], endOfTrack), start + 1, /0xf4/],
    ['a delta time of five bytes', body([0x81, 0x81, 0x81, 0x81, 1], endOfTrack), start, /four bytes/],
    ['a tempo of 2 bytes', body([0, 0xff, 0x51, 2, 1, 1], endOfTrack), start + 3, /tempo of 3 bytes/],
    ['a tempo of 0', body([0, 0xff, 0x51, 3, 0, 0, 0], endOfTrack), start + 4, /tempo/],
    ['an end of track with data', body([0, 0xff, 0x2f, 1, 0]), start + 3, /end of track of 0 bytes/],
    ['a meta event longer than its track', body([0, 0xff, 1, 100, 65], endOfTrack), start + 4, /only 5 are left/],
    ['a message cut by the end of its track', body([0, 0x90, 60]), start + 3, /data ends/],
  ])('%s', async (_name, bytes, offset, message) => {
    const error = await refusal(bytes)
    expect(error).toMatchObject({ code: 'invalid_midi', offset })
    expect(error.message).toMatch(message)
    expect(error.message).toMatch(new RegExp(`at byte ${offset}$`))
  })

  it.each([5, undefined, null, {}, ['song.mid']])('%j, which is no song', async (source) => {
    await expect(importMidi(source as unknown as string)).rejects.toMatchObject({
      name: 'EngineError',
      code: 'type_mismatch',
      message: expect.stringMatching(/^Expected the path or the bytes of a MIDI file but received /),
    })
  })

  it('an ArrayBuffer that is too short', async () => {
    await expect(importMidi(new ArrayBuffer(4))).rejects.toMatchObject({ code: 'invalid_midi', offset: 0 })
  })

  it('a file that is not there', async () => {
    await expect(importMidi('no-such.mid')).rejects.toMatchObject({ code: 'io_error' })
  })

  it('a real song cut anywhere', async () => {
    const whole = readSongFile('ultimate_run')
    const lengths = [...Array(200).keys(), ...Array.from({ length: 400 }, (_, index) => whole.length - 1 - index * 31)]
    for (const length of lengths.filter((value) => value >= 0)) {
      const { code, offset, message } = await refusal(whole.slice(0, length))
      expect(code, `cut to ${length}`).toBe('invalid_midi')
      expect(offset, message).toBeLessThanOrEqual(length)
    }
  })
})

describe('importMidi: damaged files', () => {
  it('are read or refused, never a crash, a hang or another error', async () => {
    const random = mulberry32(20_260_101)
    const outcomes = { read: 0, refused: 0 }
    for (const name of ['ultimate_run', 'tttheme2', 'coconut_run2']) {
      const whole = readSongFile(name)
      for (let round = 0; round < 150; round++) {
        const damaged = whole.slice()
        for (let count = 1 + Math.floor(random() * 8); count > 0; count--) {
          damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256)
        }
        const outcome = await importMidi(damaged).catch((error: unknown) => error)
        if (outcome instanceof EngineError)
          expect(outcome).toMatchObject({ code: 'invalid_midi', offset: expect.any(Number) })
        else expect((outcome as Song).durationSeconds).toBeGreaterThan(0)
        outcomes[outcome instanceof EngineError ? 'refused' : 'read']++
      }
    }
    expect(outcomes.read, 'some damage is only a wrong note').toBeGreaterThan(0)
    expect(outcomes.refused).toBeGreaterThan(0)
  })
})

/** A small generator of uniform numbers with a seed (Tommy Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
