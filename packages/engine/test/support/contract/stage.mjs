// @ts-check
// Plays requests on engines of their own and says what went wrong.
import { isObject, Judge, longestReply, parsed } from './judge.mjs'
import { placeFiles, scenesFor } from './scenes.mjs'

/** How faults begin that may come from what else goes on: another program, or what is heard. Real ones come again. */
const transient = { late: 'the reply took', moved: 'the error moved the playhead' }
/** @param {string} fault */
export const isTransient = (fault) => Object.values(transient).some((beginning) => fault.startsWith(beginning))

/** What an error must leave as it was. */
const observers = ['get_graph', 'get_state', 'get_position']

/** @typedef {import('./judge.mjs').Description} Description */
/** @typedef {{ request(json: string): Promise<string>, close(): Promise<void> }} Engine */
/** @typedef {(config: object) => Promise<Engine>} Open */
/** @typedef {{ code: string | undefined, milliseconds: number, fault: string | undefined }} Verdict */

export class Stage {
  /**
   * @param {Open} open
   * @param {Record<string, string>} files Originals of the files that examples name, by name.
   */
  static async build(open, files) {
    const engine = await open({ outputDevice: 'none' })
    const ask = async (/** @type {string} */ cmd) => JSON.parse(await engine.request(JSON.stringify({ cmd })))
    const stage = new Stage(open, files, await ask('describe'), (await ask('ping')).features)
    await engine.close()
    return stage
  }

  /** @param {Open} open @param {Record<string, string>} files @param {Description} description @param {string[]} features */
  constructor(open, files, description, features) {
    this.description = description
    this.judge = new Judge(this.description)
    this.scenes = scenesFor(this.description.commands, features)
    this.observers = observers.filter((name) => Object.hasOwn(this.description.commands, name))
    this.openEngine = open
    this.files = files
  }

  /** A fresh engine with a scene on it. @param {string} scene @returns {Promise<Engine>} */
  async open(scene) {
    placeFiles(this.files)
    const engine = await this.openEngine({ sampleRate: 48_000, blockSize: 256, outputDevice: 'none' })
    for (const request of this.scenes[scene] ?? []) {
      const reply = await engine.request(JSON.stringify(request))
      if (!reply.startsWith('{"status":"ok"')) throw new Error(`The scene ${scene} cannot be set up: ${reply}`)
    }
    return engine
  }

  /** Sends one request and judges what comes of it. @param {Engine} engine @param {string} request @returns {Promise<Verdict>} */
  async send(engine, request) {
    const before = await this.#observe(engine)
    const started = performance.now()
    const reply = await engine.request(request)
    const milliseconds = performance.now() - started
    const answer = parsed(reply)
    const code = isObject(answer) && typeof answer.code === 'string' ? answer.code : undefined
    const fault =
      this.judge.faultOf(request, reply) ??
      (milliseconds > longestReply ? `${transient.late} ${Math.round(milliseconds)} ms` : undefined) ??
      (code === undefined ? undefined : this.#change(before, await this.#observe(engine)))
    return { code, milliseconds, fault: fault && `${fault}; reply: ${reply.slice(0, 500)}` }
  }

  /** @param {Engine} engine @returns {Promise<string[]>} */
  #observe(engine) {
    return Promise.all(
      this.observers.map(async (cmd) => {
        const reply = await engine.request(JSON.stringify({ cmd }))
        return cmd === 'get_position' ? stillPart(reply) : reply
      }),
    )
  }

  /** @param {string[]} before @param {string[]} after */
  #change(before, after) {
    const index = before.findIndex((reply, at) => reply !== after[at] && !hasEnded(reply, after[at] ?? ''))
    if (index < 0) return undefined
    const what =
      this.observers[index] === 'get_position' ? transient.moved : `the error changed ${this.observers[index]}`
    return `${what}, from ${before[index]} to ${after[index]}`
  }
}

/** Whether a song that played has come to its end meanwhile and stands at its beginning. @param {string} before @param {string} after */
const hasEnded = (before, after) =>
  before === '{"playing":true}' && after.includes('"playing":false') && after.includes('"beat":"0.000"')

/**
 * A position without what moves by itself: the device's clock, and while it plays all but the flags. To a thousandth, for what
 * is heard stands on a frame. @param {string} reply
 */
function stillPart(reply) {
  const { frame, ...position } = JSON.parse(reply)
  const still = Object.entries(position).filter(([, value]) => !position.playing || typeof value === 'boolean')
  const rounded = still.map(([key, value]) => [key, typeof value === 'number' ? value.toFixed(3) : value])
  return JSON.stringify(Object.fromEntries(rounded))
}
