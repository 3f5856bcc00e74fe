/** The most ticks a quarter note that a Standard MIDI File can declare. */
export const mostTicksPerBeat = 32_767
/** For songs that no division fits exactly: fine, and divided by what music divides beats by. */
const finestTicksPerBeat = 15_360
/** Divisions are multiples of what the beats need, from here on: the number most programs expect. */
const usualTicksPerBeat = 480

/** A division of the beat, and how far it moves the event that it moves most. */
export interface Division {
  ticksPerBeat: number
  /** In beats. */
  maxErrorBeats: number
}

/**
 * How far a beat may be from a tick to count as on it. Two fractions with denominators up to 32,767 are 9e-10 apart at
 * least, so a beat read from a file is never taken for another; late beats are rounded to more than that themselves.
 */
function tolerance(beat: number): number {
  return Math.max(1e-10, beat * 4e-16)
}

function errorOf(beat: number, ticksPerBeat: number): number {
  return Math.abs(Math.round(beat * ticksPerBeat) / ticksPerBeat - beat)
}

function greatestCommonDivisor(a: number, b: number): number {
  let [left, right] = [a, b]
  while (right > 0) [left, right] = [right, left % right]
  return left
}

/** The smallest division with a tick on the beat: the denominators of its continued fraction, in turn. */
function smallestDivision(beat: number): number | undefined {
  let [before, denominator] = [0, 1]
  let rest = beat - Math.floor(beat)
  while (denominator <= mostTicksPerBeat) {
    if (errorOf(beat, denominator) <= tolerance(beat)) return denominator
    if (rest === 0) return undefined
    const whole = Math.floor(1 / rest)
    rest = 1 / rest - whole
    ;[before, denominator] = [denominator, whole * denominator + before]
  }
  return undefined
}

/** The smallest division on whose ticks all beats are, if a file can declare it. */
function exactDivision(beats: Iterable<number>): number | undefined {
  let division = 1
  for (const beat of beats) {
    if (errorOf(beat, division) <= tolerance(beat)) continue
    const needed = smallestDivision(beat)
    if (needed === undefined) return undefined
    division *= needed / greatestCommonDivisor(division, needed)
    if (division > mostTicksPerBeat) return undefined
  }
  return division
}

/** The division given and what it costs. */
export function divisionOf(beats: readonly number[], ticksPerBeat: number): Division {
  const maxErrorBeats = beats.reduce((worst, beat) => Math.max(worst, errorOf(beat, ticksPerBeat)), 0)
  return { ticksPerBeat, maxErrorBeats }
}

/**
 * The division that suits some beats: one that puts all of them on ticks, at least 480 if it can be, else 15,360.
 * @param beats Not below 0.
 */
export function chooseDivision(beats: readonly number[]): Division {
  const exact = exactDivision(beats)
  if (exact === undefined) return divisionOf(beats, finestTicksPerBeat)
  const usual = exact * Math.ceil(usualTicksPerBeat / exact)
  return divisionOf(beats, usual <= mostTicksPerBeat ? usual : exact)
}
