import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportMidi, importMidi, parseSession, Song, type SongData, secondsAt, writeMidi } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { framesOf, type RawSong, readRaw } from './support/smf-reader.ts'
import { chunk, endOfTrack, file, header, track } from './support/smf-writer.ts'
import { openttdSongs, readSongFile, songName } from './support/songs.ts'

const folder = temporaryFolder()

/** What a file says, apart from how its ticks divide a beat. */
function said({ events, tempos, timeSignatures, ticksPerBeat }: RawSong) {
  const beat = <T extends { tick: number }>({ tick, ...rest }: T) => ({ ...rest, beat: tick / ticksPerBeat })
  return {
    events: events.map((event) => {
      const silent = event.kind === 0x9 && event.data[1] === 0
      return beat(silent ? { ...event, kind: 0x8 } : event)
    }),
    tempos: tempos.map(beat),
    timeSignatures: timeSignatures.map(beat),
  }
}

describe('exportMidi: real songs', () => {
  const songs = openttdSongs()
  it('finds all 31 songs', () => expect(songs).toHaveLength(31))

  it.each(songs.map((path) => [songName(path), path]))('writes every event of %s', async (_name, path) => {
    const original = readRaw(new Uint8Array(readFileSync(path)))
    const song = await importMidi(path)
    const { bytes, leftOut, maxErrorBeats } = exportMidi(song)
    expect(leftOut).toEqual({})
    expect(maxErrorBeats).toBeLessThan(1e-10)
    // Counted by a reader that neither the importer nor the exporter has seen.
    expect(said(readRaw(bytes))).toEqual(said(original))
    const copy = await importMidi(bytes)
    expect(copy.events).toEqual(song.events)
    expect(copy.tracks).toEqual(song.tracks)
    expect(copy.graph).toEqual(song.graph)
    expect(copy.title).toBe(song.title)
  })

  it('keeps every event in one track, with its channel', async () => {
    const song = await importMidi(readSongFile('busy_schedule'))
    const copy = await importMidi(exportMidi(song, { format: 0 }).bytes)
    const anywhere = (events: Song['events']) => events.map(({ node_id: _, ...event }) => event)
    expect(copy.tracks).toHaveLength(1)
    expect(anywhere(copy.events)).toEqual(anywhere(song.events))
  })

  it('keeps a song that went through a session document', async () => {
    const song = await importMidi(readSongFile('tttheme2'))
    const { bytes } = exportMidi(parseSession(JSON.stringify(song)))
    expect((await importMidi(bytes)).events).toEqual(song.events)
  })
})

describe('exportMidi: any song', () => {
  const byte = fc.integer({ min: 0, max: 127 })
  const channelEvent = fc.record({
    tick: fc.integer({ min: 0, max: 20_000 }),
    status: fc.constantFrom(0x80, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0),
    channel: fc.integer({ min: 0, max: 15 }),
    data: fc.tuple(byte, byte),
  })
  const conductorEvent = fc.oneof(
    fc.record({ tick: fc.integer({ min: 0, max: 20_000 }), microseconds: fc.integer({ min: 60_061, max: 0xffffff }) }),
    fc.record({
      tick: fc.integer({ min: 0, max: 20_000 }),
      signature: fc.tuple(fc.integer({ min: 1, max: 127 }), fc.integer({ min: 0, max: 6 })),
    }),
  )
  type Event = { tick: number; bytes: number[] }
  const bytesOf = (events: Event[]) => {
    let now = 0
    const sorted = [...events].sort((a, b) => a.tick - b.tick)
    return sorted.map(({ tick, bytes }) => {
      const delta = tick - now
      now = tick
      return [128 + (delta >> 14), 128 + ((delta >> 7) & 127), delta & 127, ...bytes]
    })
  }

  it('comes back as it was, whatever its events and ticks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(channelEvent, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 }),
        fc.array(conductorEvent, { maxLength: 8 }),
        fc.integer({ min: 1, max: 32_767 }),
        async (tracks, conductor, division) => {
          const first = conductor.map((event): Event => {
            if ('signature' in event) return { tick: event.tick, bytes: [0xff, 0x58, 4, ...event.signature, 24, 8] }
            const { tick, microseconds: value } = event
            return { tick, bytes: [0xff, 0x51, 3, value >> 16, (value >> 8) & 255, value & 255] }
          })
          const others = tracks.map((events) =>
            events.map(({ tick, status, channel, data }): Event => {
              const count = status === 0xc0 || status === 0xd0 ? 1 : 2
              return { tick, bytes: [status + channel, ...data.slice(0, count)] }
            }),
          )
          const source = file(
            header(1, tracks.length + 1, division),
            ...[first, ...others].map((events) => track(...bytesOf(events))),
          )
          const song = await importMidi(source)
          const { bytes, leftOut } = exportMidi(song)
          expect(leftOut).toEqual({})
          const copy = await importMidi(bytes)
          expect(copy.events).toEqual(song.events)
          expect(copy.tracks).toEqual(song.tracks)
          expect(said(readRaw(bytes))).toEqual(said(readRaw(source)))
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('exportMidi: a song that was written here', () => {
  const melody = (id: string, beats: number[]): NonNullable<SongData['tracks']>[number] => ({
    id,
    notes: beats.map((beat) => ({ beat, length: 0.25, pitch: 60, velocity: 90, release_velocity: 33 })),
  })

  it('finds the ticks that all beats are on', () => {
    const ticks = (...beats: number[]) => {
      const { ticksPerBeat, maxErrorBeats } = exportMidi({ tracks: [melody('a', beats)] })
      return [ticksPerBeat, maxErrorBeats < 1e-9]
    }
    expect(ticks(0, 1, 2.5)).toEqual([480, true])
    expect(ticks(0, 1 / 3, 2 / 3)).toEqual([480, true])
    expect(ticks(1 / 7, 2 / 7, 3)).toEqual([504, true])
    expect(ticks(0.1 + 0.2)).toEqual([480, true])
    expect(ticks(1 / 32_767)).toEqual([15_360, false])
    expect(ticks(Math.PI)).toEqual([15_360, false])
  })

  it('says how far it moved what is on no tick', () => {
    const exported = exportMidi({ tracks: [melody('a', [1 / 3])] }, { ticksPerBeat: 4 })
    expect(exported.ticksPerBeat).toBe(4)
    // The note ends at 7/12, which is between 2/4 and 3/4.
    expect(exported.maxErrorBeats).toBeCloseTo(7 / 12 - 2 / 4, 12)
    const fine = exportMidi({ tracks: [melody('a', [Math.PI])] })
    expect(fine.maxErrorBeats).toBeLessThanOrEqual(0.5 / fine.ticksPerBeat)
  })

  it('selects the bank of a program where another is selected, and nothing else', () => {
    const programs = (bank: number, channel?: number) => {
      const song: SongData = { tracks: [{ id: 'a', program: 5, bank, ...(channel === undefined ? {} : { channel }) }] }
      const { bytes, leftOut } = exportMidi(song)
      return { messages: readRaw(bytes).events.map(({ kind, data }) => [kind, ...data]), leftOut }
    }
    expect(programs(0)).toEqual({ messages: [[0xc, 5, 0]], leftOut: {} })
    expect(programs(8)).toEqual({
      messages: [
        [0xb, 0, 8],
        [0xc, 5, 0],
      ],
      leftOut: {},
    })
    expect(programs(128, 9)).toEqual({ messages: [[0xc, 5, 0]], leftOut: {} })
    expect(programs(300)).toEqual({ messages: [[0xc, 5, 0]], leftOut: { bank: 1 } })
  })

  it('counts what a file has no place for', () => {
    const { leftOut } = exportMidi({
      bpm: 2,
      tracks: [{ id: '1', name: 'Lead', events: [{ beat: 0, type: 'control', value: 1 }] }],
      title: 'Song',
      automation: [{ track: '1', param: 'volume', points: [{ beat: 0, value: 1 }] }],
      events: [{ beat: 0, type: 'note_on', node_id: 'nowhere' }],
    })
    expect(leftOut).toEqual({ tempoOutOfRange: 1, title: 1, control: 1, param: 1, noTrack: 1 })
  })

  it('keeps names, in any script', async () => {
    const song = new Song({ title: 'Grüße', tracks: [{ ...melody('a', [0]), name: '旋律' }] })
    const copy = await importMidi(exportMidi(song).bytes)
    expect([copy.title, copy.tracks[0]?.name]).toEqual(['Grüße', '旋律'])
  })

  it('says the tempo at the start unless it is the one that files have anyway', () => {
    const tempos = (data: SongData) => readRaw(exportMidi(data).bytes).tempos
    expect(tempos({ bpm: 120 })).toEqual([])
    expect(tempos({ bpm: 90 })).toEqual([{ tick: 0, microseconds: 666_667 }])
    expect(tempos({ bpm: 90, tempos: [{ beat: 0, bpm: 60 }] })).toEqual([{ tick: 0, microseconds: 1_000_000 }])
  })

  it.each([
    [120, 60, 4],
    [60, 999, 3],
    [200, 20, 64],
  ])('plays a ramp from %d to %d over %d beats to a tenth of a millisecond', (from, to, beats) => {
    const data: SongData = { bpm: from, tempos: [{ beat: 2, bpm: to, ramp_beats: beats }] }
    const song = new Song({ ...data, tracks: [melody('a', [0, beats + 8])] })
    const raw = readRaw(exportMidi(song).bytes)
    const rate = 1e6
    const ticks = Array.from({ length: (beats + 8) * 8 }, (_, eighth) => (eighth * raw.ticksPerBeat) / 8)
    const times = framesOf(ticks, raw, rate)
    for (const [index, tick] of ticks.entries()) {
      const exact = secondsAt(tick / raw.ticksPerBeat, song.events, from)
      expect(Math.abs((times[index] as number) / rate - exact)).toBeLessThan(1.1e-4)
    }
    // At the end the ramp has arrived, and in no more steps than that takes.
    expect(raw.tempos.at(-1)?.microseconds).toBe(Math.round(60e6 / to))
    expect(raw.tempos.length).toBeGreaterThan(8)
  })

  it('refuses ticks and formats that no file has', () => {
    for (const ticksPerBeat of [0, 1.5, 32_768, Number.NaN]) {
      expect(() => exportMidi({}, { ticksPerBeat })).toThrow(expect.objectContaining({ code: 'out_of_range' }))
    }
    // @ts-expect-error There is no format 2 for songs.
    expect(() => exportMidi({}, { format: 2 })).toThrow(expect.objectContaining({ code: 'out_of_range' }))
    const late = { tracks: [melody('a', [600_000])] }
    expect(() => exportMidi(late)).toThrow(expect.objectContaining({ code: 'out_of_range' }))
    expect(exportMidi(late, { ticksPerBeat: 96 }).leftOut).toEqual({})
  })
})

describe('importMidi and time signatures', () => {
  it('keeps them from any track, and counts those that no bar can have', async () => {
    const signature = (delta: number, numerator: number, power: number) => [
      delta,
      0xff,
      0x58,
      4,
      numerator,
      power,
      24,
      8,
    ]
    const song = await importMidi(
      file(
        header(1, 2, 96),
        chunk('MTrk', [...signature(0, 6, 3), ...endOfTrack]),
        track(signature(96, 7, 4), signature(0, 0, 2), signature(0, 4, 9)),
      ),
    )
    expect(song.data.time_signatures).toEqual([
      { beat: 0, numerator: 6, denominator: 8 },
      { beat: 1, numerator: 7, denominator: 16 },
    ])
    expect(song.ignored).toEqual({ timeSignatureOutOfRange: 2 })
  })
})

describe('writeMidi', () => {
  it('writes what exportMidi gives', async () => {
    const path = join(folder, 'song.mid')
    const song = await importMidi(readSongFile('ultimate_run'))
    const { bytes } = await writeMidi(path, song)
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes)
    await expect(writeMidi(join(folder, 'none', 'song.mid'), song)).rejects.toMatchObject({ code: 'io_error' })
  })
})
