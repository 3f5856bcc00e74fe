// @ts-check
// W5: what a call costs from JavaScript, with JSON written and read there, and as a number; and a graph of 1 MB.
import { join } from 'node:path'
import { run } from '../../scripts/lib/run.mjs'
import { root } from '../lib/paths.mjs'
import { figureOf, reasonOf, runWorker, say } from '../lib/rounds.mjs'

/** @typedef {import('../lib/rounds.mjs').MeasuredRow} MeasuredRow */

const calls = 100_000
const rows = {
  ping: { label: 'ping, JSON on both sides, p50', unit: 'µs' },
  pingWorst: { label: 'the same, p99', unit: 'µs' },
  setParam: { label: 'set_param, JSON on both sides, p50', unit: 'µs', target: 1.2 },
  setParamWorst: { label: 'the same, p99', unit: 'µs' },
  send: { label: 'a parameter as a number, p50', unit: 'µs', target: 0.15 },
  parse: { label: 'set_graph of 1 MB, read and refused at its end', unit: 'ms', target: 2 },
  setGraph: { label: 'set_graph of 1 MB, carried out', unit: 'ms' },
  setGraphAgain: { label: 'the same again', unit: 'ms' },
  oneChanged: { label: 'set_graph of 10,000 nodes, one of them changed', unit: 'ms', target: 5 },
}

/** @param {import('../lib/engines.mjs').Engine[]} engines @param {number} rounds @returns {Promise<MeasuredRow[]>} */
export async function control(engines, rounds) {
  /** @type {Record<string, number[]>} */
  const own = Object.fromEntries(Object.keys(rows).map((name) => [name, []]))
  /** @type {Record<string, number[]>} */
  const setters = {}
  for (let round = 0; round < rounds; round++) {
    const measured = JSON.parse(await run(process.execPath, [join(root, 'bench/measures/calls.mjs')]))
    for (const [name, value] of Object.entries(measured)) if (typeof value === 'number') own[name]?.push(value)
    for (const { name, kinds } of engines)
      if (kinds.includes('set'))
        try {
          const { cpu } = await runWorker(name, { kind: 'set', size: { calls } }, false)
          setters[name] = [...(setters[name] ?? []), 1e6 * cpu]
        } catch (error) {
          say(`W5: ${name}: NO FIGURE: ${reasonOf(error)}`)
        }
    say(`${round + 1}/${rounds} W5: ${JSON.stringify(measured)}`)
  }
  const others = Object.fromEntries(Object.entries(setters).map(([name, values]) => [name, figureOf(values)]))
  return Object.entries(rows).map(([name, row]) => {
    const values = own[name] ?? []
    return {
      workload: 'W5',
      ...row,
      figures: {
        ...(values.length > 0 ? { arranger: figureOf(values) } : {}),
        ...(name === 'send' ? others : {}),
      },
      missing: values.length > 0 ? {} : { arranger: 'not there yet' },
    }
  })
}
