// SPDX-License-Identifier: MIT
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { EngineError } from '../error.ts'
import { FrameDecoder, frame } from './framing.ts'
import { Replies } from './replies.ts'

/** How long a server that was told goodbye may take to say it, in ms. */
const goodbyeMs = 1000

/** One socket to a server, from the moment it is open until it closes; then it is of no more use. */
export class Link {
  /** The listener for events. */
  onEvent: ((json: string) => void) | null = null
  readonly #socket: Socket
  readonly #replies = new Replies()
  /** What the socket does not take yet: a server that does not read is not sent more. */
  readonly #outgoing: string[] = []
  #failure: EngineError | undefined

  /** @param lost Called when it has closed; gives the error for those who wait. */
  constructor(socket: Socket, lost: (reason: string) => Promise<EngineError>) {
    this.#socket = socket
    const decoder = new FrameDecoder((text) => this.#take(text))
    let reason = 'it ended the connection'
    socket.on('data', (chunk: Buffer) => {
      try {
        decoder.push(chunk)
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    socket.on('drain', () => this.#flush())
    socket.on('error', (error) => {
      reason = error.message
    })
    socket.on('close', () => void this.#end(reason, lost))
    socket.unref()
  }

  /** Whether it can still be used. */
  get isOpen(): boolean {
    return this.#failure === undefined
  }

  /** @throws EngineError what the loss of the link gave. */
  request(json: string): Promise<string> {
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      const text = this.#replies.expect(json, resolve, reject)
      // A process stays alive while it waits for a reply, not for the sake of an engine that does nothing.
      if (this.#replies.size === 1) this.#socket.ref()
      this.#outgoing.push(text)
      this.#flush()
    })
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    if (this.#socket.closed) return
    this.#socket.ref()
    const closed = once(this.#socket, 'close')
    const impatience = setTimeout(() => this.#socket.destroy(), goodbyeMs)
    this.#socket.end()
    await closed
    clearTimeout(impatience)
  }

  #flush(): void {
    while (this.#outgoing.length > 0 && !this.#socket.writableNeedDrain && this.#socket.writable)
      this.#socket.write(frame(this.#outgoing.shift() as string))
  }

  #take(text: string): void {
    if (text.startsWith('{"event":')) {
      this.onEvent?.(text)
      return
    }
    if (!this.#replies.take(text)) throw new EngineError('connection_lost', 'A reply came that nobody had asked for')
    if (this.#replies.size === 0) this.#socket.unref()
  }

  async #end(reason: string, lost: (reason: string) => Promise<EngineError>): Promise<void> {
    this.#outgoing.length = 0
    this.#failure = new EngineError('connection_lost', `The connection to the server was lost: ${reason}`)
    this.#replies.fail(await lost(reason))
  }
}

/** Opens a socket. @throws Error of the system */
export async function openSocket(address: string): Promise<Socket> {
  const socket = connect(address)
  try {
    await once(socket, 'connect')
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}
