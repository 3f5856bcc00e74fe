// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMet, number, table } from '../lib/report.mjs'
import { figureOf } from '../lib/rounds.mjs'
import { bars, curves } from '../lib/svg.mjs'

const row = (/** @type {number} */ is, /** @type {object} */ more = {}) => ({
  ...{ workload: 'W1', label: 'a row', unit: 'ns', target: 20, better: undefined, floor: 10 },
  ...{ figures: { arranger: figureOf([is]), csound: figureOf([2 * is, 2 * is, 9 * is]) } },
  ...more,
})

test('the median counts, and its spread is told', () => {
  assert.deepEqual(figureOf([5, 1, 2]), { median: 2, least: 1, most: 5, runs: 3 })
  assert.equal(figureOf([1, 2, 3, 10]).median, 2.5)
})

test('a target is met or missed, and nothing is met that was not measured', () => {
  assert.equal(isMet(row(20)), true)
  assert.equal(isMet(row(21)), false)
  assert.equal(isMet(row(1.9, { target: 1.8, better: 'more' })), true)
  assert.equal(isMet(row(1, { figures: {} })), null)
})

test('figures have three digits', () => {
  assert.deepEqual([0.1234, 1.234, 12.34, 1234.5].map(number), ['0.123', '1.23', '12.3', '1235'])
})

test('the table names what was missed, and on what it was measured', () => {
  const about = { date: '2026-01-01', machine: 'M', node: 'v20', revision: 'abc', quick: true }
  const text = table({ ...about, versions: { arranger: '1', csound: '6' }, rows: [row(30)], live: [], growth: [] })
  assert.match(text, /W1 a row +ns +60\.0 +10\.0 +≤ 20 +30\.0 +MISSED/)
  assert.match(text, /Csound 6.*QUICK/)
})

test('plots are XML with a place for each value', () => {
  const svg = bars('a < b', [
    {
      label: 'W1',
      bars: [
        { name: 'x', value: 3 },
        { name: 'y', value: 0.2 },
      ],
    },
  ])
  assert.match(svg, /^<svg [^>]*>\n<title>a &lt; b<\/title>/)
  assert.equal(svg.match(/<rect/g)?.length, 4)
  assert.doesNotMatch(svg, /NaN|Infinity/)
  const points = [10, 100, 1000].map((x) => ({ x, y: 1 / x }))
  const drawn = curves('all', [{ name: 'n', x: 'nodes', y: 'ns', points }])
  assert.match(drawn, /<title>all<\/title>/)
  assert.equal(drawn.match(/<circle/g)?.length, 3)
  assert.doesNotMatch(drawn, /NaN|Infinity/)
})
