import { access, readFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { inspect } from 'node:util'
import { isAnyArrayBuffer } from 'node:util/types'
import { type MidiEvent, parseMidi } from 'midi-file'
import { EngineError, ioError } from '../error.ts'
import { readStructure } from './smf.ts'
import { beginsNote, type NodeDescription, type ScheduleEvent, Song, type SongTrack } from './song.ts'

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
 * track that has channel events: `track_<n>`, n counting all tracks of the file from 1. What a song has no place for
 * (system exclusive messages, texts, time signatures, …) is counted in {@link Song.ignored}. A tempo above 999 beats a
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

async function instrumentFor({ soundfont, instrument, params }: ImportOptions): Promise<NodeDescription> {
  if (soundfont === undefined) return { type: instrument ?? 'builtin.synth', ...(params && { params: { ...params } }) }
  const path = resolve(soundfont)
  try {
    await access(path)
  } catch (error) {
    throw ioError('read the SoundFont', path, error)
  }
  return { type: instrument ?? 'builtin.fluidsynth', params: { sf2_path: path, ...params } }
}

interface TrackState {
  track: SongTrack
  used: Set<number>
}

interface PlacedEvent {
  tick: number
  event: ScheduleEvent
}

function readSong(bytes: Uint8Array, fallbackTitle: string, instrument: NodeDescription): Song {
  const structure = readStructure(bytes)
  const { tracks: files } = parseMidi(structure.bytes)
  const placed: PlacedEvent[] = []
  const tracks: SongTrack[] = []
  const ignored: Record<string, number> = structure.foreignChunks > 0 ? { foreignChunk: structure.foreignChunks } : {}
  let title = ''
  files.forEach((events, index) => {
    const state: TrackState = { track: newTrack(index), used: new Set() }
    placeTrack(events, structure.ticksPerBeat, state, placed, ignored)
    const name = events.find(({ type }) => type === 'trackName')
    if (name?.type === 'trackName') state.track.name = text(name.text)
    if (index === 0) title = state.track.name.trim()
    state.track.channels = [...state.used].sort((a, b) => a - b)
    if (state.used.size > 0) tracks.push(state.track)
  })
  // A stable sort: events of one tick keep the order of tracks, then of the track.
  const events = placed.sort((a, b) => a.tick - b.tick).map(({ event }) => event)
  giveBanks(events)
  const first = events.find(({ type, beat }) => type === 'tempo' && beat === 0)
  return new Song({
    title: title || fallbackTitle,
    bpm: first?.value ?? defaultTempo,
    tracks,
    events,
    instrument,
    ignored,
  })
}

function newTrack(index: number): SongTrack {
  return { id: `track_${index + 1}`, name: '', channels: [], noteCount: 0 }
}

function placeTrack(
  events: MidiEvent[],
  ticksPerBeat: number,
  state: TrackState,
  placed: PlacedEvent[],
  ignored: Record<string, number>,
): void {
  let tick = 0
  for (const midi of events) {
    tick += midi.deltaTime
    const event = translate(midi, tick / ticksPerBeat, state.track.id)
    if (event) {
      if (event.value !== undefined && event.value > fastestTempo) {
        event.value = fastestTempo
        ignored.tempoOutOfRange = (ignored.tempoOutOfRange ?? 0) + 1
      }
      placed.push({ tick, event })
      if (event.channel !== undefined) state.used.add(event.channel)
      if (beginsNote(event)) state.track.noteCount++
    } else if (midi.type !== 'endOfTrack' && midi.type !== 'trackName') {
      ignored[midi.type] = (ignored[midi.type] ?? 0) + 1
    }
  }
}

/**
 * One event of a file as one event of the schedule; nothing for those that a song has no place for. Whole literals, because
 * spreading a common part costs as much as all the rest of the import.
 */
function translate(midi: MidiEvent, beat: number, node: string): ScheduleEvent | undefined {
  switch (midi.type) {
    case 'noteOn':
      return {
        beat,
        node_id: node,
        type: 'note_on',
        channel: midi.channel,
        pitch: midi.noteNumber,
        velocity: midi.velocity,
      }
    case 'noteOff':
      return {
        beat,
        node_id: node,
        type: 'note_off',
        channel: midi.channel,
        pitch: midi.noteNumber,
        velocity: midi.velocity,
      }
    case 'controller':
      return {
        beat,
        node_id: node,
        type: 'cc',
        channel: midi.channel,
        pitch: midi.controllerType,
        velocity: midi.value,
      }
    case 'programChange':
      return { beat, node_id: node, type: 'program', channel: midi.channel, pitch: midi.programNumber, velocity: 0 }
    case 'pitchBend':
      return { beat, node_id: node, type: 'bend', channel: midi.channel, pitch: midi.value + 8192, velocity: 0 }
    case 'channelAftertouch':
      return { beat, node_id: node, type: 'pressure', channel: midi.channel, velocity: midi.amount }
    case 'noteAftertouch':
      return {
        beat,
        node_id: node,
        type: 'poly_pressure',
        channel: midi.channel,
        pitch: midi.noteNumber,
        velocity: midi.amount,
      }
    case 'setTempo':
      return { beat, type: 'tempo', value: 60_000_000 / midi.microsecondsPerBeat }
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
function giveBanks(events: ScheduleEvent[]): void {
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
