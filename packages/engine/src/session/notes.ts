import { refuse } from './fault.ts'
import type { BendPoint, ScheduleEvent, Track } from './model.ts'
import type { PlacedNote } from './pattern.ts'

const bendCentre = 8192
/** Semitones that a bend may jump: five cents, about what a listener can tell apart. */
const bendStep = 0.05
const defaultBendRange = 2
/** Beats by which a note may begin before the one it follows ends: what adding beats rounds off. */
const overlap = 1e-9

/** A channel that notes are given to. */
interface Lane {
  channel: number
  /** The beat at which its last note ends. */
  freeAt: number
  /** The beat at which its last bent note ends. */
  bentUntil: number
  /** Where its wheel stands, 0..16383. */
  wheel: number
}

/** A track's channels in use: the one it plays on, then those that bent notes may take. */
export function channelsOf(track: Track): number[] {
  return [...new Set([channelOf(track), ...(track.bend_channels ?? [])])]
}

/** The channel that a track plays on. */
export function channelOf(track: Track): number {
  return track.channel ?? (track.kit === undefined ? 0 : 9)
}

/** Turns the notes of one track into events, and gives bent notes channels on which they bend nothing else. */
class NoteWriter {
  readonly #node: string
  readonly #range: number
  readonly #lanes: Lane[]
  readonly #bendLanes: Lane[]
  readonly #events: ScheduleEvent[] = []

  constructor(track: Track, node: string) {
    this.#node = node
    this.#range = track.bend_range ?? defaultBendRange
    this.#lanes = channelsOf(track).map((channel) => ({ channel, freeAt: 0, bentUntil: 0, wheel: bendCentre }))
    const taken = track.bend_channels ?? [channelOf(track)]
    this.#bendLanes = this.#lanes.filter(({ channel }) => taken.includes(channel))
  }

  add(note: PlacedNote): void {
    const bent = note.bend.length > 0
    const lane = bent ? this.#bendLanes.find(({ freeAt }) => freeAt <= note.beat + overlap) : this.#lanes[0]
    if (!lane || (!bent && lane.bentUntil > note.beat + overlap)) {
      refuse(
        note.path,
        `A bend moves all that its channel plays, and at beat ${note.beat} the track has no channel to itself for this note; ` +
          'expected no other note beside a bent one, or more bend_channels',
      )
    }
    lane.freeAt = Math.max(lane.freeAt, note.end)
    if (bent) lane.bentUntil = note.end
    this.#wheel(lane, note.beat, bendCentre)
    if (bent) this.#bend(lane, note)
    const { pitch, velocity, releaseVelocity } = note
    this.#put({ beat: note.beat, type: 'note_on', channel: lane.channel, pitch, velocity })
    this.#put({ beat: note.end, type: 'note_off', channel: lane.channel, pitch, velocity: releaseVelocity })
  }

  /** By beat. The sort is stable: what ends at a beat was put before what begins there, as notes come by their beat. */
  finish(): ScheduleEvent[] {
    return this.#events.sort((a, b) => (a.beat ?? 0) - (b.beat ?? 0))
  }

  #put(event: ScheduleEvent): void {
    this.#events.push({ node_id: this.#node, ...event })
  }

  #wheel(lane: Lane, beat: number, value: number): void {
    if (lane.wheel === value) return
    lane.wheel = value
    this.#put({ beat, type: 'bend', channel: lane.channel, pitch: value, velocity: 0 })
  }

  #valueOf(semitones: number): number {
    return Math.min(16383, bendCentre + Math.round((semitones / this.#range) * bendCentre))
  }

  #bend(lane: Lane, note: PlacedNote): void {
    let from: BendPoint | undefined
    for (const [index, point] of note.bend.entries()) {
      if (Math.abs(point.semitones) > this.#range) {
        refuse(
          note.path,
          `Expected bends of at most the track's bend_range, ${this.#range}, but received ${point.semitones}`,
        )
      }
      if (from && point.beat < from.beat)
        refuse(note.path, `Expected bend points in order, but point ${index} is earlier`)
      const { beat, semitones } = from ?? { beat: point.beat, semitones: point.semitones }
      const steps = Math.max(1, Math.ceil(Math.abs(point.semitones - semitones) / bendStep))
      for (let step = 1; step <= steps; step++) {
        const part = step / steps
        const at = note.beat + beat + (point.beat - beat) * part
        if (at >= note.end) return
        this.#wheel(lane, at, this.#valueOf(semitones + (point.semitones - semitones) * part))
      }
      from = point
    }
  }
}

/**
 * The notes of a track as events: on, off, and the pitch wheel of bent notes in steps of at most five cents. Pure.
 * @param notes By beat.
 * @param node Id of the track's `track_source`.
 * @throws EngineError `invalid_song` for a bend beyond the range, or beside a note of the same channel.
 */
export function noteEvents(track: Track, notes: readonly PlacedNote[], node: string): ScheduleEvent[] {
  const writer = new NoteWriter(track, node)
  for (const note of notes) writer.add(note)
  return writer.finish()
}

/** Program, bank and bend range of a track at beat 0, on all its channels. */
export function setUpEvents(track: Track, node: string): ScheduleEvent[] {
  const { program, bank = 0, bend_range: range } = track
  const cc = (channel: number, pitch: number, velocity: number): ScheduleEvent => ({
    beat: 0,
    node_id: node,
    type: 'cc',
    channel,
    pitch,
    velocity,
  })
  return channelsOf(track).flatMap((channel) => {
    const events: ScheduleEvent[] = []
    if (program !== undefined) {
      events.push({ beat: 0, node_id: node, type: 'program', channel, pitch: program, velocity: bank })
    }
    // Registered parameter 0 is the range of the wheel: 101 and 100 choose it, 6 and 38 set semitones and cents.
    if (range !== undefined)
      events.push(cc(channel, 101, 0), cc(channel, 100, 0), cc(channel, 6, range), cc(channel, 38, 0))
    return events
  })
}
