import type { ScheduleEvent } from './model.ts'

/** What the engine's schedule takes. Everything that waits for a command of the engine is in this file. */
export function engineEvents(events: readonly ScheduleEvent[]): never[] {
  return events.filter(({ type }) => type !== 'time_signature') as never[]
}
