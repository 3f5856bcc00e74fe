import { nearestHint } from '../nearest.ts'
import { refuse, requireShape } from './fault.ts'
import { graphOf, paramAddress, stripsOf } from './graph.ts'
import type { Graph, ScheduleEvent, SongData, Track, TrackEvent } from './model.ts'
import { patternLength } from './pattern.ts'
import { scheduleOf } from './schedule.ts'
import { songShape } from './schema.ts'

/** The mixer's limit. */
const mostStrips = 256

function requireUnique(ids: readonly string[], path: (index: number) => string, what: string): void {
  const first = new Map<string, number>()
  for (const [index, id] of ids.entries()) {
    const taken = first.get(id)
    if (taken !== undefined)
      refuse(path(index), `Expected a new id but the ${what} '${id}' is there already, at index ${taken}`)
    first.set(id, index)
  }
}

const stripFields = ['volume', 'pan', 'mute', 'solo', 'effects', 'soundfont'] as const

function checkTrack(track: Track, path: string, instruments: readonly string[]): void {
  const { instrument, soundfont } = track
  requireUnique(
    (track.effects ?? []).map(({ id }) => id),
    (index) => `${path}/effects/${index}/id`,
    'effect',
  )
  if (typeof instrument === 'string') {
    if (!instruments.includes(instrument)) {
      refuse(`${path}/instrument`, `There is no instrument '${instrument}'${nearestHint(instrument, instruments)}`)
    }
    const wrong = stripFields.find((field) => track[field] !== undefined)
    if (wrong)
      refuse(
        `${path}/${wrong}`,
        `Expected '${wrong}' at the instrument '${instrument}', which tracks share, not at a track`,
      )
  } else if (instrument !== undefined && soundfont !== undefined) {
    refuse(
      `${path}/soundfont`,
      "A SoundFont is for the default instrument; give the instrument's own parameter instead",
    )
  }
  if (track.bank !== undefined && track.program === undefined) {
    refuse(`${path}/bank`, 'Expected a program together with the bank')
  }
  for (const [index, event] of (track.events ?? []).entries()) checkEvent(event, `${path}/events/${index}`)
}

function checkEvent({ type, pitch = 0, velocity = 0 }: TrackEvent, path: string): void {
  const mostPitch = type === 'bend' ? 16383 : 127
  const mostVelocity = type === 'program' ? 16383 : 127
  if (pitch > mostPitch) refuse(`${path}/pitch`, `Expected a pitch from 0 to ${mostPitch} but received ${pitch}`)
  if (velocity > mostVelocity) {
    refuse(`${path}/velocity`, `Expected a velocity from 0 to ${mostVelocity} but received ${velocity}`)
  }
}

/** No two nodes of the generated graph may have one id: `effect_a_b` may be said in two ways. */
function checkNodeIds(song: SongData): void {
  const ids = (graphOf(song).nodes ?? []).map(({ id }) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined)
    refuse('', `Expected node ids to differ but the song's parts give '${twice}' twice; rename one of them`)
}

function checkAutomation(song: SongData): void {
  for (const [index, { node, track, param, points }] of (song.automation ?? []).entries()) {
    const path = `/automation/${index}`
    if ((node === undefined) === (track === undefined)) refuse(path, "Expected either 'node' or 'track'")
    if (track !== undefined && !paramAddress(song, track, param)) {
      const owners = stripsOf(song).map(({ owner }) => owner)
      refuse(`${path}/track`, `There is no track or instrument '${track}'${nearestHint(track, owners)}`)
    }
    const late = points.findIndex(({ beat }, at) => at > 0 && beat < (points[at - 1]?.beat ?? 0))
    if (late > 0) refuse(`${path}/points/${late}/beat`, 'Expected points in ascending order of beats')
  }
}

/**
 * Checks song data whole: its shape, its references, and what its parts mean together.
 * @throws EngineError `invalid_song` with the path of the wrong value.
 */
export function checkSong(value: unknown): asserts value is SongData {
  requireShape(songShape, value)
  const { tracks = [], instruments = [], patterns = [], effects = [], loop } = value
  requireUnique(
    tracks.map(({ id }) => id),
    (index) => `/tracks/${index}/id`,
    'track',
  )
  requireUnique(
    instruments.map(({ id }) => id),
    (index) => `/instruments/${index}/id`,
    'instrument',
  )
  requireUnique(
    patterns.map(({ id }) => id),
    (index) => `/patterns/${index}/id`,
    'pattern',
  )
  requireUnique(
    effects.map(({ id }) => id),
    (index) => `/effects/${index}/id`,
    'effect',
  )
  for (const [index, instrument] of instruments.entries()) {
    const ids = (instrument.effects ?? []).map(({ id }) => id)
    requireUnique(ids, (effect) => `/instruments/${index}/effects/${effect}/id`, 'effect')
  }
  const shared = instruments.map(({ id }) => id)
  for (const [index, track] of tracks.entries()) checkTrack(track, `/tracks/${index}`, shared)
  for (const [index, pattern] of patterns.entries()) patternLength(pattern, `/patterns/${index}`)
  if (loop && loop.end <= loop.start) {
    refuse('/loop/end', `Expected an end after the start, ${loop.start}, but received ${loop.end}`)
  }
  if (stripsOf(value).length > mostStrips)
    refuse('/tracks', `Expected at most ${mostStrips} tracks and instruments with a strip`)
  checkAutomation(value)
  if (!value.graph) checkNodeIds(value)
}

/**
 * The graph of a song, for `set_graph`. Pure.
 *
 * Each track is a node `track_<id>` of type `track_source` that feeds its instrument: `synth_<id>`, or a shared one under its
 * own id. Effects follow in series; then each instrument has a channel of the `mixer`, with its volume and pan. Master effects
 * stand between the sum and the mixer's only channel; the sum is a mixer `bus` then, unless there is nothing to add up or
 * to set. A song without tracks has `track_default`. A graph of the song's own takes the place of all that; only tracks
 * that it lacks are added, as {@link syncTracks} does.
 * @throws EngineError `invalid_song`
 */
export function songGraph(song: SongData): Graph {
  checkSong(song)
  return graphOf(song)
}

/**
 * The events of a song, for `set_schedule`: by beat, set-up events first; of one beat tempos, time signatures, tracks in order,
 * automation, then the song's own events. Pure.
 * @throws EngineError `invalid_song`
 */
export function songSchedule(song: SongData): ScheduleEvent[] {
  checkSong(song)
  return scheduleOf(song)
}
