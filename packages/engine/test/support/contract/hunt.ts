// Has mutants sent in a process of its own, and reduces a failure to what still shows it.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownEngine } from '../engine.ts'
import { isTransient } from './stage.mjs'

/** Requests on a scene; the last one is what goes wrong. */
interface Play {
  scene: string
  requests: string[]
}

interface Failure extends Play {
  fault: string
}

/** What became of the well-formed requests of one command. */
export interface Tally {
  sent: number
  ok: number
  codes: Record<string, number>
}

export interface Hunt {
  commands: Record<string, Tally>
  slowest: { milliseconds: number; request: string }
  failures: Failure[]
}

/** Where the mutants run: a folder, and the originals of the files that examples name. */
export interface Ground {
  folder: string
  files: Record<string, string>
}

const script = fileURLToPath(new URL('./fuzz.mjs', import.meta.url))
const backends = fileURLToPath(new URL('../../../dist/backends.js', import.meta.url))
const mostReplays = 150

/** Runs the script; a crash or a hang of it is a failure with what the journal has. */
function run(ground: Ground, task: object, journal: string, timeout: number): Partial<Hunt> {
  const argument = JSON.stringify({ backends, files: ground.files, journal, ...task })
  const { status, signal, error, stdout, stderr } = spawnSync(process.execPath, [script, argument], {
    cwd: ground.folder,
    env: ownEngine(),
    encoding: 'utf8',
    timeout,
    maxBuffer: 2 ** 28,
  })
  if (status === 0) return JSON.parse(stdout)
  const reason = error?.message.includes('ETIMEDOUT') ? 'did not end' : `ended with ${signal ?? status}`
  return { failures: [{ ...journalled(journal), fault: `the process ${reason}: ${stderr.slice(-2000)}` }] }
}

function journalled(journal: string): Play {
  const lines = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').filter(Boolean) : []
  const [scene = 'empty', ...requests] = lines.map((line) => JSON.parse(line))
  return { scene, requests }
}

/** Sends `count` mutants made from a seed. */
export function hunt(ground: Ground, seed: number, count: number): Hunt {
  const journal = join(ground.folder, 'journal')
  const empty = { commands: {}, slowest: { milliseconds: 0, request: '' }, failures: [] }
  return { ...empty, ...run(ground, { seed, count }, journal, 30_000 + count * 20) }
}

/**
 * The failure with as few and as small requests as show it still; itself when it does not come again. What is
 * transient and does not come again is nothing.
 */
export function reduced(ground: Ground, failure: Failure): Failure | undefined {
  let left = mostReplays
  const replay = (play: Play): Failure | undefined => {
    if (left-- <= 0) return undefined
    const journal = join(ground.folder, 'replay-journal')
    const fault = run(ground, { play }, journal, 30_000).failures?.[0]?.fault
    return fault === undefined ? undefined : { ...play, fault }
  }
  let best = replay({ scene: failure.scene, requests: failure.requests })
  for (let smaller: Failure | undefined = best; smaller; ) {
    best = smaller
    smaller = undefined
    for (const play of smallerThan(best)) {
      smaller = replay(play)
      if (smaller) break
    }
  }
  return best ?? (isTransient(failure.fault) ? undefined : failure)
}

function* smallerThan({ scene, requests }: Play): Generator<Play> {
  const last = requests.at(-1) ?? ''
  const before = requests.slice(0, -1)
  if (before.length > 0) yield { scene, requests: [last] }
  for (let index = before.length - 1; index >= 0; index--)
    yield { scene, requests: [...before.filter((_, at) => at !== index), last] }
  for (const text of smallerTexts(last)) yield { scene, requests: [...before, text] }
  if (scene !== 'empty') yield { scene: 'empty', requests }
}

/** The request without one of its members or elements, or with a text cut to half. */
function* smallerTexts(text: string): Generator<string> {
  let request: unknown
  try {
    request = JSON.parse(text)
  } catch {
    return
  }
  for (const smaller of smallerValues(request)) {
    const shorter = JSON.stringify(smaller)
    if (shorter.length < text.length) yield shorter
  }
}

function* smallerValues(value: unknown): Generator<unknown> {
  if (typeof value === 'string' && value.length > 8) yield value.slice(0, value.length / 2)
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      yield value.toSpliced(index, 1)
      for (const inner of smallerValues(value[index])) yield value.toSpliced(index, 1, inner)
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
      for (const inner of smallerValues(item)) yield { ...value, [key]: inner }
    }
  }
}

/** A failure as a reader can repeat it. */
export function report(seed: number, { scene, requests, fault }: Failure): string {
  return `seed ${seed}: ${fault}\non the scene '${scene}':\n${requests.map((request) => `  ${request.slice(0, 4000)}`).join('\n')}`
}
