// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { AudioEngineConfig } from '../addon.ts'
import { EngineError } from '../error.ts'
import { orAfter } from '../time-limit.ts'
import { strangerAt } from './address.ts'
import { Link, openSocket } from './link.ts'
import { type StartedServer, startServer } from './start.ts'

/** A server that is listening answers at once; one that does not within this, in ms, is taken for dead. */
const answerMs = 5000
/** A server that another process is starting, or that is just ending, is asked for again and again for so long, in ms. */
const patienceMs = 5000
const pauseMs = 20
/** How long the system may take to tell that a server has ended whose socket is closed, in ms. */
const endMs = 700

/** A server that answers. */
export interface Reached {
  link: Link
  /** Left out where it ran before. */
  started?: StartedServer
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Told at once when a link that was given has closed; why is known a moment later. */
type Lost = (link: Link, error: Promise<EngineError>) => void

/** Asks for replies as they are ready, which also shows that somebody answers. */
async function greet(socket: Socket, address: string, started: StartedServer | undefined, lost: Lost): Promise<Link> {
  let greeted = false
  const errorOf = async (reason: string) => {
    const end = await started?.end(endMs)
    const why = end ? `${reason}; ${end}` : reason
    return new EngineError('connection_lost', `The connection to the server at ${address} was lost: ${why}`)
  }
  const link: Link = new Link(socket, (reason) => {
    const error = errorOf(reason)
    if (greeted) lost(link, error)
    return error
  })
  // A server that knows only the order of the requests refuses; its replies find their requests all the same.
  const asked = link.request('{"cmd":"set_reply_order","order":"as_ready"}')
  const reply = await orAfter(answerMs, asked, undefined)
  if (reply === undefined) {
    socket.destroy()
    throw new EngineError('server_unavailable', `The server at ${address} does not answer`)
  }
  greeted = true
  return link
}

/** The server that runs at an address; undefined if none does. @throws EngineError `server_unavailable` */
async function reachRunning(
  address: string,
  started: StartedServer | undefined,
  lost: Lost,
): Promise<Link | undefined> {
  const stranger = strangerAt(address)
  if (stranger) throw new EngineError('server_unavailable', stranger)
  let socket: Socket
  try {
    socket = await openSocket(address)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET') return undefined
    throw new EngineError('server_unavailable', `Cannot connect to ${address}: ${messageOf(error)}`, { cause: error })
  }
  try {
    return await greet(socket, address, started, lost)
  } catch (error) {
    // It was just ending: its last client had left.
    if ((error as EngineError).code === 'connection_lost') return undefined
    throw error
  }
}

/**
 * The server at an address, which is started where none runs. Where others do the same at the same moment, one of them
 * starts it and all use it.
 * @param lost Called when a link that was given has broken.
 * @throws EngineError `server_unavailable`
 */
export async function reachServer(address: string, config: AudioEngineConfig, lost: Lost): Promise<Reached> {
  const running = await reachRunning(address, undefined, lost)
  if (running) return { link: running }
  const deadline = performance.now() + patienceMs
  for (;;) {
    let refusal: unknown
    let started: StartedServer | undefined
    try {
      started = await startServer(address, config)
    } catch (error) {
      refusal = error
    }
    const link = await reachRunning(address, started, lost)
    if (link) return started ? { link, started } : { link }
    // Refused since one runs, which then could not be reached: it is about to listen, or about to end.
    const again = refusal === undefined || messageOf(refusal).includes('already running')
    if (!again || performance.now() > deadline)
      throw refusal ?? new EngineError('server_unavailable', `The server at ${address} ended before it answered`)
    await delay(pauseMs)
  }
}
