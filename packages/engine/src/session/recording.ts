import { EngineError } from '../error.ts'
import type { Note, Pattern, ScheduleEvent, TrackEvent } from './model.ts'

/** How a recording becomes a pattern. */
export interface RecordingOptions {
  /** Of the pattern. */
  id: string
  /** The beat of the song where the pattern begins; what was played before it is left out. Default 0. */
  from?: number
  /** Beats of the pattern; what was played after it is left out. Default: to the end of the last note, in whole beats. */
  length?: number
  /** Puts the beginnings of notes on multiples of so many beats; their lengths stay. Default: as played. */
  quantise?: number
  /** Only what was played to this node. Default: all. */
  nodeId?: string
  /** Only what was played on this channel. Default: all. */
  channel?: number
}

/** What was played, in the song model's terms. */
export interface Recorded {
  /** The notes. Place it at the beat it begins. */
  pattern: Pattern
  /** Pedals, wheels, pressure and programs, for the track's `events`: in beats of the song. */
  events: TrackEvent[]
}

/** A note that sounds for less than this in beats, as one that was put in while the transport stood, lasts this long. */
const shortestNote = 1 / 64

/** The notes of a recording, each with its end, by the beat they begin. */
function pairs(events: readonly ScheduleEvent[]): { note: Note; start: number }[] {
  const sounding = new Map<string, Note[]>()
  const out: { note: Note; start: number }[] = []
  for (const { type, beat = 0, node_id = '', channel = 0, pitch = 60, velocity = 0 } of events) {
    const key = `${channel} ${pitch} ${node_id}`
    if (type === 'note_on') {
      const note: Note = { beat, length: shortestNote, pitch, velocity }
      sounding.set(key, [...(sounding.get(key) ?? []), note])
      out.push({ note, start: beat })
    } else if (type === 'note_off') {
      const note = sounding.get(key)?.shift()
      if (!note) continue
      note.length = Math.max(beat - note.beat, shortestNote)
      if (velocity > 0) note.release_velocity = velocity
    }
  }
  return out
}

/**
 * Makes a pattern of what `stopRecording` gave. Pure.
 * @throws EngineError `out_of_range` for a grid or length that is not above 0.
 */
export function recordedPattern(events: readonly ScheduleEvent[], options: RecordingOptions): Recorded {
  const { id, from = 0, length, quantise, nodeId, channel } = options
  for (const [name, value] of Object.entries({ length, quantise }))
    if (value !== undefined && !(value > 0))
      throw new EngineError('out_of_range', `Expected ${name} above 0 but received ${value}`)
  const mine = events.filter(
    (event) =>
      (nodeId === undefined || event.node_id === nodeId) && (channel === undefined || (event.channel ?? 0) === channel),
  )
  const played = pairs(mine).filter(({ start }) => start >= from && (length === undefined || start < from + length))
  const whole =
    length ?? Math.max(1, Math.ceil(Math.max(0, ...played.map(({ note }) => note.beat + note.length - from))))
  const place = (beat: number) => (quantise ? (Math.round(beat / quantise) * quantise) % whole : beat) // the end is the start
  const notes = played
    .map(({ note, start }) => ({ ...note, beat: place(start - from) }))
    .sort((a, b) => a.beat - b.beat)
  return { pattern: { id, length: whole, notes }, events: mine.filter(isTrackEvent).map(withoutNode) }
}

function isTrackEvent(event: ScheduleEvent): event is ScheduleEvent & TrackEvent {
  return !['note_on', 'note_off', 'tempo', 'time_signature', 'param'].includes(event.type) && event.beat !== undefined
}

function withoutNode({ node_id: _, ramp_beats: __, param_id: ___, value: ____, ...event }: ScheduleEvent & TrackEvent) {
  return event
}
