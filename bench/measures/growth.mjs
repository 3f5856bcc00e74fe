// @ts-check
// How Arranger's cost grows: with nodes, events, the length of a render, and clients of the server.
import { reasonOf, runWorker, say } from '../lib/rounds.mjs'
import { blockFrames, sampleRate } from '../workloads.mjs'
import { clients } from './clients.mjs'

/** @typedef {{ x: number, y: number }} Point */
/** @typedef {{ name: string, x: string, y: string, points: Point[] }} Curve names and units of both axes */

/** @param {Curve[]} curves @param {number} x @param {(add: (index: number, y: number | undefined) => void) => Promise<void>} measure */
async function at(curves, x, measure) {
  try {
    await measure((index, y) => {
      if (y !== undefined && Number.isFinite(y)) curves[index]?.points.push({ x, y })
    })
    say(`growth: ${x} ${curves.map(({ y, points }) => `${y} ${points.at(-1)?.y.toPrecision(4)}`).join(', ')}`)
  } catch (error) {
    say(`growth: ${curves[0]?.name} at ${x}: NO FIGURE: ${reasonOf(error)}`)
  }
}

/** @param {string} name @param {string} x @param {string[]} ys @returns {Curve[]} */
const curvesOf = (name, x, ys) => ys.map((y) => ({ name, x, y, points: [] }))

/** @param {number} scale */
async function withNodes(scale) {
  const curves = curvesOf('nodes in a chain', 'nodes', [
    'ns per node and block',
    'set-up, µs per node',
    'bytes per node',
  ])
  const alone = await runWorker('arranger', { kind: 'chain', size: { nodes: 2, seconds: 1 } }, false)
  for (const nodes of [10, 100, 1000, 10_000]) {
    const seconds = Math.max(1, (20_000 * scale) / nodes)
    await at(curves, nodes, async (add) => {
      const sample = await runWorker('arranger', { kind: 'chain', size: { nodes, seconds } }, false)
      add(0, (1e9 * sample.cpu * blockFrames) / (seconds * sampleRate) / nodes)
      add(1, (1e6 * (sample.setup ?? Number.NaN)) / nodes)
      // What a process takes varies by some hundred thousand bytes, which says nothing about few nodes.
      if (nodes >= 1000) add(2, ((sample.maxRssBytes ?? Number.NaN) - (alone.maxRssBytes ?? 0)) / nodes)
    })
  }
  return curves
}

/** @param {number} scale */
async function withEvents(scale) {
  const curves = curvesOf('changes of a gain, typed arrays', 'events', ['µs per event', 'MB'])
  const json = curvesOf('changes of a gain, JSON', 'events', ['µs per event', 'MB'])
  const total = (/** @type {import('../worker.mjs').Sample} */ { cpu, setup = 0 }) => cpu + setup
  for (const [into, typed, counts] of /** @type {const} */ ([
    [json, false, [1000, 10_000, 100_000, 800_000]],
    [curves, true, [1000, 10_000, 100_000, 1_000_000, 10_000_000]],
  ]))
    for (const events of counts)
      await at(into, events, async (add) => {
        // As many per second everywhere.
        const size = { seconds: Math.max(1, 600 * (events / 1e6)), typed }
        const none = await runWorker('arranger', { kind: 'automation', size: { ...size, events: 0 } }, false)
        const all = await runWorker('arranger', { kind: 'automation', size: { ...size, events } }, false)
        if (events >= 10_000 * scale) add(0, (1e6 * (total(all) - total(none))) / events)
        add(1, (all.maxRssBytes ?? Number.NaN) / 1e6)
      })
  return [...json, ...curves]
}

/** @param {number} scale @param {boolean} long */
async function withLength(scale, long) {
  const curves = curvesOf('length of a render', 'minutes', ['MB', 's of the processor per hour'])
  for (const minutes of [1, 10, 60, ...(long ? [600] : [])])
    await at(curves, minutes, async (add) => {
      const size = { nodes: 2, seconds: Math.max(6, 60 * minutes * scale) }
      const sample = await runWorker('arranger', { kind: 'discard', size }, false)
      add(0, (sample.maxRssBytes ?? Number.NaN) / 1e6)
      add(1, (3600 * sample.cpu) / size.seconds)
    })
  return curves
}

async function withClients() {
  const curves = curvesOf('clients of the server', 'clients', ['µs of its processor time per request', 'kB per client'])
  const alone = await clients(0, 0)
  for (const count of [1, 10, 50, 200])
    await at(curves, count, async (add) => {
      const { cpuSeconds, requests, residentBytes } = await clients(count, Math.ceil(20_000 / count))
      add(0, (1e6 * (cpuSeconds - alone.cpuSeconds)) / requests)
      if (count >= 10) add(1, (residentBytes - alone.residentBytes) / count / 1000)
    })
  return curves
}

/** @param {{ scale: number, long: boolean }} options @returns {Promise<Curve[]>} */
export async function growth({ scale, long }) {
  return [
    ...(await withNodes(scale)),
    ...(await withEvents(scale)),
    ...(await withLength(scale, long)),
    ...(process.platform === 'linux' ? await withClients() : []),
  ]
}
