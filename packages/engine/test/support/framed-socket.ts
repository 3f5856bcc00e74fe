// A client that knows the framing alone: a length of four bytes, little-endian, then so much JSON.
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import type { Json, Reply } from './engine.ts'

export type { Json, Reply }

/** A message as it goes over the wire. */
export function framed(message: Json | string | Uint8Array): Buffer {
  const body = message instanceof Uint8Array ? message : Buffer.from(text(message))
  return Buffer.concat([lengthOf(body.length), body])
}

/** The four bytes before a message. */
export function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes)
  return length
}

const text = (message: Json | string) => (typeof message === 'string' ? message : JSON.stringify(message))

export class FramedSocket {
  readonly socket: Socket
  /** When the server, or the test, has closed it; an error on the way is an end like another. */
  readonly closed: Promise<void>
  #chunks: Buffer[] = []
  #size = 0
  readonly #messages: Buffer[] = []
  readonly #waiting: { resolve: (message: Buffer) => void; reject: (error: Error) => void }[] = []
  #isClosed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#take(chunk))
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()))
    this.closed.then(() => {
      this.#isClosed = true
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection is closed'))
    })
  }

  /** Rejects when the server takes nobody. */
  static async connect(address: string): Promise<FramedSocket> {
    const socket = createConnection({ path: address })
    await once(socket, 'connect')
    return new FramedSocket(socket)
  }

  send(...messages: (Json | string | Uint8Array)[]): void {
    this.socket.write(Buffer.concat(messages.map(framed)))
  }

  /** Bytes as they are; resolves when the system has taken them all. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.socket.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** The next message, unread. Rejects when the connection closes before it is whole. */
  async receiveBytes(): Promise<Buffer> {
    const message = this.#messages.shift()
    if (message) return message
    if (this.#isClosed) throw new Error('the connection is closed')
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  async receive(): Promise<Reply> {
    return JSON.parse((await this.receiveBytes()).toString())
  }

  async ask(request: Json | string | Uint8Array): Promise<Reply> {
    this.send(request)
    return this.receive()
  }

  /** Leaves without a word: what was not read is lost. */
  vanish(): void {
    this.socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    while (this.#size >= 4) {
      if ((this.#chunks[0] as Buffer).length < 4) this.#chunks = [Buffer.concat(this.#chunks)]
      const end = 4 + (this.#chunks[0] as Buffer).readUInt32LE(0)
      if (this.#size < end) return
      const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
      this.#chunks = all.length > end ? [all.subarray(end)] : []
      this.#size = all.length - end
      this.#give(all.subarray(4, end))
    }
  }

  #give(message: Buffer): void {
    const first = this.#waiting.shift()
    if (first) first.resolve(message)
    else this.#messages.push(message)
  }
}
