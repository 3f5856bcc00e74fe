// Builds the bytes of small Standard MIDI Files, right and wrong ones.

export function uint16(value: number): number[] {
  return [value >> 8, value & 255]
}

export function uint32(value: number): number[] {
  return [...uint16(value >>> 16), ...uint16(value & 0xffff)]
}

export function chunk(id: string, data: number[], length = data.length): number[] {
  return [...Buffer.from(id, 'latin1'), ...uint32(length), ...data]
}

export function header(format: number, tracks: number, division: number): number[] {
  return chunk('MThd', [...uint16(format), ...uint16(tracks), ...uint16(division)])
}

export const endOfTrack = [0, 0xff, 0x2f, 0]

/** A track of the events given, each with its delta time in front, and an end of track. */
export function track(...events: number[][]): number[] {
  return chunk('MTrk', [...events.flat(), ...endOfTrack])
}

export function file(...chunks: number[][]): Uint8Array {
  return Uint8Array.from(chunks.flat())
}
