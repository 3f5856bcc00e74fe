// @ts-check
// Elementary, its offline renderer, which is WebAssembly.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { processorTime } from '../lib/measured.mjs'
import { peersFolder } from '../lib/paths.mjs'
import { writeRaw } from '../lib/raw-file.mjs'
import { automation, blockFrames, chain, keyHz, sampleRate, sines, song } from '../workloads.mjs'

/** @typedef {import('../lib/checks.mjs').Size} Size */

export const title = 'Elementary (WASM)'
export const npm = { '@elemaudio/core': '3.2.1', '@elemaudio/offline-renderer': '3.2.2' }
export const kinds = ['chain', 'nodes', 'song', 'automation', 'stream', 'set']

const requirePeer = createRequire(join(peersFolder, 'package.json'))

export async function version() {
  const file = join(peersFolder, 'node_modules/@elemaudio/offline-renderer/package.json')
  try {
    return JSON.parse(readFileSync(file, 'utf8')).version
  } catch {
    return null
  }
}

/** @typedef {any} Node */

/** @param {any} el @param {Size} size @returns {[Node, Node]} */
function chainGraph(el, size) {
  const { sine, gains } = chain(/** @type {any} */ ({ nodes: 2, seconds: 1, ...size }))
  // Nodes that are alike are one: the sides differ from the source on, so that the gains of both are played.
  const side = (/** @type {string} */ key) => {
    const source = el.mul(el.const({ key, value: sine.amplitude }), el.cycle(keyHz(sine.key)))
    return gains.reduce((from, gain) => el.mul(gain, from), source)
  }
  return [side('left'), side('right')]
}

/** @param {any} el @param {Size} size @returns {[Node, Node]} */
function sinesGraph(el, size) {
  const { keys, amplitude } = sines(/** @type {any} */ (size))
  const voices = keys.map((key, index) => el.cycle(el.const({ key: `hz${index}`, value: keyHz(key) })))
  const sum = el.mul(amplitude, addAll(el, voices))
  return [sum, sum]
}

/** A node takes only so many inputs. @param {any} el @param {Node[]} nodes @returns {Node} */
function addAll(el, nodes) {
  if (nodes.length <= 8) return el.add(...nodes)
  const groups = Array.from({ length: Math.ceil(nodes.length / 8) }, (_, at) => nodes.slice(8 * at, 8 * at + 8))
  return addAll(
    el,
    groups.map((group) => (group.length === 1 ? group[0] : el.add(...group))),
  )
}

/** @param {any} el @param {Size} size @returns {[Node, Node]} */
function songGraph(el, size) {
  const wanted = song(/** @type {any} */ (size))
  const hertz = wanted.bpm / 60
  const beat = el.train(hertz)
  const { chords = [] } = wanted.tracks[0] ?? {}
  // Open for the part of each beat that notes sound, and shut behind the last chord.
  const held = el.le(el.phasor(hertz), wanted.noteSeconds * hertz)
  const ends = el.le(el.div(el.time(), sampleRate), chords.length / hertz)
  const gate = el.mul(held, ends)
  const sides = wanted.tracks.map((track, index) => songTrack(el, wanted, track, index, beat, gate))
  const mix = [0, 1].map((side) =>
    addAll(
      el,
      sides.map((pair) => pair[side]),
    ),
  )
  const [left, right] = mix.map((input, side) => room(el, input, side, wanted.reverb))
  return [left, right]
}

/** @param {any} el @param {ReturnType<typeof song>} wanted @param {ReturnType<typeof song>['tracks'][number]} track @param {number} index @param {Node} beat @param {Node} gate */
function songTrack(el, { voice, delay, trackGain }, { pan, chords }, index, beat, gate) {
  const [first = [], next = first] = chords
  const notes = first.map((key, at) => {
    // The sequence begins with its first value at the first pulse; chords go up and down by turns.
    const seq = [keyHz(key), keyHz(next[at] ?? key)]
    const hz = el.seq2({ key: `seq${index}.${at}`, seq, hold: true, loop: true }, beat, 0)
    const low = el.lowpass(voice.cutoffHz, voice.q, el.blepsaw(hz))
    const level = el.adsr(voice.attackSeconds, voice.decaySeconds, voice.sustain, voice.releaseSeconds, gate)
    return el.mul(voice.amplitude, level, low)
  })
  const dry = addAll(el, notes)
  const frames = Math.round(delay.seconds * sampleRate)
  const echo = el.delay({ key: `delay${index}`, size: sampleRate }, frames, delay.feedback, dry)
  const both = el.mul(trackGain, el.add(dry, el.mul(delay.wet, echo)))
  return [Math.cos(((pan + 1) * Math.PI) / 4), Math.sin(((pan + 1) * Math.PI) / 4)].map((gain) => el.mul(gain, both))
}

/** Combs and all-passes, as far as there are nodes for them. @param {any} el @param {Node} input @param {number} side @param {ReturnType<typeof song>['reverb']} reverb */
function room(el, input, side, { wet, room: size }) {
  const frames = (/** @type {number} */ tuned) => Math.round(((tuned + 23 * side) * sampleRate) / 44100)
  const combs = [1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617].map((tuned) =>
    el.delay({ key: `comb${side}.${tuned}`, size: 2000 }, frames(tuned), 0.7 + 0.28 * size, el.mul(0.015, input)),
  )
  let out = addAll(el, combs)
  for (const tuned of [556, 441, 341, 225])
    out = el.sub(el.delay({ key: `pass${side}.${tuned}`, size: 1000 }, frames(tuned), 0.5, out), el.mul(0.5, out))
  return el.add(input, el.mul(3 * wet, out))
}

/** @type {Record<string, (el: any, size: Size) => [Node, Node]>} */
const graphs = { chain: chainGraph, stream: chainGraph, nodes: sinesGraph, song: songGraph }

async function open() {
  // It writes its own, which Node.js forbids.
  Object.defineProperty(globalThis, 'crypto', { value: globalThis.crypto, writable: true, configurable: true })
  const { el } = requirePeer('@elemaudio/core')
  const Renderer = requirePeer('@elemaudio/offline-renderer').default
  const core = new Renderer()
  await core.initialize({ numInputChannels: 0, numOutputChannels: 2, sampleRate, blockSize: blockFrames })
  return { el, core }
}

/** @param {any} core @param {number} frames @param {boolean} keep */
function processAll(core, frames, keep) {
  const out = [new Float32Array(blockFrames), new Float32Array(blockFrames)]
  const kept = keep ? [new Float32Array(frames), new Float32Array(frames)] : []
  for (let at = 0; at + blockFrames <= frames; at += blockFrames) {
    core.process([], out)
    for (const [channel, samples] of kept.entries()) samples.set(/** @type {Float32Array} */ (out[channel]), at)
  }
  return kept
}

/** Parameters of a node that is there are set in between two blocks. @param {Size} size @param {string} path */
async function runAutomation(size, path) {
  const wanted = automation(/** @type {any} */ (size))
  const { el, core } = await open()
  const [gain, setGain] = core.createRef('const', { value: 1 }, [])
  const tone = el.mul(gain, el.mul(wanted.sine.amplitude, el.cycle(keyHz(wanted.sine.key))))
  await core.render(tone, tone)
  const frames = Math.round(wanted.seconds * sampleRate)
  const kept = [new Float32Array(frames), new Float32Array(frames)]
  const { cpu } = await processorTime(async () => {
    const out = [new Float32Array(blockFrames), new Float32Array(blockFrames)]
    let next = 0
    for (let at = 0; at + blockFrames <= frames; at += blockFrames) {
      for (; next < wanted.events && wanted.time(next) * sampleRate <= at; next++)
        await setGain({ value: wanted.gain(wanted.time(next)) })
      core.process([], out)
      for (const [channel, samples] of kept.entries()) samples.set(/** @type {Float32Array} */ (out[channel]), at)
    }
  })
  writeRaw(path, kept[0] ?? new Float32Array(), kept[1] ?? new Float32Array())
  return { cpu, maxRssBytes: process.resourceUsage().maxRSS * 1024 }
}

/** W5: a constant is set. @param {number} calls */
async function setParameter(calls) {
  const { core } = await open()
  const [gain, setGain] = core.createRef('const', { value: 1 }, [])
  await core.render(gain, gain)
  const { cpu } = await processorTime(async () => {
    for (let call = 0; call < calls; call++) await setGain({ value: call % 2 })
  })
  return { cpu: cpu / calls }
}

/** @param {string} kind @param {Size} size @param {string} path @returns {Promise<import('../worker.mjs').Sample>} */
export async function run(kind, size, path) {
  if (kind === 'set') return setParameter(size.calls)
  if (kind === 'automation') return runAutomation(size, path)
  const { el, core } = await open()
  const graph = /** @type {NonNullable<typeof graphs[string]>} */ (graphs[kind])
  const { cpu: setup } = await processorTime(() => core.render(...graph(el, size)))
  const frames = Math.round((size.seconds ?? 60 * size.minutes) * sampleRate)
  const { cpu, result } = await processorTime(() => processAll(core, frames, kind !== 'stream'))
  const maxRssBytes = process.resourceUsage().maxRSS * 1024
  if (kind !== 'stream') writeRaw(path, result[0] ?? new Float32Array(), result[1] ?? new Float32Array())
  return { cpu, setup, maxRssBytes }
}
