// @ts-check
// Interleaved stereo floats without a header: what every engine leaves for the checks.
import { closeSync, openSync, readSync, statSync, writeFileSync } from 'node:fs'
import { sampleRate } from '../workloads.mjs'

const bytesPerFrame = 8

/** @param {string} path @param {Float32Array} left @param {Float32Array} right */
export function writeRaw(path, left, right) {
  const both = new Float32Array(2 * left.length)
  for (let frame = 0; frame < left.length; frame++) {
    both[2 * frame] = left[frame] ?? 0
    both[2 * frame + 1] = right[frame] ?? 0
  }
  writeFileSync(path, both)
}

/** @param {string} path */
export const secondsOf = (path) => statSync(path).size / bytesPerFrame / sampleRate

/** @param {string} path @param {number} from seconds @param {number} length seconds @returns {[Float32Array, Float32Array]} */
export function readRaw(path, from, length) {
  const frames = Math.round(length * sampleRate)
  const both = new Float32Array(2 * frames)
  const file = openSync(path, 'r')
  const bytes = new Uint8Array(both.buffer)
  const read = readSync(file, bytes, 0, bytes.length, Math.round(from * sampleRate) * bytesPerFrame)
  closeSync(file)
  if (read < bytes.length) throw new Error(`${path} ends before ${from + length} s`)
  const channel = (/** @type {number} */ which) =>
    Float32Array.from({ length: frames }, (_, frame) => both[2 * frame + which] ?? 0)
  return [channel(0), channel(1)]
}
