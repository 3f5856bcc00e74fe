import type { ScheduleEvent } from './model.ts'

/** A stretch of the song in which the tempo is constant or a straight line over beats. */
export interface TempoSegment {
  beat: number
  /** Seconds from the start of the song. */
  seconds: number
  /** At its beginning. */
  bpm: number
  /** How the tempo changes, in beats a minute per beat. */
  slope: number
}

/** Seconds that beats take from a tempo on: the integral of 60 / (bpm + slope · x). */
function secondsOver(beats: number, bpm: number, slope: number): number {
  return slope === 0 ? (beats * 60) / bpm : (60 / slope) * Math.log1p((slope * beats) / bpm)
}

function endOf(segment: TempoSegment, beat: number, slope: number, bpm?: number): TempoSegment {
  const beats = beat - segment.beat
  return {
    beat,
    seconds: segment.seconds + secondsOver(beats, segment.bpm, segment.slope),
    bpm: bpm ?? segment.bpm + segment.slope * beats,
    slope,
  }
}

/** The tempo of a song as stretches, the first at beat 0. Events in any order; of two on one beat the later given rules. */
export function tempoSegments(events: readonly ScheduleEvent[], bpm: number): TempoSegment[] {
  const changes = events.filter(({ type }) => type === 'tempo').sort((a, b) => (a.beat ?? 0) - (b.beat ?? 0))
  const segments: TempoSegment[] = [{ beat: 0, seconds: 0, bpm, slope: 0 }]
  /** Where the ramp that is under way ends. */
  let target: { beat: number; bpm: number } | undefined
  const last = () => segments[segments.length - 1] as TempoSegment
  const finishRamp = (until: number) => {
    if (target && target.beat <= until) segments.push(endOf(last(), target.beat, 0, target.bpm))
    if (target && target.beat <= until) target = undefined
  }
  for (const { beat = 0, value = 0, ramp_beats: length = 0 } of changes) {
    const at = Math.max(0, beat)
    finishRamp(at)
    const now = endOf(last(), at, 0)
    target = length > 0 ? { beat: at + length, bpm: value } : undefined
    segments.push(target ? { ...now, slope: (value - now.bpm) / length } : { ...now, bpm: value })
  }
  finishRamp(Number.POSITIVE_INFINITY)
  return segments
}

/** Seconds from the start to a beat. @param segments As {@link tempoSegments} gives them. */
export function secondsIn(segments: readonly TempoSegment[], beat: number): number {
  const segment = segments.findLast((candidate) => candidate.beat <= beat) ?? (segments[0] as TempoSegment)
  return segment.seconds + secondsOver(beat - segment.beat, segment.bpm, segment.slope)
}

/** Seconds from the start to a beat, through the tempo events of a schedule in any order. */
export function secondsAt(beat: number, events: readonly ScheduleEvent[], bpm: number): number {
  return secondsIn(tempoSegments(events, bpm), beat)
}
