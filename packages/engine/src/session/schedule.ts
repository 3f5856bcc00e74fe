import { paramAddress, trackNode, tracksOf } from './graph.ts'
import type { Automation, ScheduleEvent, SongData } from './model.ts'
import { noteEvents, setUpEvents } from './notes.ts'
import { type PatternTable, placedNotes } from './pattern.ts'

/** A lane as `param` events: a step, or a line that begins at the point before. */
function laneEvents(song: SongData, lane: Automation): ScheduleEvent[] {
  const { node, track, param, points } = lane
  const address = track === undefined ? { node_id: node ?? '', param_id: param } : paramAddress(song, track, param)
  return points.map(({ beat, value, curve = 'linear' }, index) => {
    const from = points[index - 1]
    const event: ScheduleEvent = { beat, type: 'param', ...address, value }
    if (!from || curve === 'step' || from.beat === beat) return event
    return { ...event, beat: from.beat, ramp_beats: beat - from.beat }
  })
}

function tempoEvents({ tempos = [] }: SongData): ScheduleEvent[] {
  return tempos.map(({ beat, bpm, ramp_beats }) =>
    ramp_beats ? { beat, type: 'tempo', value: bpm, ramp_beats } : { beat, type: 'tempo', value: bpm },
  )
}

function timeSignatureEvents({ time_signatures: signatures = [] }: SongData): ScheduleEvent[] {
  return signatures.map(({ beat, numerator, denominator }) => ({
    beat,
    type: 'time_signature',
    pitch: numerator,
    velocity: denominator,
  }))
}

/** The patterns of a song by id. */
export function patternTable({ patterns = [] }: SongData): PatternTable {
  return new Map(patterns.map((pattern, index) => [pattern.id, { pattern, index }]))
}

/** Set-up events, below beat 0, are all equal: they keep their order. */
function timeOf({ beat = 0 }: ScheduleEvent): number {
  return beat < 0 ? -1 : beat
}

/** {@link songSchedule} of a song that was checked. */
export function scheduleOf(song: SongData): ScheduleEvent[] {
  const patterns = patternTable(song)
  const events = [...tempoEvents(song), ...timeSignatureEvents(song)]
  for (const [index, track] of tracksOf(song).entries()) {
    const node = trackNode(track.id)
    for (const event of setUpEvents(track, node)) events.push(event)
    for (const event of track.events ?? []) events.push({ node_id: node, ...event })
    for (const event of noteEvents(track, placedNotes(track, patterns, `/tracks/${index}`), node)) events.push(event)
  }
  for (const lane of song.automation ?? []) for (const event of laneEvents(song, lane)) events.push(event)
  for (const event of song.events ?? []) events.push(event)
  return events.sort((a, b) => timeOf(a) - timeOf(b))
}

/** Beats from the start to the end of the last event, whatever its type; 0 without events. What `render` plays when no length is given. */
export function durationInBeats(events: readonly ScheduleEvent[]): number {
  return events.reduce((last, { beat = 0, ramp_beats = 0 }) => Math.max(last, beat + ramp_beats), 0)
}

/** True for an event that begins a note. A note_on with velocity 0 ends one. */
export function beginsNote(event: Pick<ScheduleEvent, 'type' | 'velocity'>): boolean {
  return event.type === 'note_on' && event.velocity !== 0
}
