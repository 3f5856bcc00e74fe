// @ts-check
// A process of its own that sends mutants, so that a crash is a result and not the end of the tests. What it is to do comes
// as JSON in its first argument, what came of it goes to stdout as JSON; a journal has the requests of the engine in use.

import { ftruncateSync, openSync, writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { Grammar } from './grammar.mjs'
import { isObject, parsed } from './judge.mjs'
import { Mutants } from './mutants.mjs'
import { Random } from './random.mjs'
import { isTransient, Stage } from './stage.mjs'
import { Vocabulary } from './vocabulary.mjs'

/**
 * @typedef {object} Task
 * @property {string} backends The package's module that opens them.
 * @property {Record<string, string>} files Originals of the files that examples name.
 * @property {number} [seed] To make mutants from.
 * @property {number} [count] How many.
 * @property {string} [journal] A file.
 * @property {{ scene: string, requests: string[] }} [play] Instead of mutants: these, and only the last is judged.
 */
/** @typedef {{ sent: number, ok: number, codes: Record<string, number> }} Tally */
/** @typedef {{ scene: string, requests: string[], fault: string }} Failure */

/** So many mutants share an engine, each meeting what those before it left. */
const perEngine = 40
/** After so many it is clear enough that something is wrong. */
const mostFailures = 3

/** @param {Stage} stage */
async function vocabularyOf(stage) {
  const vocabulary = new Vocabulary()
  const { commands, type_aliases: aliases } = /** @type {any} */ (stage.description)
  for (const requests of Object.values(stage.scenes)) vocabulary.learn(requests)
  for (const { examples } of Object.values(stage.description.commands))
    for (const { request, needs } of examples) vocabulary.learn([request, ...needs])
  vocabulary.learn(aliases, 'type')
  const engine = await stage.open('song')
  for (const [cmd, { request }] of Object.entries(stage.description.commands))
    if (/^(get|list)_/.test(cmd) && !request.required)
      vocabulary.learn(JSON.parse(await engine.request(JSON.stringify({ cmd }))))
  await engine.close()
  for (const name of Object.keys(commands)) vocabulary.add('cmd', name)
  return vocabulary
}

/** @param {Stage} stage @param {Task} task */
async function hunt(stage, { seed = 1, count = 0, journal = '' }) {
  const random = new Random(seed)
  const mutants = new Mutants(stage.description.commands, new Grammar(random, await vocabularyOf(stage)))
  const scenes = Object.keys(stage.scenes)
  const log = openSync(journal, 'w')
  /** @type {Record<string, Tally>} */
  const commands = Object.fromEntries(mutants.names.map((name) => [name, { sent: 0, ok: 0, codes: {} }]))
  /** @type {Failure[]} */
  const failures = []
  const slowest = { milliseconds: 0, request: '' }
  for (let sent = 0; sent < count && failures.filter(({ fault }) => !isTransient(fault)).length < mostFailures; ) {
    const scene = random.pick(scenes)
    const engine = await stage.open(scene)
    /** @type {string[]} */
    const requests = []
    ftruncateSync(log)
    let at = writeSync(log, `${JSON.stringify(scene)}\n`, 0)
    for (let left = Math.min(perEngine, count - sent); left > 0; left--) {
      const mutant = mutants.make(/** @type {string} */ (mutants.names[sent++ % mutants.names.length]))
      const request = Buffer.from(mutant).toString() // as it travels: half a character does not
      requests.push(request)
      at += writeSync(log, `${JSON.stringify(request)}\n`, at)
      const { code, milliseconds, fault } = await stage.send(engine, request)
      tally(commands, request, code)
      if (milliseconds > slowest.milliseconds) Object.assign(slowest, { milliseconds, request: request.slice(0, 500) })
      if (fault) failures.push({ scene, requests, fault })
      if (fault || (code === undefined && endsEngine(request))) break
    }
    await engine.close()
  }
  return { commands, slowest, failures }
}

/** After it an engine in a process of its own is not there any more. @param {string} request */
function endsEngine(request) {
  const asked = parsed(request)
  return isObject(asked) && asked.cmd === 'shutdown'
}

/** Well-formed requests of known commands only. @param {Record<string, Tally>} commands @param {string} request @param {string | undefined} code */
function tally(commands, request, code) {
  const asked = parsed(request)
  const name = isObject(asked) ? String(asked.cmd) : ''
  const counts = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!counts) return
  counts.sent++
  if (code === undefined) counts.ok++
  else counts.codes[code] = (counts.codes[code] ?? 0) + 1
}

/** @param {Stage} stage @param {{ scene: string, requests: string[] }} play */
async function replay(stage, { scene, requests }) {
  const engine = await stage.open(scene)
  const last = requests.length - 1
  for (const request of requests.slice(0, last)) await engine.request(request)
  const { fault } = await stage.send(engine, requests[last] ?? '')
  await engine.close()
  return { failures: fault ? [{ scene, requests, fault }] : [] }
}

/** @type {Task} */
const task = JSON.parse(process.argv[2] ?? '{}')
const { openBackend } = await import(pathToFileURL(task.backends).href)
const { ARRANGER_BACKEND: backend, ARRANGER_SERVER_ADDRESS: address } = process.env
let opened = 0
/** Each on a server of its own, when it is on one. @param {object} config */
const open = async (config) =>
  (await openBackend([backend], { ...config, serverAddress: `${address}-${opened++}` })).connection
const stage = await Stage.build(open, task.files)
const result = await (task.play ? replay(stage, task.play) : hunt(stage, task))
writeSync(1, `${JSON.stringify(result)}\n`)
