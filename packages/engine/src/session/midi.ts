import { access, readFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { inspect } from 'node:util'
import { isAnyArrayBuffer } from 'node:util/types'
import { type MidiEvent, parseMidi } from 'midi-file'
import { EngineError, ioError } from '../error.ts'
import type {
  NodeDescription,
  SharedInstrument,
  SongData,
  TempoChange,
  TimeSignature,
  Track,
  TrackEvent,
} from './model.ts'
import { readStructure } from './smf.ts'
import { Song } from './song.ts'

/** What plays an imported song. */
export interface ImportOptions {
  /** Path of a SoundFont (.sf2, .sf3); it is played by `builtin.fluidsynth` unless `instrument` says otherwise. */
  soundfont?: string | undefined
  /** Plugin id of the instrument of all tracks. Default `builtin.synth`. */
  instrument?: string | undefined
  /** Parameters of the instrument by id, such as `gain`; what is left out has its default. */
  params?: NodeDescription['params'] | undefined
}

/** Beats a minute until a file says otherwise. */
const defaultTempo = 120
/** The most beats a minute that an engine plays. The slowest tempo a file can hold, 3.6, is above the least. */
const fastestTempo = 999

/**
 * Reads a Standard MIDI File (format 0 or 1, any number of ticks per quarter note) as a song.
 *
 * Every note, controller, program, bend, pressure and tempo becomes one event at beat = tick / ticks per quarter note,
 * which is never rounded. Events are in order of ticks, then tracks, then as in the track. One `track_source` stands for each
 * track that has channel events: `track_<n>`, n counting all tracks of the file from 1; one instrument plays them all, as
 * the parts of a file share its channels. Time signatures are kept, whichever track they are in. What a song has no place for
 * (system exclusive messages, texts, key signatures, …) is counted in {@link Song.ignored}. A tempo above 999 beats a
 * minute, which no engine plays, becomes 999 and is counted there as `tempoOutOfRange`.
 *
 * The song lasts to its last event ({@link Song.durationBeats}), not to the ends of its tracks: a rest after the last
 * event is left out, and a note that never ends rings no longer than the last event and the tail of the render. Give
 * `durationBeats` to the render for more.
 *
 * @param source Path of a file, or its bytes.
 * @throws EngineError `io_error`; `type_mismatch` for a source that is neither; `invalid_midi` with the byte offset for a
 * file that is truncated or damaged.
 */
export async function importMidi(
  source: string | ArrayBufferLike | ArrayBufferView,
  options: ImportOptions = {},
): Promise<Song> {
  const bytes = typeof source === 'string' ? await read(source) : bytesOf(source)
  const fallbackTitle = typeof source === 'string' ? basename(source, extname(source)) : 'Untitled'
  return readSong(bytes, fallbackTitle, await instrumentFor(options))
}

function bytesOf(source: unknown): Uint8Array {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  if (isAnyArrayBuffer(source)) return new Uint8Array(source)
  const received = inspect(source, { depth: 0, breakLength: Number.POSITIVE_INFINITY }).slice(0, 40)
  throw new EngineError('type_mismatch', `Expected the path or the bytes of a MIDI file but received ${received}`)
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw ioError('read the MIDI file', path, error)
  }
}

/** The instrument of all tracks: the default one, with the SoundFont as the song's, unless another is named. */
async function instrumentFor({ soundfont, instrument, params }: ImportOptions): Promise<Instrument> {
  const path = soundfont === undefined ? undefined : resolve(soundfont)
  if (path !== undefined) {
    await access(path).catch((error: unknown) => {
      throw ioError('read the SoundFont', path, error)
    })
  }
  const given = params && { params: { ...params } }
  if (instrument === undefined)
    return { ...(path !== undefined && { soundfont: path }), shared: { id: instrumentId, ...given } }
  const all = path === undefined ? given : { params: { sf2_path: path, ...params } }
  return { shared: { id: instrumentId, type: instrument, ...all } }
}

interface Instrument {
  soundfont?: string
  shared: SharedInstrument
}

/** What is gathered from a file. */
interface Gathered {
  ticksPerBeat: number
  tempos: Placed<TempoChange>[]
  timeSignatures: Placed<TimeSignature>[]
  tracks: Track[]
  /** Channel events of all tracks, for what runs through them together. */
  events: Placed<TrackEvent>[]
  ignored: Record<string, number>
}

interface Placed<T> {
  tick: number
  value: T
}

/** A stable sort: of one tick the order of tracks, then of the track. */
function inOrder<T>(placed: Placed<T>[]): T[] {
  return placed.sort((a, b) => a.tick - b.tick).map(({ value }) => value)
}

/** The instrument that all tracks of a file play: they share its channels. */
const instrumentId = 'instrument'

function readSong(bytes: Uint8Array, fallbackTitle: string, { shared, soundfont }: Instrument): Song {
  const structure = readStructure(bytes)
  const ignored: Record<string, number> = structure.foreignChunks > 0 ? { foreignChunk: structure.foreignChunks } : {}
  const { ticksPerBeat } = structure
  const gathered: Gathered = { ticksPerBeat, tempos: [], timeSignatures: [], tracks: [], events: [], ignored }
  let title = ''
  for (const [index, events] of parseMidi(structure.bytes).tracks.entries()) {
    const track = readTrack(events, String(index + 1), gathered)
    if (index === 0) title = track.name?.trim() ?? ''
    if (track.events?.length) gathered.tracks.push(track)
  }
  giveBanks(inOrder(gathered.events))
  const tempos = inOrder(gathered.tempos)
  const data: SongData = {
    title: title || fallbackTitle,
    bpm: tempos.find(({ beat }) => beat === 0)?.bpm ?? defaultTempo,
    tempos,
    time_signatures: inOrder(gathered.timeSignatures),
    ...(soundfont !== undefined && { soundfont }),
    instruments: [shared],
    tracks: gathered.tracks,
  }
  return new Song(data, ignored)
}

function readTrack(events: MidiEvent[], id: string, gathered: Gathered): Track {
  const kept: TrackEvent[] = []
  const track: Track = { id, instrument: instrumentId, events: kept }
  let tick = 0
  for (const midi of events) {
    tick += midi.deltaTime
    const beat = tick / gathered.ticksPerBeat
    const event = translate(midi, beat)
    if (event) {
      kept.push(event)
      gathered.events.push({ tick, value: event })
    } else if (midi.type === 'trackName') track.name ??= text(midi.text)
    else readMeta(midi, tick, beat, gathered)
  }
  const [first] = kept
  if (first?.channel) track.channel = first.channel
  return track
}

function readMeta(midi: MidiEvent, tick: number, beat: number, { tempos, timeSignatures, ignored }: Gathered): void {
  const ignore = (name: string) => {
    ignored[name] = (ignored[name] ?? 0) + 1
  }
  if (midi.type === 'setTempo') {
    const bpm = 60_000_000 / midi.microsecondsPerBeat
    if (bpm > fastestTempo) ignore('tempoOutOfRange')
    tempos.push({ tick, value: { beat, bpm: Math.min(bpm, fastestTempo) } })
  } else if (midi.type === 'timeSignature') {
    const { numerator, denominator } = midi
    const value = { beat, numerator, denominator }
    if (isPlayable(value)) timeSignatures.push({ tick, value })
    else ignore('timeSignatureOutOfRange')
  } else if (midi.type !== 'endOfTrack') ignore(midi.type)
}

/** Whether a song has a place for a time signature: a file may say 0/4 or 4/2^255. */
function isPlayable({ numerator, denominator }: TimeSignature): boolean {
  return numerator >= 1 && numerator <= 127 && denominator >= 1 && denominator <= 64
}

/**
 * One event of a file as one event of the schedule; nothing for those that a song has no place for. Whole literals, because
 * spreading a common part costs as much as all the rest of the import.
 */
function translate(midi: MidiEvent, beat: number): TrackEvent | undefined {
  switch (midi.type) {
    case 'noteOn':
      return {
        beat,
        type: 'note_on',
        channel: midi.channel,
        pitch: midi.noteNumber,
        velocity: midi.velocity,
      }
    case 'noteOff':
      return {
        beat,
        type: 'note_off',
        channel: midi.channel,
        pitch: midi.noteNumber,
        velocity: midi.velocity,
      }
    case 'controller':
      return {
        beat,
        type: 'cc',
        channel: midi.channel,
        pitch: midi.controllerType,
        velocity: midi.value,
      }
    case 'programChange':
      return { beat, type: 'program', channel: midi.channel, pitch: midi.programNumber, velocity: 0 }
    case 'pitchBend':
      return { beat, type: 'bend', channel: midi.channel, pitch: midi.value + 8192, velocity: 0 }
    case 'channelAftertouch':
      return { beat, type: 'pressure', channel: midi.channel, velocity: midi.amount }
    case 'noteAftertouch':
      return {
        beat,
        type: 'poly_pressure',
        channel: midi.channel,
        pitch: midi.noteNumber,
        velocity: midi.amount,
      }
    default:
      return undefined
  }
}

const bankSelect = 0
const drumChannel = 9

/**
 * A program of the schedule names its bank, one of a file relies on what was selected before it, perhaps in another track.
 * The bank is controller 0 alone, as SoundFont players count banks; channel 10 stays with its drums.
 */
function giveBanks(events: readonly TrackEvent[]): void {
  const banks = new Array<number>(16).fill(0)
  for (const event of events) {
    const { type, channel = 0, pitch, velocity = 0 } = event
    if (channel === drumChannel) continue
    if (type === 'cc' && pitch === bankSelect) banks[channel] = velocity
    if (type === 'program') event.velocity = banks[channel] ?? 0
  }
}

/** A text of a file, which says nothing about its encoding: UTF-8 if it is valid as such, else Latin-1. */
function text(latin1: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(latin1, 'latin1'))
  } catch {
    return latin1
  }
}
