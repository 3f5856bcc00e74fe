// @ts-check
// W7: the greatest resident size of a process that streams sound into a file, and whether it grows with the length.
import { measured } from '../lib/measured.mjs'
import { figureOf, reasonOf, runWorker, say } from '../lib/rounds.mjs'

/** @typedef {import('../lib/rounds.mjs').Figure} Figure */

const mega = (/** @type {number} */ bytes) => bytes / 1e6

/** @param {import('../lib/engines.mjs').Engine[]} engines @param {number} scale @returns {Promise<import('../lib/rounds.mjs').MeasuredRow[]>} */
export async function memory(engines, scale) {
  const lengths = [1, 10, 60].map((minutes) => Math.max(1, Math.round(minutes * scale)))
  const node = mega((await measured(process.execPath, ['-e', '0'])).maxRssBytes)
  say(`W7: Node itself ${node.toFixed(1)} MB`)
  /** @type {Record<string, Figure>[]} */
  const [longest = {}, above = {}, growth = {}] = [{}, {}, {}]
  /** @type {Record<string, string>} */
  const missing = {}
  for (const { name } of engines.filter(({ kinds }) => kinds.includes('stream')))
    try {
      const sizes = []
      for (const minutes of lengths)
        sizes.push(
          mega((await runWorker(name, { kind: 'stream', size: { minutes } }, false)).maxRssBytes ?? Number.NaN),
        )
      say(`W7: ${name}: ${sizes.map((size) => size.toFixed(1)).join(', ')} MB after ${lengths.join(', ')} minutes`)
      longest[name] = figureOf(sizes.slice(-1))
      growth[name] = figureOf([(sizes.at(-1) ?? 0) - (sizes[0] ?? 0)])
      if (name === 'arranger') above[name] = figureOf([(sizes.at(-1) ?? 0) - node])
    } catch (error) {
      missing[name] = reasonOf(error)
      say(`W7: ${name}: NO FIGURE: ${missing[name]}`)
    }
  const row = { workload: 'W7', unit: 'MB', missing }
  return [
    { ...row, label: `peak memory of ${lengths.at(-1)} minutes into a file`, figures: longest },
    { ...row, label: `the same above Node itself (${node.toFixed(0)} MB)`, target: 25, figures: above },
    { ...row, label: `growth from ${lengths[0]} to ${lengths.at(-1)} minutes`, target: 2, figures: growth },
  ]
}
