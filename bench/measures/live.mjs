// @ts-check
// Arranger while it plays, against the clock of the null device: load of the callback, the most nodes that are in time, and
// what it takes when there is nothing to do.
import { join } from 'node:path'
import { run } from '../../scripts/lib/run.mjs'
import { root } from '../lib/paths.mjs'
import { reasonOf, say } from '../lib/rounds.mjs'

/** @typedef {{ label: string, value: number, unit: string, target?: number }} LiveFigure */

/** @param {object} what @returns {Promise<{ load: number, p99_us: number, max_us: number, xruns: number, cpu: number }>} */
const play = async (what) =>
  JSON.parse(await run(process.execPath, [join(root, 'bench/measures/play.mjs'), JSON.stringify(what)]))

/** The most sines, each a node, that play for `seconds` with no xrun; doubled, then halved. @param {number} blockSize @param {number} seconds */
async function mostNodes(blockSize, seconds) {
  const plays = async (/** @type {number} */ nodes) => {
    const { xruns, load } = await play({ kind: 'nodes', nodes, blockSize, seconds })
    say(`live: ${nodes} nodes at ${blockSize} frames: ${xruns} xruns, load ${(100 * load).toFixed(0)} %`)
    return xruns === 0
  }
  let [good, bad] = [0, 250]
  while (bad <= 64_000 && (await plays(bad))) [good, bad] = [bad, 2 * bad]
  while (bad - good > good / 8 && bad - good > 25) {
    const middle = Math.round((good + bad) / 2)
    if (await plays(middle)) good = middle
    else bad = middle
  }
  return good
}

/** @param {number} scale @returns {Promise<LiveFigure[]>} */
export async function live(scale) {
  const seconds = Math.max(1, 10 * scale)
  /** @type {LiveFigure[]} */
  const figures = []
  const measure = async (/** @type {() => Promise<LiveFigure[]>} */ action) => {
    try {
      figures.push(...(await action()))
    } catch (error) {
      say(`live: NO FIGURE: ${reasonOf(error)}`)
    }
  }
  for (const blockSize of [32, 64, 128])
    await measure(async () => {
      const { load, p99_us, max_us, xruns } = await play({ kind: 'song', blockSize, seconds })
      say(`live: the song at ${blockSize} frames: load ${(100 * load).toFixed(1)} %, ${xruns} xruns`)
      return [
        { label: `load of the song, blocks of ${blockSize}`, value: 100 * load, unit: '%' },
        { label: `longest call, p99, blocks of ${blockSize}`, value: p99_us, unit: 'µs' },
        { label: `longest call of all, blocks of ${blockSize}`, value: max_us, unit: 'µs' },
      ]
    })
  await measure(async () => {
    const nodes = await mostNodes(128, Math.max(1, 3 * scale))
    return [{ label: 'most sines, each a node, without an xrun, blocks of 128', value: nodes, unit: 'nodes' }]
  })
  await measure(async () => {
    const { cpu } = await play({ kind: 'stopped', blockSize: 128, seconds })
    return [{ label: 'processor time of a stopped engine', value: 100 * cpu, unit: '%', target: 0.5 }]
  })
  await measure(async () => {
    const { cpu } = await play({ kind: 'silent', blockSize: 128, seconds })
    return [{ label: 'processor time of a silent graph that plays', value: 100 * cpu, unit: '%', target: 1 }]
  })
  return figures
}
