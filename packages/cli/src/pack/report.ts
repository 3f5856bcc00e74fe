// SPDX-License-Identifier: MIT
import type { Palette } from '../terminal.ts'
import { count, shortPath, table } from '../text.ts'
import type { Check } from './checks.ts'
import type { PackResult } from './pack.ts'

const marks = { passed: '✔', warning: '!', failed: '✖', skipped: '–' } as const

/** The lines of all checks, for people: what was looked at, then how it went. */
function checkLines(checks: readonly Check[], { bold, good, warn, bad, dim }: Palette): string[] {
  const paint = { passed: good, warning: warn, failed: bad, skipped: dim }
  const width = Math.max(...checks.map(({ check }) => check.length)) + 2
  return checks.flatMap(({ check, of, verdict, found, code, remedy }, index) => {
    const heading = checks[index - 1]?.of === of ? [] : [bold(of)]
    const text = verdict === 'skipped' || verdict === 'passed' ? dim(found) : found
    const line = `  ${paint[verdict](marks[verdict])} ${check.padEnd(width)}${text}${code ? dim(` (${code})`) : ''}`
    return [...heading, line, ...(remedy ? [`    ${' '.repeat(width)}${dim(remedy)}`] : [])]
  })
}

const kilobytes = (bytes: number) => `${count(Math.max(1, Math.round(bytes / 1000)))} kB`

/** What was checked, then what was made, or why nothing was. */
export function linesOf({ name, version, checks, packages }: PackResult, palette: Palette): string[] {
  // What one thing is about stands together, in the order in which the things were first looked at.
  const things = [...new Set(checks.map(({ of }) => of))]
  const sorted = things.flatMap((thing) => checks.filter(({ of }) => of === thing))
  const faults = checks.filter(({ verdict }) => verdict === 'failed').length
  const { bold, good, bad, dim } = palette
  const rows = packages.map((one) => [
    shortPath(one.path),
    kilobytes(one.size),
    kilobytes(one.unpacked_size),
    one.platform ?? 'all',
  ])
  const [head = '', ...body] = table([['TARBALL', 'SIZE', 'UNPACKED', 'PLATFORM'], ...rows]).split('\n')
  const verdict =
    packages.length > 0
      ? [
          bold(head),
          ...body,
          '',
          good(`${name} ${version} is ready.`),
          dim('Publish those of platforms first: npm publish FILE'),
        ]
      : [bad(`Nothing was packed: ${faults === 1 ? '1 check' : `${faults} checks`} failed.`)]
  return [...checkLines(sorted, palette), '', ...verdict]
}
