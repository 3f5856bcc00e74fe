// @ts-check
// Runs by turns: each round has every row and every engine once, so that all meet the same machine.
import { join } from 'node:path'
import { CommandError, run } from '../../scripts/lib/run.mjs'
import { root } from './paths.mjs'

/** @typedef {import('../rows.mjs').Row} Row */
/** @typedef {import('../rows.mjs').Case} Case */
/** @typedef {import('../worker.mjs').Sample} Sample */
/** @typedef {import('./engines.mjs').Engine} Engine */
/** @typedef {{ median: number, least: number, most: number, runs: number }} Figure */
/**
 * @typedef {object} MeasuredRow
 * @property {string} workload
 * @property {string} label
 * @property {string} unit
 * @property {number | undefined} [target]
 * @property {'more' | undefined} [better]
 * @property {number | undefined} [floor]
 * @property {Record<string, Figure>} figures by engine
 * @property {Record<string, string>} [missing] by engine: why there is no figure
 */

/** Talk, apart from what is asked for. @param {string} line */
export const say = (line) => void process.stderr.write(`${line}\n`)

/** @param {number[]} values @returns {Figure} */
export function figureOf(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (/** @type {number} */ index) => sorted[index] ?? Number.NaN
  const middle = sorted.length / 2
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2
  return { median, least: at(0), most: at(sorted.length - 1), runs: sorted.length }
}

/** @param {string} engine @param {Case} one @param {boolean} check @returns {Promise<Sample>} */
export async function runWorker(engine, { kind, size }, check) {
  const args = [join(root, 'bench/worker.mjs'), engine, kind, JSON.stringify(size), ...(check ? ['--check'] : [])]
  const output = await run(process.execPath, args, { timeoutSeconds: 900 })
  return JSON.parse(output.trim().split('\n').at(-1) ?? '')
}

/** @param {unknown} error */
export const reasonOf = (error) => {
  if (!(error instanceof CommandError)) return error instanceof Error ? error.message : String(error)
  return error.output.match(/^\w*(?:Error|Unavailable): .*$/m)?.[0] ?? error.message
}

/**
 * @param {Row[]} rows
 * @param {{ engines: Engine[], rounds: number, scale: number, floor: Record<string, number> }} options
 * @returns {Promise<MeasuredRow[]>}
 */
export async function measureRows(rows, { engines, rounds, scale, floor }) {
  const plan = rows.flatMap((row) =>
    engines.flatMap(({ name, kinds }) => {
      const cases = row.cases(name, scale)?.filter(({ kind }) => kinds.includes(kind)) ?? []
      return cases.length > 0 ? [{ row, name, cases, values: /** @type {number[]} */ ([]), missing: '' }] : []
    }),
  )
  for (let round = 0; round < rounds; round++)
    for (const entry of plan.filter(({ missing }) => missing === '')) {
      const { row, name, cases, values } = entry
      try {
        /** @type {Sample[]} */
        const samples = []
        for (const one of cases) samples.push(await runWorker(name, one, round === 0))
        values.push(row.figure(samples, cases))
        say(`${round + 1}/${rounds} ${row.workload} ${row.label}: ${name} ${values.at(-1)?.toPrecision(4)} ${row.unit}`)
      } catch (error) {
        entry.missing = reasonOf(error)
        say(`${row.workload} ${row.label}: ${name}: NO FIGURE: ${entry.missing}`)
      }
    }
  return rows.map((row) => {
    const own = plan.filter((entry) => entry.row === row)
    const { workload, label, unit, target, better } = row
    const withFigures = own.filter(({ values, missing }) => missing === '' && values.length > 0)
    return {
      ...{ workload, label, unit, target, better, floor: row.floor ? floor[row.floor] : undefined },
      figures: Object.fromEntries(withFigures.map(({ name, values }) => [name, figureOf(values)])),
      missing: Object.fromEntries(own.filter(({ missing }) => missing).map(({ name, missing }) => [name, missing])),
    }
  })
}
