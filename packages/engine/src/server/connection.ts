// SPDX-License-Identifier: MIT
import type { AudioEngineConfig } from '../addon.ts'
import { checkConfig } from '../config-check.ts'
import type { Connection, ConnectionChange } from '../connection.ts'
import { closedError, EngineError, type ErrorCode } from '../error.ts'
import { lastWordsMs, settledWithin } from '../requests.ts'
import { defaultServerAddress } from './address.ts'
import { maxMessageBytes } from './framing.ts'
import type { Link } from './link.ts'

/** How a server is reached, and how it is started where none runs. */
export interface ServerOptions extends AudioEngineConfig {
  /** Its socket, on Windows its named pipe. Default: what `ARRANGER_SERVER_ADDRESS` names, else the server's own default. */
  serverAddress?: string | undefined
}

/** What the server would say of a message that ends the connection, so that it need not be sent. */
function refusalOf(json: string): string | undefined {
  const refuse = (code: ErrorCode, message: string) => JSON.stringify({ status: 'error', code, message })
  if (json === '') return refuse('message_empty', 'Expected a JSON object but the message is empty')
  const bytes = Buffer.byteLength(json)
  if (bytes <= maxMessageBytes) return undefined
  return refuse('message_too_large', `Expected at most ${maxMessageBytes} bytes but received ${bytes}`)
}

/**
 * An engine on a server: one that runs already, else one that is started and ends with its last client. When the connection
 * is lost, whoever waits gets `connection_lost`, and the next request looks for the server once more.
 */
export class ServerConnection implements Connection {
  readonly backend = 'server'
  /** Where the server listens. */
  readonly address: string
  readonly #config: AudioEngineConfig
  #link: Link | undefined
  #reaching: Promise<Link> | undefined
  /** Over when those who wait know of the loss. */
  #losing: Promise<void> | undefined
  #listener: ((json: string) => void) | null = null
  #onChange: ((change: ConnectionChange) => void) | null = null
  readonly #pending = new Set<Promise<string>>()
  #closed: Promise<void> | undefined

  private constructor(address: string, config: AudioEngineConfig) {
    this.address = address
    this.#config = config
  }

  /** @throws EngineError `server_unavailable` with the reason; `out_of_range`, `type_mismatch`, `device_unavailable`. */
  static async open({ serverAddress, ...config }: ServerOptions = {}): Promise<ServerConnection> {
    checkConfig(config)
    const address = serverAddress ?? (process.env.ARRANGER_SERVER_ADDRESS || defaultServerAddress())
    const connection = new ServerConnection(address, config)
    await connection.#reach()
    return connection
  }

  request(json: string): Promise<string> {
    if (this.#closed) return Promise.reject(closedError())
    const refusal = refusalOf(json)
    if (refusal) return Promise.resolve(refusal)
    const reply = this.#link && !this.#reaching ? this.#link.request(json) : this.#requestAnew(json)
    this.#pending.add(reply)
    const forget = () => this.#pending.delete(reply)
    reply.then(forget, forget)
    return reply
  }

  get isLost(): boolean {
    return this.#link === undefined
  }

  onEvent(listener: ((json: string) => void) | null): void {
    this.#listener = listener
    if (this.#link) this.#link.onEvent = listener
  }

  onChange(listener: ((change: ConnectionChange) => void) | null): void {
    this.#onChange = listener
  }

  share(memory: SharedArrayBuffer | null): void {
    if (this.#closed) throw closedError()
    if (memory === null) return
    throw new EngineError(
      'not_supported',
      'A server has no memory in common with this process; the events position and meters tell the same',
    )
  }

  close(): Promise<void> {
    this.#closed ??= this.#finish()
    return this.#closed
  }

  async #finish(): Promise<void> {
    await settledWithin(lastWordsMs, this.#pending)
    await this.#link?.close()
  }

  /** Those that wait are sent one after the other as soon as there is a server; only then come those that did not wait. */
  async #requestAnew(json: string): Promise<string> {
    this.#reaching ??= this.#reachAgain()
    const reaching = this.#reaching
    try {
      const link = await reaching
      return link.request(json)
    } finally {
      if (this.#reaching === reaching) this.#reaching = undefined
    }
  }

  async #reachAgain(): Promise<Link> {
    await this.#losing
    try {
      const { link, started } = await this.#reach()
      const session = started ? 'new' : 'unknown'
      this.#onChange?.({ state: 'restored', session, request: (json) => link.request(json) })
      return link
    } catch (error) {
      const { message } = error as Error
      throw new EngineError('connection_lost', `The server at ${this.address} is gone: ${message}`, { cause: error })
    }
  }

  async #reach() {
    const { reachServer } = await import('./reach.ts') // with Node's sockets and processes, some megabytes
    const reached = await reachServer(this.address, this.#config, (link, error) => this.#lose(link, error))
    const { link } = reached
    if (!reached.started) await this.#compare(link)
    if (!link.isOpen) throw new EngineError('server_unavailable', `The server at ${this.address} ended at once`)
    this.#link = link
    link.onEvent = this.#listener
    return reached
  }

  #lose(link: Link, error: Promise<EngineError>): void {
    if (link !== this.#link) return
    this.#link = undefined
    if (this.#closed) return
    this.#losing = error.then((error) => this.#onChange?.({ state: 'lost', error }))
  }

  /** A server that ran before plays as it was started; who asked for something else should know. */
  async #compare(link: Link): Promise<void> {
    const { sampleRate, blockSize, outputDevice } = this.#config
    const wanted = { sample_rate: sampleRate, block_size: blockSize, device: outputDevice ?? undefined }
    if (Object.values(wanted).every((value) => value === undefined)) return
    const stats = JSON.parse(await link.request('{"cmd":"get_stats"}')) as Record<string, unknown>
    for (const [name, value] of Object.entries(wanted)) {
      const present = stats[name]
      // It names a device only while it plays.
      if (value === undefined || present === value || present === '' || present === undefined) continue
      process.emitWarning(
        `The server at ${this.address} runs already, with ${name} ${present}; ${value} was asked for and is not used`,
        { type: 'ServerWarning', code: 'server_option_ignored' },
      )
    }
  }
}
