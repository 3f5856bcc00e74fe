import { nearestHint } from '../nearest.ts'
import { refuse } from './fault.ts'
import { generalMidiKit } from './kit.ts'
import type { BendPoint, DrumKit, Note, Pattern, Placement, StepGrid, StepRow, Track } from './model.ts'

/** A note in the beats of the song, and where in the song data it comes from. */
export interface PlacedNote {
  beat: number
  end: number
  pitch: number
  velocity: number
  releaseVelocity: number
  bend: readonly BendPoint[]
  path: string
}

const defaultVelocity = 100
const velocityOfStep: Readonly<Record<string, number>> = { x: 100, X: 127, o: 64, '.': 0 }

/** The velocity of each step, 0 for a rest. */
function velocities(row: StepRow): number[] {
  if (typeof row !== 'string') return row
  return [...row].flatMap((step) => velocityOfStep[step] ?? [])
}

function gridLength(grid: StepGrid, path: string): number {
  let steps: number | undefined
  for (const [name, row] of Object.entries(grid.rows)) {
    const { length } = velocities(row)
    if (steps !== undefined && length !== steps) {
      refuse(`${path}/rows/${name}`, `Expected ${steps} steps, as the rows before have, but received ${length}`)
    }
    steps = length
  }
  if (!steps) refuse(`${path}/rows`, 'Expected at least one row with at least one step')
  return steps / grid.steps_per_beat
}

/**
 * Beats until a pattern repeats.
 * @param path JSON Pointer to the pattern.
 * @throws EngineError `invalid_song` for a pattern without length, or with notes beyond it.
 */
export function patternLength(pattern: Pattern, path: string): number {
  const ofGrid = pattern.grid && gridLength(pattern.grid, `${path}/grid`)
  const ofNotes = (pattern.notes ?? []).reduce((end, note) => Math.max(end, note.beat + note.length), 0)
  const length = pattern.length ?? ofGrid ?? ofNotes
  if (length === 0) refuse(path, 'Expected notes, a grid or a length, but the pattern has none')
  if (ofGrid !== undefined && ofGrid > length) {
    refuse(`${path}/length`, `Expected a length of at least the grid's ${ofGrid} beats but received ${length}`)
  }
  const late = (pattern.notes ?? []).findIndex((note) => note.beat >= length)
  if (late >= 0) refuse(`${path}/notes/${late}/beat`, `Expected a beat before the end of the pattern, ${length}`)
  return length
}

/** The keys that a track's rows mean; undefined for a track without a kit. */
function kitOf(track: Track): Readonly<DrumKit> | undefined {
  return track.kit === 'gm' ? generalMidiKit : track.kit
}

/** The steps of a grid as notes: the first of a pair lasts `swing` of it, the second the rest. */
function gridNotes(grid: StepGrid, kit: Readonly<DrumKit> | undefined, path: string): Note[] {
  const { steps_per_beat: perBeat, swing = 0.5 } = grid
  return Object.entries(grid.rows).flatMap(([name, row]) => {
    if (!kit)
      refuse(`${path}/rows/${name}`, 'Expected the track to have a kit, which says what the rows of a grid mean')
    const pitch = Object.hasOwn(kit, name) ? kit[name] : undefined
    if (pitch === undefined) {
      refuse(`${path}/rows/${name}`, `The kit has no drum '${name}'${nearestHint(name, Object.keys(kit))}`)
    }
    return velocities(row).flatMap((velocity, step) => {
      if (velocity === 0) return []
      const second = step % 2 === 1
      const beat = (step - (second ? 1 : 0) + (second ? 2 * swing : 0)) / perBeat
      return [{ beat, length: (2 * (second ? 1 - swing : swing)) / perBeat, pitch, velocity }]
    })
  })
}

function place(note: Note, from: number, transpose: number, cut: number, path: string): PlacedNote | undefined {
  const beat = from + note.beat
  if (beat >= cut) return undefined
  const pitch = note.pitch + transpose
  if (pitch < 0 || pitch > 127) {
    refuse(
      `${path}/transpose`,
      `Expected keys between 0 and 127 but ${note.pitch} and ${transpose} semitones are ${pitch}`,
    )
  }
  return {
    beat,
    end: Math.min(beat + note.length, cut),
    pitch,
    velocity: note.velocity ?? defaultVelocity,
    releaseVelocity: note.release_velocity ?? 0,
    bend: note.bend ?? [],
    path,
  }
}

/** The patterns of a song by id, each with its index. */
export type PatternTable = ReadonlyMap<string, { pattern: Pattern; index: number }>

function placementNotes(placement: Placement, path: string, track: Track, patterns: PatternTable): PlacedNote[] {
  const found = patterns.get(placement.pattern)
  if (!found) {
    const hint = nearestHint(placement.pattern, patterns.keys())
    refuse(`${path}/pattern`, `There is no pattern '${placement.pattern}'${hint}`)
  }
  const { pattern, index } = found
  const step = patternLength(pattern, `/patterns/${index}`)
  const notes = [...(pattern.notes ?? [])]
  for (const note of pattern.grid ? gridNotes(pattern.grid, kitOf(track), `/patterns/${index}/grid`) : [])
    notes.push(note)
  const cut = placement.beat + (placement.length ?? Number.POSITIVE_INFINITY)
  const placed: PlacedNote[] = []
  for (let repeat = 0; repeat < (placement.repeats ?? 1); repeat++) {
    const from = placement.beat + repeat * step
    if (from >= cut) break
    for (const note of notes) {
      const one = place(note, from, placement.transpose ?? 0, cut, path)
      if (one) placed.push(one)
    }
  }
  return placed
}

/**
 * All notes of a track by beat: its own, then its placements in order. Pure.
 * @param path JSON Pointer to the track.
 * @throws EngineError `invalid_song`
 */
export function placedNotes(track: Track, patterns: PatternTable, path: string): PlacedNote[] {
  const own = (track.notes ?? []).flatMap(
    (note, index) => place(note, 0, 0, Number.POSITIVE_INFINITY, `${path}/notes/${index}`) ?? [],
  )
  const placed = (track.placements ?? []).flatMap((placement, index) =>
    placementNotes(placement, `${path}/placements/${index}`, track, patterns),
  )
  return [...own, ...placed].sort((a, b) => a.beat - b.beat)
}
