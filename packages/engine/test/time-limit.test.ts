// SPDX-License-Identifier: MIT
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { orAfter } from '../src/time-limit.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('a task within its time has its own outcome, and no timer keeps the process', async () => {
  expect(await orAfter(5000, Promise.resolve('done'), 'late')).toBe('done')
  await expect(orAfter(5000, Promise.reject(new Error('failed')), 'late')).rejects.toThrow('failed')
  expect(vi.getTimerCount()).toBe(0)
})

it('a task that takes longer is not waited for', async () => {
  const outcome = orAfter(5000, new Promise(() => {}), 'late')
  await vi.advanceTimersByTimeAsync(5000)
  expect(await outcome).toBe('late')
})
