// SPDX-License-Identifier: MIT
// Messages on a stream: the length as uint32, little-endian, then as many bytes of UTF-8.
import { EngineError } from '../error.ts'

/** The longest message there may be, in bytes. */
export const maxMessageBytes = 2 ** 26
const headBytes = 4
/** A buffer that a message grows in begins so small: a length alone, which anybody can send, takes no memory. */
const firstBytes = 2 ** 16

/** A message as it goes out. */
export function frame(text: string): Buffer {
  const bytes = Buffer.byteLength(text)
  const out = Buffer.allocUnsafe(headBytes + bytes)
  out.writeUInt32LE(bytes)
  out.write(text, headBytes, 'utf8')
  return out
}

/** Makes messages of what comes in, however it is cut. Each byte is copied a bounded number of times. */
export class FrameDecoder {
  readonly #take: (text: string) => void
  readonly #head = Buffer.allocUnsafe(headBytes)
  #headFilled = 0
  /** Bytes of the message that has begun; undefined between messages. */
  #length: number | undefined
  #body = Buffer.alloc(0)
  #filled = 0

  constructor(take: (text: string) => void) {
    this.#take = take
  }

  /** Whether the stream may end here. */
  get betweenMessages(): boolean {
    return this.#length === undefined && this.#headFilled === 0
  }

  /** @throws EngineError `message_too_large`; nothing can be read after it. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#length === undefined) at = this.#readHead(chunk, at)
      if (this.#length !== undefined) at = this.#readBody(chunk, at, this.#length)
    }
  }

  #readHead(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + headBytes - this.#headFilled)
    chunk.copy(this.#head, this.#headFilled, at, end)
    this.#headFilled += end - at
    if (this.#headFilled < headBytes) return end
    this.#headFilled = 0
    const length = this.#head.readUInt32LE()
    if (length > maxMessageBytes)
      throw new EngineError(
        'message_too_large',
        `Expected a message of at most ${maxMessageBytes} bytes, not ${length}`,
      )
    this.#length = length
    return end
  }

  #readBody(chunk: Buffer, at: number, length: number): number {
    const end = Math.min(chunk.length, at + length - this.#filled)
    if (this.#filled === 0 && end - at === length) {
      this.#finish(chunk.toString('utf8', at, end))
      return end
    }
    this.#reserve(Math.min(length, Math.max(this.#filled + end - at, firstBytes)), length)
    chunk.copy(this.#body, this.#filled, at, end)
    this.#filled += end - at
    if (this.#filled === length) this.#finish(this.#body.toString('utf8', 0, length))
    return end
  }

  #reserve(bytes: number, most: number): void {
    if (this.#body.length >= bytes) return
    const larger = Buffer.allocUnsafe(Math.min(most, Math.max(bytes, 2 * this.#body.length)))
    this.#body.copy(larger, 0, 0, this.#filled)
    this.#body = larger
  }

  #finish(text: string): void {
    this.#length = undefined
    this.#filled = 0
    if (this.#body.length > firstBytes) this.#body = Buffer.alloc(0)
    this.#take(text)
  }
}
