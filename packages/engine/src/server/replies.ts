// SPDX-License-Identifier: MIT
// Which reply belongs to which request, when replies come as they are ready.
import { maxMessageBytes } from './framing.ts'

interface Waiting {
  /** Of the request as JSON text; undefined where it has none or is no JSON object. */
  id: string | undefined
  /** We gave it the id, so its reply is without. */
  ours: boolean
  /** Its reply may come after those of later requests. */
  slow: boolean
  resolve(reply: string): void
  reject(error: unknown): void
}

/** What an id of ours looks like at the end of a reply. */
const ourIdAtEnd = /,"id":("#\d+")\}$/
/** More than the longest of these. */
const longestEnd = 40

/** The id of a request or a reply, as JSON text; undefined where it has none, or is no object. */
function idOf(json: string): string | undefined {
  try {
    const message = JSON.parse(json) as { id?: unknown } | null
    return message?.id === undefined ? undefined : JSON.stringify(message.id)
  } catch {
    return undefined
  }
}

/** Whether a request can be given an id, and may still be sent with it; it is not read for that. */
function canTakeId(json: string): boolean {
  const hasRoom = Buffer.byteLength(json) + longestEnd <= maxMessageBytes
  return hasRoom && /^\s*\{/.test(json)
}

/** The requests that wait for their replies. */
export class Replies {
  /** In the order sent. */
  readonly #waiting = new Set<Waiting>()
  readonly #byId = new Map<string, Waiting>()
  #count = 0

  get size(): number {
    return this.#waiting.size
  }

  /** Takes a request. @returns What is to be sent, with an id. */
  expect(json: string, resolve: (reply: string) => void, reject: (error: unknown) => void): string {
    const given = json.includes('"id"') ? idOf(json) : undefined
    const ours = given === undefined && canTakeId(json)
    const id = ours ? `"#${++this.#count}"` : given
    const waiting = { id, ours, slow: json.includes('"render"'), resolve, reject }
    this.#waiting.add(waiting)
    if (id !== undefined && !this.#byId.has(id)) this.#byId.set(id, waiting)
    if (!ours) return json
    const start = json.indexOf('{') + 1
    const comma = /^\s*\}/.test(json.slice(start)) ? '' : ','
    return `${json.slice(0, start)}"id":${id}${comma}${json.slice(start)}`
  }

  /** Hands a reply to who waits for it. @returns Whether anybody did. */
  take(reply: string): boolean {
    const found = ourIdAtEnd.exec(reply.slice(-longestEnd))
    const waiting = found ? this.#byId.get(found[1] as string) : this.#other(reply)
    if (!waiting) return false
    this.#forget(waiting)
    waiting.resolve(found && waiting.ours ? `${reply.slice(0, -(found[0] as string).length)}}` : reply)
    return true
  }

  /** All that wait hear that nothing will come. */
  fail(error: unknown): void {
    const all = [...this.#waiting]
    this.#waiting.clear()
    this.#byId.clear()
    for (const { reject } of all) reject(error)
  }

  /**
   * Whom a reply without an id of ours is for. What the engine cannot read has no id that it could repeat; all but renders are
   * answered in order, so it is the oldest of them.
   */
  #other(reply: string): Waiting | undefined {
    const all = [...this.#waiting]
    const id = all.some(({ ours }) => !ours) ? idOf(reply) : undefined
    const named = id === undefined ? undefined : this.#byId.get(id)
    return named ?? all.find(({ slow }) => !slow) ?? all[0]
  }

  #forget(waiting: Waiting): void {
    this.#waiting.delete(waiting)
    const { id } = waiting
    if (id === undefined || this.#byId.get(id) !== waiting) return
    this.#byId.delete(id)
    const next = waiting.ours ? undefined : [...this.#waiting].find((one) => one.id === id)
    if (next) this.#byId.set(id, next)
  }
}
