// @ts-check
// Programs in processes of their own, and what they took.
import { run } from '../../scripts/lib/run.mjs'
import { program } from './paths.mjs'

/** @typedef {{ cpu: number, wall: number, maxRssBytes: number }} Usage seconds */

/** @param {string} command @param {string[]} args @returns {Promise<Usage>} */
export async function measured(command, args) {
  return JSON.parse(await run(await program('measure'), [command, ...args]))
}

/**
 * What `seconds` of sound take, less what it takes to begin, which is `setup`: the difference of two lengths.
 * @template {{ cpu: number, wall: number }} Took
 * @param {number} seconds
 * @param {(seconds: number) => Promise<Took>} play
 */
export async function withoutStart(seconds, play) {
  const short = Math.min(0.1, seconds / 10)
  const start = await play(short)
  const whole = await play(seconds)
  const part = seconds / (seconds - short)
  return { ...whole, cpu: part * (whole.cpu - start.cpu), wall: part * (whole.wall - start.wall), setup: start.cpu }
}

/** Seconds of the processor that an action in this process takes, threads and all. @template T @param {() => T | Promise<T>} action */
export async function processorTime(action) {
  const before = process.cpuUsage()
  const result = await action()
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / 1e6, result }
}
