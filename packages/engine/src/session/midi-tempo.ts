import type { ScheduleEvent } from './model.ts'
import { secondsIn, type TempoSegment, tempoSegments } from './tempo.ts'

/** Microseconds of a quarter note from a tick on. */
export interface FileTempo {
  tick: number
  microseconds: number
}

/** Seconds that the steps of a ramp may be away from it. */
const rampError = 1e-4
const slowest = 0xffffff

function microsecondsOf(bpm: number): number {
  return Math.round(60_000_000 / bpm)
}

/**
 * Beats of a step. Within one the constant tempo and the ramp agree at both ends, and between them differ most in the middle,
 * by length² / 8 times the second derivative of time, 60 · slope / tempo².
 */
function stepLength({ bpm, slope }: TempoSegment, beats: number): number {
  const least = Math.min(bpm, bpm + slope * beats)
  return Math.sqrt((8 * rampError * least * least) / (60 * Math.abs(slope)))
}

/** A ramp as steps on ticks. What rounding to microseconds takes from one step is given to the next. */
function rampSteps(
  segment: TempoSegment,
  end: number,
  segments: readonly TempoSegment[],
  ticksPerBeat: number,
): FileTempo[] {
  const [first, last] = [Math.round(segment.beat * ticksPerBeat), Math.round(end * ticksPerBeat)]
  const wanted = Math.ceil((end - segment.beat) / stepLength(segment, end - segment.beat))
  const count = Math.min(wanted, last - first)
  const steps: FileTempo[] = []
  let seconds = secondsIn(segments, first / ticksPerBeat)
  let tick = first
  for (let step = 1; step <= count; step++) {
    const next = first + Math.round(((last - first) * step) / count)
    const beats = (next - tick) / ticksPerBeat
    const microseconds = Math.round(((secondsIn(segments, next / ticksPerBeat) - seconds) * 1e6) / beats)
    steps.push({ tick, microseconds })
    seconds += (microseconds * beats) / 1e6
    tick = next
  }
  return steps
}

/**
 * The tempo of a schedule as a file has it: whole microseconds, in which every tempo that came from a file is exact, and ramps
 * in steps that are never more than 0.1 ms away from them, or one step a tick where that takes more.
 * @param bpm At beat 0; written when it is not a file's own 120 and no event says it.
 * @returns The tempos by tick, and how many were slower than a file can say and became its slowest, 3.58.
 */
export function fileTempos(
  events: readonly ScheduleEvent[],
  bpm: number,
  ticksPerBeat: number,
): { tempos: FileTempo[]; tooSlow: number } {
  const changes = events.filter(({ type }) => type === 'tempo')
  const segments = tempoSegments(events, bpm)
  const tempos: FileTempo[] = []
  if (bpm !== 120 && (changes[0]?.beat ?? 1) > 0) tempos.push({ tick: 0, microseconds: microsecondsOf(bpm) })
  for (const [index, { beat = 0, value = bpm, ramp_beats: length = 0 }] of changes.entries()) {
    const at = Math.max(0, beat)
    const until = changes[index + 1]?.beat ?? Number.POSITIVE_INFINITY
    const end = at + length
    const ramp = segments.findLast((segment) => segment.beat === at && segment.slope !== 0)
    if (length > 0 && ramp && until > at) tempos.push(...rampSteps(ramp, Math.min(end, until), segments, ticksPerBeat))
    if (end < until || length === 0)
      tempos.push({ tick: Math.round(end * ticksPerBeat), microseconds: microsecondsOf(value) })
  }
  const tooSlow = tempos.filter(({ microseconds }) => microseconds > slowest).length
  return {
    tempos: tempos.map(({ tick, microseconds }) => ({ tick, microseconds: Math.min(microseconds, slowest) })),
    tooSlow,
  }
}
