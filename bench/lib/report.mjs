// @ts-check
// What was measured, as text for a terminal, as Markdown for the README and docs/bench/, and as plots beside it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'
import { bars, curves } from './svg.mjs'

/** @typedef {import('./rounds.mjs').MeasuredRow} MeasuredRow */
/** @typedef {import('./rounds.mjs').Figure} Figure */
/** @typedef {any} Result what bench.mjs measures */

/** @type {Record<string, string>} */
const titles = {
  arranger: 'Arranger',
  supercollider: 'SuperCollider',
  csound: 'Csound',
  'node-web-audio': 'node-web-audio-api',
  elementary: 'Elementary (WASM)',
}

/** Three digits that count. @param {number | undefined} value */
export function number(value) {
  if (value === undefined || !Number.isFinite(value)) return '–'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)))
  return value.toFixed(Math.min(digits, 3))
}

/** @param {Figure | undefined} figure median and half the spread */
const withSpread = (figure) =>
  !figure ? '–' : number(figure.median) + (figure.runs > 1 ? ` ±${number((figure.most - figure.least) / 2)}` : '')

/** @param {MeasuredRow} row */
export function isMet({ target, better, figures }) {
  const is = figures.arranger?.median
  if (target === undefined || is === undefined) return null
  return better === 'more' ? is >= target : is <= target
}

/** @param {MeasuredRow} row */
function verdict(row) {
  const met = isMet(row)
  if (row.target === undefined) return ''
  if (met === null) return 'not measured'
  return met ? 'met' : 'MISSED'
}

/** @param {Result} result @returns {string[][]} */
function cells({ rows, versions }) {
  const peers = Object.keys(titles).filter((name) => name !== 'arranger' && versions[name])
  const head = ['workload', 'unit', ...peers.map((name) => titles[name] ?? name), 'floor', 'target', 'Arranger', '']
  const body = rows.map((/** @type {MeasuredRow} */ row) => [
    `${row.workload} ${row.label}`,
    row.unit,
    ...peers.map((name) => number(row.figures[name]?.median)),
    number(row.floor),
    row.target === undefined ? '' : `${row.better === 'more' ? '≥' : '≤'} ${row.target}`,
    withSpread(row.figures.arranger),
    verdict(row),
  ])
  return [head, ...body]
}

/** @param {string[][]} lines */
function aligned(lines) {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** @param {string[][]} lines */
function markdown([head = [], ...body]) {
  const row = (/** @type {string[]} */ line) => `| ${line.join(' | ')} |`
  return [row(head), row(head.map((_, column) => (column < 2 ? '---' : '---:'))), ...body.map(row)].join('\n')
}

/** @param {Result} result */
function conditions({ date, machine, node, revision, versions, quick }) {
  const names = Object.entries(versions).map(([name, version]) => `${titles[name] ?? name} ${version}`)
  return `${date}, ${machine}, Node.js ${node}, at ${revision}: ${names.join(', ')}.${quick ? ' A QUICK RUN: too short for figures.' : ''}`
}

/** @param {Result} result */
const liveCells = ({ live }) => [
  ['while it plays', '', 'unit', 'target', ''],
  ...live.map((/** @type {import('../measures/live.mjs').LiveFigure} */ { label, value, unit, target }) => [
    label,
    number(value),
    unit,
    target === undefined ? '' : `≤ ${target}`,
    target === undefined ? '' : value <= target ? 'met' : 'MISSED',
  ]),
]

/** @param {Result} result */
const growthCells = ({ growth }) => [
  ['growth', 'of', ''],
  ...growth.map((/** @type {import('../measures/growth.mjs').Curve} */ { name, x, y, points }) => [
    name,
    y,
    points.map((point) => `${point.x.toLocaleString('en')}: ${number(point.y)}`).join(', ') || `no figure by ${x}`,
  ]),
]

/** For a terminal. @param {Result} result */
export function table(result) {
  const parts = [conditions(result), '', ...aligned(cells(result))]
  if (result.live.length > 0) parts.push('', ...aligned(liveCells(result)))
  if (result.growth.length > 0) parts.push('', ...aligned(growthCells(result)))
  return parts.join('\n')
}

/** SVG files for the docs. @param {Result} result */
export function plots(result) {
  const folder = join(root, 'docs/bench')
  mkdirSync(folder, { recursive: true })
  mkdirSync(folder, { recursive: true })
  const ratios = result.rows
    // What is a ratio or a difference itself is no bar.
    .filter((/** @type {MeasuredRow} */ row) => (row.figures.arranger?.median ?? 0) > 0 && row.unit !== '×')
    .filter(
      (/** @type {MeasuredRow} */ { label, figures }) => Object.keys(figures).length > 1 && !/^growth/.test(label),
    )
    .map((/** @type {MeasuredRow} */ { workload, label, figures }) => ({
      label: `${workload} ${label}`,
      bars: Object.entries(figures)
        .filter(([name, { median }]) => name !== 'arranger' && median > 0)
        .map(([name, { median }]) => ({
          name: titles[name] ?? name,
          value: median / (figures.arranger?.median ?? Number.NaN),
        })),
    }))
  writeFileSync(join(folder, 'ratios.svg'), bars('times what Arranger takes (1 is as much)', ratios))
  const shown = result.growth.filter((/** @type {{ points: unknown[] }} */ { points }) => points.length > 1)
  writeFileSync(join(folder, 'growth.svg'), curves('what it takes as the work grows', shown))
}

/** Replaces what stands between two markers of a file. @param {string} file @param {string} text */
function between(file, text) {
  const [begin, end] = ['<!-- bench: begin -->', '<!-- bench: end -->']
  const whole = readFileSync(file, 'utf8')
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${file} lacks ${begin} and ${end}`)
  writeFileSync(file, `${whole.slice(0, from + begin.length)}\n${text}\n${whole.slice(to)}`)
}

/** The rows with a target in the README, everything in docs/performance.md. @param {Result} result */
export function summary(result) {
  const lines = cells(result)
  const chosen = lines.filter((_, index) => index === 0 || result.rows[index - 1].target !== undefined)
  between(join(root, 'README.md'), `${conditions(result)}\n\n${markdown(chosen)}`)
  const parts = [
    conditions(result),
    '![What others take in times of Arranger](bench/ratios.svg)',
    markdown(lines),
    '![Growth with nodes, events, length and clients](bench/growth.svg)',
  ]
  if (result.live.length > 0) parts.push(markdown(liveCells(result)))
  if (result.growth.length > 0) parts.push(markdown(growthCells(result)))
  parts.push('All figures: [bench/figures.json](bench/figures.json).')
  between(join(root, 'docs/performance.md'), parts.join('\n\n'))
  writeFileSync(join(root, 'docs/bench/figures.json'), `${JSON.stringify(result, null, 2)}\n`)
}
