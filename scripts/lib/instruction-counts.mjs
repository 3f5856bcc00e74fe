// @ts-check
// Counts of instructions against those of before.

/** @typedef {{ date: string, compiler: string, valgrind: string, libc: string, counts: Record<string, number> }} Counts */

/** As much more or less as is no fault. */
export const tolerance = 0.03

/**
 * What is slower fails. So does what is faster: else the next loss would hide in it.
 * @param {Counts} expected @param {Counts} now
 * @returns {{ faults: string[], lines: string[] }} one line for each workload; faults are those of them that fail
 */
export function compareCounts(expected, now) {
  const names = [...new Set([...Object.keys(expected.counts), ...Object.keys(now.counts)])]
  /** @type {string[]} */
  const faults = []
  const lines = names.map((name) => {
    const [old, is] = [expected.counts[name], now.counts[name]]
    const change = old && is ? is / old - 1 : Number.NaN
    const ok = Math.abs(change) <= tolerance
    const percent = Number.isNaN(change) ? 'not in both' : `${change < 0 ? '' : '+'}${(100 * change).toFixed(2)} %`
    const remedy = change < 0 ? 'faster: run node scripts/lib/instructions.mjs --update' : 'SLOWER'
    const line = `${name.padEnd(26)} ${String(old).padStart(12)} -> ${String(is).padStart(12)}  ${percent}`
    if (ok) return line
    faults.push(`${line}  ${remedy}`)
    return `${line}  ${remedy}`
  })
  return { faults, lines }
}

/**
 * Numbers of another compiler say nothing about our code.
 * @param {Counts} expected @param {{ compiler: string, libc: string, valgrind: string }} tools
 * @returns {string | null} why the numbers can only be reported
 */
export function skipReason(expected, tools) {
  for (const tool of /** @type {const} */ (['compiler', 'libc', 'valgrind']))
    if (expected[tool] !== tools[tool])
      return `the numbers are of ${expected[tool]}, but here is ${tools[tool]}: they are reported, not judged`
  return null
}
