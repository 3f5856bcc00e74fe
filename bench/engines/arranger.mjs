// @ts-check
// Arranger, through the package that users install.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { processorTime, withoutStart } from '../lib/measured.mjs'
import { root } from '../lib/paths.mjs'
import { blockFrames, sampleRate } from '../workloads.mjs'
import {
  automationColumns,
  automationRequests,
  calledRequests,
  chainRequests,
  featuresOf,
  render,
  sineNodeRequests,
  songRequests,
  voiceRequests,
} from './arranger-requests.mjs'

/** @typedef {import('./arranger-requests.mjs').Request} Request */
/** @typedef {import('../lib/checks.mjs').Size} Size */

export const title = 'Arranger'
export const kinds = ['chain', 'called', 'voices', 'nodes', 'song', 'automation', 'stream', 'discard']

export async function version() {
  return JSON.parse(readFileSync(join(root, 'packages/engine/package.json'), 'utf8')).version
}

/** @param {object} [config] */
export async function open(config = {}) {
  const { AudioServer } = await import('../../packages/engine/dist/index.js')
  const server = new AudioServer({ sampleRate, blockSize: blockFrames, outputDevice: null, ...config })
  const ask = (/** @type {Request} */ request) => {
    const reply = JSON.parse(server.handle(JSON.stringify(request)))
    if (reply.status !== 'ok') throw new Error(`${request.cmd}: ${JSON.stringify(reply).slice(0, 500)}`)
    return reply
  }
  return { server, ask, plugins: () => featuresOf(ask({ cmd: 'list_registered_plugins' }).plugins) }
}

/** What this engine lacks that a run asks for. @param {(request: Request) => any} ask @param {Size} size */
function checkFeatures(ask, { threads, typed }) {
  const has = (/** @type {string} */ command, /** @type {string} */ word) =>
    JSON.stringify(ask({ cmd: 'describe' }).commands[command]).includes(`"${word}"`)
  if (threads > 1 && !has('get_stats', 'threads')) throw new Error('the engine has no option threads yet')
  if (typed && !has('set_schedule', 'columns')) throw new Error('the engine takes no typed arrays yet')
}

/** @type {Record<string, (size: any, plugins: Set<string>) => Request[]>} */
const requestsOf = {
  chain: chainRequests,
  called: calledRequests,
  /** Asks for nothing that a program would not: memory is what is measured. */
  stream: ({ minutes }) => chainRequests({ nodes: 2, seconds: 60 * minutes }, new Set()),
  /** Nothing is kept: for lengths that no disk has room for. */
  discard: chainRequests,
  voices: voiceRequests,
  nodes: sineNodeRequests,
  song: songRequests,
  automation: automationRequests,
}

/**
 * @param {string} kind @param {Size} size @param {string} path
 * @returns {Promise<import('../worker.mjs').Sample>}
 */
export async function run(kind, size, path) {
  const { server, ask, plugins } = await open({ threads: size.threads ?? 1 })
  checkFeatures(ask, size)
  const { requests, arrays } = size.typed
    ? automationColumns(/** @type {any} */ (size))
    : { requests: requestsOf[kind]?.(size, kind === 'stream' ? new Set() : plugins()) ?? [], arrays: undefined }
  const texts = requests.map((request) => JSON.stringify(request))
  const handle = /** @type {(request: string, arrays?: object[]) => string} */ (server.handle.bind(server))
  const began = performance.now()
  const { cpu: setup } = await processorTime(() =>
    texts.map((text, index) => checkReply(index === 1 && arrays ? handle(text, arrays) : handle(text))),
  )
  const setupWall = (performance.now() - began) / 1000
  const play = async (/** @type {number} */ seconds) => {
    const form = kind === 'stream' ? { format: 'flac', bit_depth: 16 } : {}
    const to = kind === 'discard' ? '/dev/null' : path
    const from = performance.now()
    const { cpu, result } = await processorTime(() => ask(render(to, seconds, form)))
    const maxRssBytes = process.resourceUsage().maxRSS * 1024
    return { cpu, wall: (performance.now() - from) / 1000, hash: result.hash, maxRssBytes }
  }
  const seconds = size.seconds ?? 60 * size.minutes
  // As with programs: what a list of events costs when it is read is part of it, else the start is taken out.
  if (kind === 'automation' || kind === 'stream') return { ...(await play(seconds)), setup, setupWall }
  const rendered = await withoutStart(seconds, play)
  server.close()
  return { ...rendered, setup: setup + rendered.setup, setupWall }
}

/** @param {string} reply */
function checkReply(reply) {
  if (!reply.startsWith('{"status":"ok"')) throw new Error(reply.slice(0, 500))
}
