// Small sessions that tests render.
import type { Graph, ScheduleEvent } from '../../src/index.ts'

/** Notes of one track, each `length` beats long. */
export function notes(pitches: number[], step = 1, length = 0.5): ScheduleEvent[] {
  return pitches.flatMap((pitch, index) => [
    { beat: index * step, type: 'note_on' as const, node_id: 'track', pitch, velocity: 100 },
    { beat: index * step + length, type: 'note_off' as const, node_id: 'track', pitch, velocity: 0 },
  ])
}

/** One track through one instrument. */
export function sessionOf(
  instrument: string,
  events: ScheduleEvent[],
  bpm = 120,
): { graph: Graph; events: ScheduleEvent[] } {
  const graph: Graph = {
    bpm,
    nodes: [
      { id: 'track', type: 'track_source' },
      { id: 'instrument', type: instrument },
      { id: 'mixer', type: 'mixer' },
    ],
    connections: [
      { from_node: 'track', from_port: 'events_out', to_node: 'instrument', to_port: 'events_in' },
      { from_node: 'instrument', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
    ],
  }
  return { graph, events }
}

/** A session of some minutes: an arpeggio of eighths. */
export function longSession(minutes: number, instrument = 'builtin.sine') {
  const count = minutes * 240
  return sessionOf(
    instrument,
    notes(
      Array.from({ length: count }, (_, index) => 48 + ((index * 7) % 24)),
      0.5,
      0.4,
    ),
  )
}
