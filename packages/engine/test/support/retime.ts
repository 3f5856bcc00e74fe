// A song on whole milliseconds. The player of the fluidsynth program sets off events by a clock of whole milliseconds and
// ticks that it rounds, so where two notes double each other it adds them up differently than their file says. A file
// with one tick a millisecond leaves it nothing to round.

import { framesOf, type RawSong } from './smf-reader.ts'
import { file, header, track } from './smf-writer.ts'

const oneByteKinds = new Set([0xc, 0xd])
/** 500 ticks of a quarter note at 120 beats a minute, which is what a file without a tempo has. */
const ticksPerBeat = 500

function quantity(value: number): number[] {
  const bytes = [value % 128]
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift(128 + (rest % 128))
  return bytes
}

/** The same events in the same tracks and order, each at its nearest millisecond; texts and tempos are left out. */
export function onWholeMilliseconds(song: RawSong): Uint8Array {
  const times = framesOf(
    song.events.map(({ tick }) => tick),
    song,
    1000,
  )
  const now = new Array<number>(song.trackCount).fill(0)
  const tracks = now.map((): number[][] => [])
  for (const [index, { track, kind, channel, data }] of song.events.entries()) {
    const time = times[index] as number
    const delta = quantity(time - (now[track] as number))
    now[track] = time
    tracks[track]?.push([...delta, kind * 16 + channel, ...data.slice(0, oneByteKinds.has(kind) ? 1 : 2)])
  }
  return file(header(1, tracks.length, ticksPerBeat), ...tracks.map((events) => track(...events)))
}
