import { writeFile } from 'node:fs/promises'
import { EngineError, ioError } from '../error.ts'
import { fileTempos } from './midi-tempo.ts'
import type { ScheduleEvent, SongData } from './model.ts'
import { fileOf, meta, TrackWriter } from './smf-writer.ts'
import { Song, type TrackSummary } from './song.ts'
import { chooseDivision, type Division, divisionOf, mostTicksPerBeat } from './ticks.ts'

/** How a song is written as a Standard MIDI File. */
export interface ExportOptions {
  /** Of a quarter note, 1..32767; `exact` finds a number that puts every event on a tick. Default `exact`. */
  ticksPerBeat?: number | 'exact' | undefined
  /** 1 has a track for each of the song's, 0 one for all. Default 1. */
  format?: 0 | 1 | undefined
}

/** A song as a Standard MIDI File. */
export interface MidiExport {
  bytes: Uint8Array
  ticksPerBeat: number
  /** How far the most moved event is from its beat, in beats; below 1e-9 is only what numbers round. */
  maxErrorBeats: number
  /**
   * What a file has no place for, by name, how many: `param` and `control` events, events for nodes that are no tracks
   * (`noTrack`), banks above 127 (`bank`), tempos below 3.58 (`tempoOutOfRange`), the `title` when track 1 has another name.
   */
  leftOut: Record<string, number>
}

const conductorMeta = { name: 0x03, tempo: 0x51, timeSignature: 0x58 }
const drumChannel = 9
const greatestBank = 127
const longestText = 65_535

/** Writes the channel events of a song into its tracks, and counts what it cannot write. */
class EventWriter {
  readonly leftOut: Record<string, number> = {}
  /** The bank that a reader of the file takes each channel's next program from. */
  readonly #banks = new Array<number>(16).fill(0)

  leave(name: string, count = 1): void {
    if (count > 0) this.leftOut[name] = (this.leftOut[name] ?? 0) + count
  }

  /** The messages of an event; none for what a file has no place for. */
  messages(event: ScheduleEvent): number[][] {
    const { type, channel = 0, pitch, velocity } = event
    switch (type) {
      case 'note_on':
        return [[0x90 + channel, pitch ?? 60, velocity ?? 100]]
      case 'note_off':
        return [[0x80 + channel, pitch ?? 60, velocity ?? 0]]
      case 'poly_pressure':
        return [[0xa0 + channel, pitch ?? 60, velocity ?? 0]]
      case 'cc':
        if (pitch === 0 && channel !== drumChannel) this.#banks[channel] = velocity ?? 0
        return [[0xb0 + channel, pitch ?? 0, velocity ?? 0]]
      case 'volume':
        return [[0xb0 + channel, 7, pitch ?? 0]]
      case 'program':
        return [...this.#bankSelect(channel, velocity ?? 0), [0xc0 + channel, pitch ?? 0]]
      case 'pressure':
        return [[0xd0 + channel, velocity ?? pitch ?? 0]]
      case 'bend': {
        const value = (pitch ?? 0) > 127 ? (pitch ?? 0) : (pitch ?? 0) + 128 * (velocity ?? 0)
        return [[0xe0 + channel, value & 127, value >> 7]]
      }
      default:
        this.leave(type)
        return []
    }
  }

  /** Controller 0, where the bank is not the one selected already. Channel 10 has its drums whatever the bank. */
  #bankSelect(channel: number, bank: number): number[][] {
    if (channel === drumChannel || bank === this.#banks[channel]) return []
    if (bank > greatestBank) {
      this.leave('bank')
      return []
    }
    this.#banks[channel] = bank
    return [[0xb0 + channel, 0, bank]]
  }
}

/** The place of each track in the file, from 0: what its id says where it was read from a file, so that ids come back. */
function placesOf(tracks: readonly TrackSummary[]): number[] {
  const numbers = tracks.map(({ id }) => Number(/^track_([1-9]\d{0,4})$/.exec(id)?.[1] ?? Number.NaN))
  const ascending = numbers.every((number, index) => number > (numbers[index - 1] ?? 0))
  const last = numbers.at(-1) ?? 0
  // Gaps are tracks without events; a song that only happens to have numbers shall not become a file full of them.
  if (ascending && last <= 2 * tracks.length + 16) return numbers.map((number) => number - 1)
  return tracks.map((_, index) => index + 1)
}

function nameMeta(name: string): number[] {
  const bytes = new TextEncoder().encode(name)
  if (bytes.length > longestText) {
    throw new EngineError(
      'out_of_range',
      `Expected a name of at most ${longestText} bytes but received ${bytes.length}`,
    )
  }
  return meta(conductorMeta.name, bytes)
}

interface Message {
  tick: number
  bytes: number[]
}

/** Tempos and time signatures, by tick. */
function conductorMessages(song: Song, ticksPerBeat: number, writer: EventWriter): Message[] {
  const { tempos, tooSlow } = fileTempos(song.events, song.graph.bpm ?? 120, ticksPerBeat)
  writer.leave('tempoOutOfRange', tooSlow)
  const messages = tempos.map(({ tick, microseconds }) => ({
    tick,
    bytes: meta(conductorMeta.tempo, [microseconds >> 16, (microseconds >> 8) & 255, microseconds & 255]),
  }))
  for (const { type, beat = 0, pitch = 4, velocity = 4 } of song.events) {
    if (type !== 'time_signature') continue
    // One click of the metronome per beat of the bar, in 24ths of a quarter note; 8 thirty-seconds are a quarter note.
    const clocks = Math.max(1, 96 / velocity)
    const bytes = meta(conductorMeta.timeSignature, [pitch, Math.log2(velocity), clocks, 8])
    messages.push({ tick: Math.round(Math.max(0, beat) * ticksPerBeat), bytes })
  }
  return messages.sort((a, b) => a.tick - b.tick)
}

/** The messages of every track, first those of the conductor. */
function tracksOf(song: Song, division: Division, format: 0 | 1, writer: EventWriter): Message[][] {
  const tracks = song.data.tracks || song.data.graph ? song.tracks : []
  const places = format === 0 ? tracks.map(() => 0) : placesOf(tracks)
  const files = Array.from({ length: Math.max(0, ...places) + 1 }, (): Message[] => [])
  const names = new Map(format === 0 ? [] : places.map((place, index) => [place, tracks[index]?.name ?? '']))
  const { title } = song.data
  const first = names.get(0)
  if (first === undefined) names.set(0, title ?? '')
  else if (title !== undefined && first.trim() !== title) writer.leave('title')
  for (const [place, name] of names) if (name) files[place]?.push({ tick: 0, bytes: nameMeta(name) })
  files[0]?.push(...conductorMessages(song, division.ticksPerBeat, writer))
  const placeOf = new Map(tracks.map(({ id }, index) => [id, places[index] ?? 0]))
  for (const event of song.events) {
    const { type, beat = 0, node_id = '' } = event
    if (type === 'tempo' || type === 'time_signature') continue
    const place = placeOf.get(node_id)
    if (place === undefined) {
      writer.leave(type === 'param' || type === 'control' ? type : 'noTrack')
      continue
    }
    const tick = Math.round(Math.max(0, beat) * division.ticksPerBeat)
    for (const bytes of writer.messages(event)) files[place]?.push({ tick, bytes })
  }
  return files
}

function divisionFor(song: Song, ticksPerBeat: number | 'exact'): Division {
  const beats = song.events.flatMap(({ type, beat = 0, ramp_beats = 0 }) => {
    if (type === 'param' || type === 'control' || beat <= 0)
      return ramp_beats > 0 && type === 'tempo' ? [ramp_beats] : []
    return ramp_beats > 0 ? [beat, beat + ramp_beats] : [beat]
  })
  if (ticksPerBeat === 'exact') return chooseDivision(beats)
  if (!Number.isInteger(ticksPerBeat) || ticksPerBeat < 1 || ticksPerBeat > mostTicksPerBeat) {
    throw new EngineError(
      'out_of_range',
      `Expected ticksPerBeat to be 'exact' or a whole number from 1 to ${mostTicksPerBeat} but received ${ticksPerBeat}`,
    )
  }
  return divisionOf(beats, ticksPerBeat)
}

/**
 * Writes a song as a Standard MIDI File. Pure.
 *
 * Every event of its tracks is kept, and what `importMidi` reads comes back as it was: notes with both velocities, programs,
 * controllers, bends in 14 bits, pressures, tempos, time signatures, names, and ids of tracks that are numbers. A program
 * in another bank than the one selected brings the controller 0 that selects it. Tempo ramps become steps that are never more
 * than 0.1 ms away from them. With format 0 events keep their channels but not their tracks.
 * @throws EngineError `invalid_song`, `out_of_range`
 */
export function exportMidi(song: Song | SongData, options: ExportOptions = {}): MidiExport {
  const { ticksPerBeat = 'exact', format = 1 } = options
  if (format !== 0 && format !== 1) {
    throw new EngineError('out_of_range', `Expected format 0 or 1 but received ${format}`)
  }
  const whole = song instanceof Song ? song : new Song(song)
  const division = divisionFor(whole, ticksPerBeat)
  const writer = new EventWriter()
  const tracks = tracksOf(whole, division, format, writer).map((messages) => {
    const track = new TrackWriter()
    // A stable sort: names and the conductor's messages stay in front of the events of their tick.
    for (const { tick, bytes } of messages.sort((a, b) => a.tick - b.tick)) track.put(tick, bytes)
    return track
  })
  return { bytes: fileOf(format, division.ticksPerBeat, tracks), ...division, leftOut: writer.leftOut }
}

/**
 * Writes a song into a Standard MIDI File, as {@link exportMidi} does.
 * @throws EngineError `io_error`, and what {@link exportMidi} throws.
 */
export async function writeMidi(path: string, song: Song | SongData, options?: ExportOptions): Promise<MidiExport> {
  const exported = exportMidi(song, options)
  try {
    await writeFile(path, exported.bytes)
  } catch (error) {
    throw ioError('write the MIDI file', path, error)
  }
  return exported
}
