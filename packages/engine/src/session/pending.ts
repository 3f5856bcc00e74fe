// What this package says to commands that its generated protocol does not have yet; all of it in this file.
import type { ScheduleEvent } from './model.ts'

/** What the engine's schedule takes. */
export function engineEvents(events: readonly ScheduleEvent[]): never[] {
  return events.filter(({ type }) => type !== 'time_signature') as never[]
}

/** Requests as `send` takes them. */
export interface LiveRequest {
  cmd: string
  [field: string]: unknown
}

export interface PositionReply {
  beat: number
  playing: boolean
  bpm: number
}
