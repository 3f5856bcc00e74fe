// @ts-check
// Whether a file is what its workload says: nothing is fast by being wrong or silent. Each check throws what is wrong with it.
import { automation, chain, keyHz, sampleRate, sines, song, songTones } from '../workloads.mjs'
import { readRaw, secondsOf } from './raw-file.mjs'

/** @typedef {Record<string, any>} Size */

/** @param {string} what @param {number} is @param {number} wanted @param {number} tolerance relative */
function near(what, is, wanted, tolerance) {
  if (!(Math.abs(is - wanted) <= tolerance * Math.abs(wanted)))
    throw new Error(
      `${what}: expected ${wanted.toPrecision(5)} within ${100 * tolerance} % but received ${is.toPrecision(5)}`,
    )
}

/** @param {Float32Array} samples */
export const rms = (samples) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length)

/** Amplitude of what is at a frequency, through a Hann window. @param {Float32Array} samples @param {number} hz */
export function amplitudeAt(samples, hz) {
  let [re, im, weight] = [0, 0, 0]
  const [turn, slow] = [(2 * Math.PI * hz) / sampleRate, (2 * Math.PI) / samples.length]
  for (let i = 0; i < samples.length; i++) {
    const window = 1 - Math.cos(slow * i)
    weight += window
    const x = window * (samples[i] ?? 0)
    re += x * Math.cos(turn * i)
    im += x * Math.sin(turn * i)
  }
  return (2 * Math.hypot(re, im)) / weight
}

/** @param {string} path @param {Size} size */
function checkChain(path, size) {
  const { sine, gains, seconds } = chain(/** @type {any} */ (size))
  const wanted = sine.amplitude * gains.reduce((product, gain) => product * gain, 1)
  for (const side of readRaw(path, Math.max(0, seconds - 0.5), Math.min(0.4, seconds / 2))) {
    near('amplitude of the sine', amplitudeAt(side, keyHz(sine.key)), wanted, 0.01)
    near('level of all', rms(side), wanted / Math.SQRT2, 0.01)
  }
}

/** @param {string} path @param {Size} size */
function checkSines(path, size) {
  const { keys, amplitude, seconds } = sines(/** @type {any} */ (size))
  const counts = groups(keys)
  for (const side of readRaw(path, seconds - 1, 1)) {
    for (const [key, voices] of [...counts].filter((_, index) => index % 8 === 0))
      near(`amplitude of key ${key}`, amplitudeAt(side, keyHz(key)), voices.length * amplitude, 0.03)
    const power = [...counts.values()].reduce((sum, voices) => sum + (voices.length * amplitude) ** 2 / 2, 0)
    near('level of all', rms(side), Math.sqrt(power), 0.05)
  }
}

/** @param {number[]} keys @returns {Map<number, number[]>} */
function groups(keys) {
  /** @type {Map<number, number[]>} */
  const out = new Map()
  for (const key of keys) out.set(key, [...(out.get(key) ?? []), key])
  return out
}

/** @param {string} path @param {Size} size */
function checkSong(path, size) {
  const { bpm, seconds, tracks, noteSeconds } = song(/** @type {any} */ (size))
  const beat = 60 / bpm
  const last = (tracks[0]?.chords.length ?? 1) - 1
  for (const side of readRaw(path, beat, 2 * beat)) {
    const level = rms(side)
    if (!(level > 0.01 && level < 1)) throw new Error(`level of the song: expected 0.01..1 but received ${level}`)
    // Of several keys together: voices of one key are in phase or not, as they happen to begin.
    const strength = (/** @type {number[]} */ keys) =>
      Math.hypot(...keys.map((key) => amplitudeAt(side, keyHz(key)))) / Math.sqrt(keys.length)
    const [chord, between] = [strength(songTones.present), strength(songTones.absent)]
    if (!(chord > 5 * between)) throw new Error(`the chord does not stand out: ${chord} against ${between}`)
  }
  // The last chord is over, and what the delay repeats is not.
  const from = (/** @type {number} */ offset, /** @type {number} */ length) =>
    rms(readRaw(path, last * beat + offset, length)[0])
  const [dry, echo] = [from(0.1, noteSeconds - 0.1), from(noteSeconds + 0.2, 0.15)]
  if (!(echo > 0.1 * dry && echo < dry)) throw new Error(`echo of the last chord: ${echo} after ${dry}`)
  if (!(secondsOf(path) >= seconds - 0.1)) throw new Error(`${secondsOf(path)} s instead of ${seconds} s`)
}

/** @param {string} path @param {Size} size */
function checkAutomation(path, size) {
  const { seconds, sine, gain, events } = automation(/** @type {any} */ (size))
  for (let at = seconds / 7; at < seconds - 1; at += seconds / 7) {
    const [left] = readRaw(path, at, 0.1)
    const wanted = events === 0 ? sine.amplitude : sine.amplitude * gain(at + 0.05)
    near(`amplitude at ${at.toFixed(2)} s`, Math.SQRT2 * rms(left), wanted, 0.03)
  }
}

/** @type {Record<string, (path: string, size: Size) => void>} */
const checks = {
  chain: checkChain,
  called: checkChain,
  units: checkChain,
  voices: checkSines,
  nodes: checkSines,
  song: checkSong,
  automation: checkAutomation,
}

/** Throws what is wrong with the sound. @param {string} kind @param {Size} size @param {string} path */
export function checkAudio(kind, size, path) {
  const check = checks[kind]
  if (!check) throw new Error(`no check for ${kind}`)
  check(path, size)
}
