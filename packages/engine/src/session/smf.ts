import { EngineError } from '../error.ts'

/** A Standard MIDI File whose every byte was accounted for. */
export interface MidiStructure {
  /** 0: one track. 1: tracks that play together. */
  format: 0 | 1
  /** Ticks of one quarter note. */
  ticksPerBeat: number
  /** The file with its header and track chunks alone: what a parser that trusts its input may be given. */
  bytes: Uint8Array
  /** How many chunks of other kinds were left out. The standard lets any program add its own. */
  foreignChunks: number
}

/** The lengths a meta event of a type may have; types that are not here may have any. */
const metaLengths: Readonly<Record<number, readonly number[]>> = {
  0: [2],
  32: [1],
  33: [1],
  47: [0],
  81: [3],
  84: [5],
  88: [2, 4],
  89: [2],
}
const metaNames: Readonly<Record<number, string>> = {
  0: 'sequence number',
  32: 'channel prefix',
  33: 'port prefix',
  47: 'end of track',
  81: 'tempo',
  84: 'SMPTE offset',
  88: 'time signature',
  89: 'key signature',
}
const endOfTrack = 47
const tempo = 81
const longestText = 65_535

/** Reads bytes up to an end that a header declared, and knows where it is in the file. */
class Reader {
  readonly bytes: Uint8Array
  position: number
  readonly end: number
  readonly place: string

  constructor(bytes: Uint8Array, position: number, end: number, place: string) {
    this.bytes = bytes
    this.position = position
    this.end = end
    this.place = place
  }

  refuse(problem: string, offset = this.position): never {
    refuse(`${problem} in ${this.place}`, offset)
  }

  byte(what: string): number {
    if (this.position >= this.end) this.refuse(`Expected ${what} but the data ends`)
    return this.bytes[this.position++] as number
  }

  dataByte(what: string): number {
    const value = this.byte(what)
    if (value > 127) this.refuse(`Expected ${what} from 0 to 127 but found ${hex(value)}`, this.position - 1)
    return value
  }

  /** A variable-length quantity: seven bits a byte, four bytes at most. */
  quantity(what: string): number {
    const start = this.position
    let value = 0
    for (let count = 0; count < 4; count++) {
      const next = this.byte(what)
      value = value * 128 + (next & 127)
      if (next < 128) return value
    }
    return this.refuse(`Expected ${what} of at most four bytes`, start)
  }

  skip(length: number, what: string): void {
    const left = this.end - this.position
    if (length > left) this.refuse(`Expected ${length} bytes of ${what} but only ${left} are left`)
    this.position += length
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`
}

function refuse(problem: string, offset: number): never {
  throw new EngineError('invalid_midi', `${problem}, at byte ${offset}`, { offset })
}

interface Chunk {
  id: string
  start: number
  end: number
}

function readChunk(bytes: Uint8Array, start: number): Chunk {
  if (bytes.length - start < 8)
    refuse(`Expected a chunk of at least 8 bytes but only ${bytes.length - start} are left`, start)
  const id = String.fromCharCode(...bytes.subarray(start, start + 4))
  if (!/^[\x20-\x7e]{4}$/.test(id)) refuse('Expected the four letters of a chunk', start)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start + 4)
  const left = bytes.length - start - 8
  if (length > left) refuse(`Chunk ${id} declares ${length} bytes but only ${left} are left`, start + 4)
  return { id, start, end: start + 8 + length }
}

function readHeader(bytes: Uint8Array): { chunk: Chunk; format: 0 | 1; trackCount: number; ticksPerBeat: number } {
  if (bytes.length === 0) refuse('The file is empty', 0)
  const id = String.fromCharCode(...bytes.subarray(0, 4))
  if (id === 'RIFF') refuse('A RIFF (RMID) file is not read; extract the Standard MIDI File inside', 0)
  if (id !== 'MThd') refuse('Not a Standard MIDI File: expected it to begin with MThd', 0)
  const chunk = readChunk(bytes, 0)
  if (chunk.end < 14) refuse(`Expected a header of at least 6 bytes but it declares ${chunk.end - 8}`, 4)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const [format, trackCount, division] = [view.getUint16(8), view.getUint16(10), view.getUint16(12)]
  if (format === 2) refuse('Format 2 (patterns that do not play together) is not a song; expected format 0 or 1', 8)
  if (format !== 0 && format !== 1) refuse(`Expected format 0 or 1 but found ${format}`, 8)
  if (trackCount === 0) refuse('Expected at least one track but the header declares none', 10)
  if (format === 0 && trackCount !== 1)
    refuse(`Expected one track in format 0 but the header declares ${trackCount}`, 10)
  if (division >= 0x8000) {
    refuse('Times are in SMPTE frames, which have no beats; expected a division in ticks of a quarter note', 12)
  }
  if (division === 0) refuse('Expected a division of at least one tick in a quarter note but found 0', 12)
  return { chunk, format, trackCount, ticksPerBeat: division }
}

/** A meta event, after its first byte. Gives its type. */
function readMeta(reader: Reader): number {
  const type = reader.dataByte('the type of a meta event')
  const start = reader.position
  const length = reader.quantity('the length of a meta event')
  const allowed = metaLengths[type]
  if (allowed && !allowed.includes(length)) {
    reader.refuse(`Expected a ${metaNames[type]} of ${allowed.join(' or ')} bytes but it declares ${length}`, start)
  }
  if (type > 0 && type < 8 && length > longestText) {
    reader.refuse(`Expected a text of at most ${longestText} bytes but it declares ${length}`, start)
  }
  const data = reader.position
  reader.skip(length, 'a meta event')
  if (type === tempo && reader.bytes.subarray(data, data + 3).every((byte) => byte === 0)) {
    reader.refuse('Expected a tempo of at least one microsecond a beat but found 0', data)
  }
  return type
}

/** Walks every event of a track. Running status lives through meta events, as most programs write and read it. */
function readTrack(bytes: Uint8Array, chunk: Chunk, number: number): void {
  const reader = new Reader(bytes, chunk.start + 8, chunk.end, `track ${number}`)
  let running = 0
  for (;;) {
    if (reader.position >= reader.end) reader.refuse('Expected an end of track but the data ends')
    reader.quantity('a delta time')
    const start = reader.position
    const first = reader.byte('an event')
    if (first === 0xff) {
      if (readMeta(reader) === endOfTrack) break
    } else if (first === 0xf0 || first === 0xf7) {
      running = 0
      reader.skip(reader.quantity('the length of a system exclusive message'), 'a system exclusive message')
    } else if (first >= 0xf0) {
      reader.refuse(`Status ${hex(first)} cannot be in a file`, start)
    } else {
      if (first < 0x80 && running === 0) reader.refuse('Expected a status byte before the first data byte', start)
      if (first >= 0x80) running = first
      else reader.position = start
      readChannelData(reader, running)
    }
  }
  if (reader.position < reader.end) reader.refuse(`Found ${reader.end - reader.position} bytes after the end of track`)
}

function readChannelData(reader: Reader, status: number): void {
  reader.dataByte('a data byte')
  const kind = status >> 4
  if (kind !== 0xc && kind !== 0xd) reader.dataByte('a second data byte')
}

/**
 * Checks a Standard MIDI File byte by byte: header, declared lengths, every event of every track, running status,
 * variable-length quantities, end of track.
 * @throws EngineError `invalid_midi` with the byte offset, for a file that is truncated, damaged or of a kind without beats.
 */
export function readStructure(bytes: Uint8Array): MidiStructure {
  const { chunk: header, format, trackCount, ticksPerBeat } = readHeader(bytes)
  const tracks: Chunk[] = []
  let foreignChunks = 0
  let position = header.end
  while (position < bytes.length || tracks.length < trackCount) {
    if (position === bytes.length)
      refuse(`Expected ${trackCount} tracks but the file ends after ${tracks.length}`, position)
    const chunk = readChunk(bytes, position)
    position = chunk.end
    if (chunk.id === 'MThd') refuse('Found a second header', chunk.start)
    if (chunk.id !== 'MTrk') {
      foreignChunks++
      continue
    }
    if (tracks.length === trackCount)
      refuse(`Found a track beyond the ${trackCount} that the header declares`, chunk.start)
    tracks.push(chunk)
    readTrack(bytes, chunk, tracks.length)
  }
  return { format, ticksPerBeat, bytes: keepChunks(bytes, [header, ...tracks]), foreignChunks }
}

function keepChunks(bytes: Uint8Array, chunks: Chunk[]): Uint8Array {
  const size = chunks.reduce((sum, { start, end }) => sum + end - start, 0)
  const kept = new Uint8Array(size)
  let position = 0
  for (const { start, end } of chunks) {
    kept.set(bytes.subarray(start, end), position)
    position += end - start
  }
  return kept
}
