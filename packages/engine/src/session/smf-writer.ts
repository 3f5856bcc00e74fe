import { EngineError } from '../error.ts'

const greatestQuantity = 0x0fffffff
const endOfTrack = [0x00, 0xff, 0x2f, 0x00]

function uint16(value: number): number[] {
  return [value >> 8, value & 255]
}

function uint32(value: number): number[] {
  return [...uint16(value >>> 16), ...uint16(value & 0xffff)]
}

/** A variable-length quantity: seven bits a byte, the first byte the highest. */
function quantity(value: number): number[] {
  const bytes = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(128 + (rest % 128))
  return bytes
}

/** A meta event without its delta time. */
export function meta(type: number, data: ArrayLike<number>): number[] {
  return [0xff, type, ...quantity(data.length), ...Array.from(data)]
}

/** One track of a file; events are put in ascending order of ticks. */
export class TrackWriter {
  readonly #bytes: number[] = []
  #tick = 0

  /** @throws EngineError `out_of_range` for an event further from the one before than a file can say. */
  put(tick: number, message: readonly number[]): void {
    const delta = tick - this.#tick
    if (delta > greatestQuantity) {
      throw new EngineError(
        'out_of_range',
        `Expected events at most ${greatestQuantity} ticks apart, which is what a MIDI file can say, but received ${delta}; use fewer ticks per beat`,
      )
    }
    for (const byte of quantity(delta)) this.#bytes.push(byte)
    for (const byte of message) this.#bytes.push(byte)
    this.#tick = tick
  }

  chunk(): Uint8Array {
    const head = [0x4d, 0x54, 0x72, 0x6b, ...uint32(this.#bytes.length + endOfTrack.length)]
    return Uint8Array.from(head.concat(this.#bytes, endOfTrack))
  }
}

/** A Standard MIDI File of some tracks. */
export function fileOf(format: 0 | 1, ticksPerBeat: number, tracks: readonly TrackWriter[]): Uint8Array {
  if (tracks.length > 65_535) {
    throw new EngineError(
      'out_of_range',
      `Expected at most 65535 tracks, which is what a MIDI file holds, but received ${tracks.length}`,
    )
  }
  const header = [
    0x4d,
    0x54,
    0x68,
    0x64,
    ...uint32(6),
    ...uint16(format),
    ...uint16(tracks.length),
    ...uint16(ticksPerBeat),
  ]
  return Uint8Array.from(Buffer.concat([Uint8Array.from(header), ...tracks.map((track) => track.chunk())]))
}
