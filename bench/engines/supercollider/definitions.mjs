// @ts-check
// The synths of the workloads.
import { rate, SynthDefinition } from './synth-definition.mjs'

/** @typedef {import('./synth-definition.mjs').Wire} Wire */
const { audio, control } = rate

const second = (/** @type {Wire} */ wire) => ({ unit: wire.unit, output: 1 })

/** A sine on both outputs. */
export function sine() {
  const def = new SynthDefinition('sine', { freq: 440, amp: 0.1 })
  const out = def.multiply(def.add('SinOsc', audio, [def.control('freq'), 0]), def.control('amp'))
  def.add('Out', audio, [0, out, out], 0)
  return def.bytes()
}

/** A stereo gain as a node of its own. */
export function gainInPlace() {
  const def = new SynthDefinition('inplace', { gain: 1 })
  const left = def.add('In', audio, [0], 2)
  const sides = [left, second(left)].map((side) => def.multiply(side, def.control('gain')))
  def.add('ReplaceOut', audio, [0, ...sides], 0)
  return def.bytes()
}

/** @param {number[]} gains */
export function chainOfUnits(gains) {
  const def = new SynthDefinition('units', { freq: 440, amp: 0.1 })
  const source = def.multiply(def.add('SinOsc', audio, [def.control('freq'), 0]), def.control('amp'))
  let [left, right] = [source, source]
  for (const gain of gains) {
    left = def.multiply(left, gain)
    right = def.multiply(right, gain)
  }
  def.add('Out', audio, [0, left, right], 0)
  return def.bytes()
}

/** A sine on one bus. */
export function sineVoice() {
  const def = new SynthDefinition('voice', { freq: 440, amp: 0.1, to: 16 })
  const out = def.multiply(def.add('SinOsc', audio, [def.control('freq'), 0]), def.control('amp'))
  def.add('Out', audio, [def.control('to'), out], 0)
  return def.bytes()
}

/** One bus to both outputs. */
export function spread() {
  const def = new SynthDefinition('spread', { from: 16 })
  const bus = def.add('In', audio, [def.control('from')])
  def.add('Out', audio, [0, bus, bus], 0)
  return def.bytes()
}

/** @param {ReturnType<typeof import('../../workloads.mjs').song>['voice']} voice */
export function voice({ amplitude, cutoffHz, attackSeconds, decaySeconds, sustain, releaseSeconds }) {
  const def = new SynthDefinition('note', { freq: 440, gate: 1, to: 20 })
  const low = def.add('LPF', audio, [def.add('Saw', audio, [def.control('freq')]), cutoffHz])
  const [linear, freeSelf] = [1, 2]
  const stage = (/** @type {number} */ target, /** @type {number} */ seconds) => [target, seconds, linear, 0]
  const shape = [0, 3, 2, -99, ...stage(1, attackSeconds), ...stage(sustain, decaySeconds), ...stage(0, releaseSeconds)]
  const envelope = def.add('EnvGen', control, [def.control('gate'), amplitude, 0, 1, freeSelf, ...shape])
  def.add('Out', audio, [def.control('to'), def.multiply(low, envelope)], 0)
  return def.bytes()
}

/** @param {ReturnType<typeof import('../../workloads.mjs').song>['delay']} delay */
export function track({ seconds, feedback, wet }) {
  const def = new SynthDefinition('track', { from: 20, to: 16, gain: 1, pan: 0 })
  const dry = def.add('In', audio, [def.control('from')])
  const fall = (seconds * Math.log(0.001)) / Math.log(feedback)
  const echo = def.add('CombN', audio, [dry, 0.5, seconds, fall])
  const both = def.multiply(def.sum(dry, def.multiply(echo, wet)), def.control('gain'))
  const left = def.add('Pan2', audio, [both, def.control('pan'), 1], 2)
  def.add('Out', audio, [def.control('to'), left, second(left)], 0)
  return def.bytes()
}

/** @param {ReturnType<typeof import('../../workloads.mjs').song>['reverb']} reverb */
export function master({ wet, room, damping }) {
  const def = new SynthDefinition('master', { from: 16 })
  const left = def.add('In', audio, [def.control('from')], 2)
  const wetLeft = def.add('FreeVerb2', audio, [left, second(left), wet, room, damping], 2)
  def.add('Out', audio, [0, wetLeft, second(wetLeft)], 0)
  return def.bytes()
}
