// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareCounts, skipReason } from '../../scripts/lib/instruction-counts.mjs'

const tools = { compiler: 'g++ 12', valgrind: 'valgrind-3.19', libc: 'ldd 2.36' }
const of = (/** @type {Record<string, number>} */ counts) => ({ date: '2026-01-01', ...tools, counts })
const faultsOf = (/** @type {Record<string, number>} */ old, /** @type {Record<string, number>} */ now) =>
  compareCounts(of(old), of(now)).faults

test('a loss of five per cent fails, and so does a gain that nobody wrote down', () => {
  assert.match(faultsOf({ W1: 1000, W2: 1000 }, { W1: 1050, W2: 1000 }).join(), /^W1 .*\+5\.00 % {2}SLOWER$/)
  assert.match(faultsOf({ W1: 1000 }, { W1: 950 }).join(), /-5\.00 % {2}faster: .*--update$/)
})

test('what a machine does differently from run to run passes', () => {
  assert.deepEqual(faultsOf({ W1: 1000, W2: 1000 }, { W1: 1029, W2: 971 }), [])
})

test('a workload that was not counted, or counted nothing, fails', () => {
  assert.equal(faultsOf({ W1: 1000, W2: 1000 }, { W1: 1000 }).length, 1)
  assert.equal(faultsOf({ W1: 1000 }, { W1: 1000, W2: 5 }).length, 1)
  assert.equal(faultsOf({ W1: 1000 }, { W1: 0 }).length, 1)
})

test('numbers of another compiler are not judged', () => {
  assert.equal(skipReason(of({}), tools), null)
  assert.match(skipReason(of({}), { ...tools, compiler: 'g++ 13' }) ?? '', /g\+\+ 12.*g\+\+ 13/)
})
