// A second opinion: the least that can be said about a Standard MIDI File, written apart from the importer and from the
// package it uses, so that a test counts against something the importer cannot have influenced. Trusts its input.

export interface RawEvent {
  tick: number
  track: number
  /** Kind (high four bits of the status) of a channel event. */
  kind: number
  channel: number
  data: [number, number]
}

export interface RawSong {
  ticksPerBeat: number
  trackCount: number
  /** Channel events, by tick, then track, then as in the track. */
  events: RawEvent[]
  tempos: { tick: number; microseconds: number }[]
  timeSignatures: { tick: number; numerator: number; denominator: number }[]
  /** The first name of each track, as the bytes of a Latin-1 text. */
  names: (string | undefined)[]
}

/** Kinds whose message has one data byte. */
const short = new Set([0xc, 0xd])

export function readRaw(file: Uint8Array): RawSong {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const song: RawSong = {
    ticksPerBeat: view.getUint16(12),
    trackCount: 0,
    events: [],
    tempos: [],
    timeSignatures: [],
    names: [],
  }
  let at = 8 + view.getUint32(4)
  while (at < file.length) {
    const isTrack = view.getUint32(at) === 0x4d54726b
    const body = new Uint8Array(file.buffer, file.byteOffset + at + 8, view.getUint32(at + 4))
    if (isTrack) readTrack(body, song.trackCount++, song)
    at += 8 + body.length
  }
  song.events.sort((a, b) => a.tick - b.tick || a.track - b.track)
  song.tempos.sort((a, b) => a.tick - b.tick)
  song.timeSignatures.sort((a, b) => a.tick - b.tick)
  return song
}

function readTrack(bytes: Uint8Array, track: number, song: RawSong): void {
  let at = 0
  let tick = 0
  let status = 0
  const next = (): number => bytes[at++] ?? Number.NaN
  const number = (): number => {
    let value = 0
    let byte: number
    do {
      byte = next()
      value = value * 128 + (byte % 128)
    } while (byte >= 128)
    return value
  }
  while (at < bytes.length) {
    tick += number()
    if ((bytes[at] ?? 0) >= 128) status = next()
    if (status >= 0xf0) {
      const meta = status === 0xff ? next() : -1
      const length = number()
      if (meta === 0x51) song.tempos.push({ tick, microseconds: next() * 65536 + next() * 256 + next() })
      else {
        const data = bytes.subarray(at, at + length)
        const [first = 0, second = 0] = data
        if (meta === 0x58) song.timeSignatures.push({ tick, numerator: first, denominator: 2 ** second })
        if (meta === 0x03) song.names[track] ??= Buffer.from(data).toString('latin1')
        at += length
      }
    } else {
      const kind = status >> 4
      const first = next()
      song.events.push({ tick, track, kind, channel: status & 15, data: [first, short.has(kind) ? 0 : next()] })
    }
  }
}

/** The frame of each tick that is asked for, in ascending order, by the tempos of the file: floor(F + 0.5). */
export function framesOf(ticks: number[], song: RawSong, sampleRate: number): number[] {
  const changes = [...song.tempos]
  let from = { beat: 0, frame: 0, perBeat: sampleRate * 0.5 }
  const frameAt = (beat: number) => from.frame + (beat - from.beat) * from.perBeat
  return ticks.map((tick) => {
    while (changes[0] && changes[0].tick <= tick) {
      const { tick: at, microseconds } = changes.shift() as RawSong['tempos'][number]
      const beat = at / song.ticksPerBeat
      from = { beat, frame: frameAt(beat), perBeat: (sampleRate * microseconds) / 1e6 }
    }
    return Math.floor(frameAt(tick / song.ticksPerBeat) + 0.5)
  })
}
