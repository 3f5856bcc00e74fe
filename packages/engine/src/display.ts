import { displayCells, displayScopeOffset } from './generated/display.ts'

/** What plays, at one moment. */
export interface DisplayState {
  playing: boolean
  /** Of the song. */
  beat: number
  /** Of the song. */
  songFrame: number
  /** Frames processed; never jumps. */
  frame: number
  bpm: number
  /** In hertz. */
  sampleRate: number
  /** Of left and right, linear, over the last 25 to 50 ms: 60 looks a second miss no peak. */
  peak: [number, number]
  /** Of the same stretch. */
  rms: [number, number]
}

type Cell = keyof typeof displayCells

/** The scope holds this many frames more than are read of it: the audio thread writes on while a reader copies. */
const scopeMargin = 8192
const wordBytes = 4
const firstWord = displayCells.beat.offset / wordBytes
const endWord = displayCells.rms_right.offset / wordBytes + 1
/** A write takes less than a microsecond; who finds one in progress more often than this shows what was there before. */
const mostTries = 1000

/**
 * Shows what an engine plays, from memory that its audio thread writes: no command, no event, no copy. Works in any thread:
 * post `buffer` to a worker and make a `Display` of it there.
 */
export class Display {
  /** The memory. Only the engine writes there. */
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #copy = new Int32Array(displayScopeOffset / wordBytes)
  // The last copy that was whole, seen as each type.
  readonly #whole = new Int32Array(this.#copy.length)
  readonly #f32 = new Float32Array(this.#whole.buffer)
  readonly #f64 = new Float64Array(this.#whole.buffer)

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
  }

  /** The memory that an engine needs to show so many frames of the scope. */
  static allocate(scopeFrames: number): SharedArrayBuffer {
    const frames = scopeFrames === 0 ? 0 : 2 ** Math.ceil(Math.log2(scopeFrames + scopeMargin))
    return new SharedArrayBuffer(displayScopeOffset + 2 * Float32Array.BYTES_PER_ELEMENT * frames)
  }

  /** Whether the engine writes here: no longer when it is closed or has another display. */
  get attached(): boolean {
    return this.#load('attached') === 1
  }

  /** The most frames that {@link scope} gives. */
  get scopeFrames(): number {
    return Math.max(0, this.#load('scope_frames') - scopeMargin)
  }

  /** What plays now; everything in it is of the same block. */
  read(): DisplayState {
    for (let tries = 0; tries < mostTries; tries++) {
      const before = this.#load('sequence')
      // Atomic loads, one after the other: that order is all that keeps a read from mixing two blocks.
      for (let word = firstWord; word < endWord; word++) this.#copy[word] = Atomics.load(this.#words, word)
      if (before % 2 === 1 || this.#load('sequence') !== before) continue
      this.#whole.set(this.#copy)
      break
    }
    const f64 = (cell: Cell) => this.#f64[displayCells[cell].offset / 8] ?? 0
    const f32 = (cell: Cell) => this.#f32[displayCells[cell].offset / wordBytes] ?? 0
    return {
      playing: this.#whole[displayCells.playing.offset / wordBytes] === 1,
      beat: f64('beat'),
      songFrame: f64('song_frame'),
      frame: f64('frame'),
      bpm: f64('bpm'),
      sampleRate: f64('sample_rate'),
      peak: [f32('peak_left'), f32('peak_right')],
      rms: [f32('rms_left'), f32('rms_right')],
    }
  }

  /**
   * Copies the newest frames of what is heard, the oldest of them first; where less was played yet, zeros come before it.
   * @param left Takes the left channel, at most {@link scopeFrames}.
   * @param right Takes the right one; as long as `left`.
   * @returns How many frames the scope has ever had, modulo 2^32: the difference of two calls says what is new.
   */
  scope(left: Float32Array, right?: Float32Array): number {
    if (left.length > this.scopeFrames || (right && right.length !== left.length))
      throw new RangeError(`Expected up to ${this.scopeFrames} frames, of both channels as many`)
    const size = this.#load('scope_frames')
    const begin = displayScopeOffset / wordBytes
    for (;;) {
      const written = this.#load('scope_written')
      const first = (written - left.length) >>> 0
      this.#copyScope(left, begin, first, size)
      if (right) this.#copyScope(right, begin + size, first, size)
      // The audio thread may have come round meanwhile: only after a sixth of a second, so the next try is whole.
      if ((this.#load('scope_begun') - first) >>> 0 <= size) return written
    }
  }

  #copyScope(out: Float32Array, begin: number, first: number, size: number): void {
    const bits = new Int32Array(out.buffer, out.byteOffset, out.length)
    for (let i = 0; i < bits.length; i++) bits[i] = Atomics.load(this.#words, begin + ((first + i) & (size - 1)))
  }

  #load(cell: Cell): number {
    return Atomics.load(this.#words, displayCells[cell].offset / wordBytes) >>> 0
  }
}
