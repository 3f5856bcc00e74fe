// @ts-check
// SuperCollider's scsynth, offline (-N): a score of OSC bundles and synth definitions, both written here, since sclang is
// not needed for either.
import { writeFileSync } from 'node:fs'
import { tryRun } from '../../scripts/lib/run.mjs'
import { measured, withoutStart } from '../lib/measured.mjs'
import { automation, blockFrames, chain, keyHz, sampleRate, sines, song } from '../workloads.mjs'
import * as definitions from './supercollider/definitions.mjs'
import { bundle, message } from './supercollider/osc.mjs'

/** @typedef {import('../lib/checks.mjs').Size} Size */
/** @typedef {{ at: number, messages: Uint8Array[] }} Moment */

export const title = 'SuperCollider'
export const packages = ['supercollider-server']
export const kinds = ['chain', 'units', 'nodes', 'song', 'automation', 'stream']

export async function version() {
  return (await tryRun('scsynth', ['-v'])).output.match(/scsynth (\S+)/)?.[1] ?? null
}

const addToTail = 1
const newSynth = (
  /** @type {string} */ name,
  /** @type {number} */ id,
  /** @type {number} */ group,
  /** @type {object} */ values,
) => message('/s_new', name, { int: id }, { int: addToTail }, { int: group }, ...Object.entries(values).flat())
const newGroup = (/** @type {number} */ id) => message('/g_new', { int: id }, { int: addToTail }, { int: 0 })
const receive = (/** @type {Uint8Array} */ definition) => message('/d_recv', definition)

/** @param {Size} size @returns {Moment[]} */
function chainScore(size) {
  const { sine, gains } = chain(/** @type {any} */ ({ nodes: 2, seconds: 1, ...size }))
  const source = newSynth('sine', 1, 0, { freq: keyHz(sine.key), amp: sine.amplitude })
  const nodes = gains.map((gain, index) => newSynth('inplace', 10 + index, 0, { gain }))
  return [{ at: 0, messages: [receive(definitions.sine()), receive(definitions.gainInPlace()), source, ...nodes] }]
}

/** All nodes as units of one synth. @param {Size} size @returns {Moment[]} */
function unitScore(size) {
  const { sine, gains } = chain(/** @type {any} */ (size))
  const one = receive(definitions.chainOfUnits(gains))
  return [{ at: 0, messages: [one, newSynth('units', 1, 0, { freq: keyHz(sine.key), amp: sine.amplitude })] }]
}

/** @param {Size} size @returns {Moment[]} */
function sinesScore(size) {
  const { keys, amplitude } = sines(/** @type {any} */ (size))
  const voices = keys.map((key, index) =>
    newSynth('voice', 10 + index, 0, { freq: keyHz(key), amp: amplitude, to: 16 }),
  )
  const master = newSynth('spread', 5000, 0, { from: 16 })
  return [{ at: 0, messages: [receive(definitions.sineVoice()), receive(definitions.spread()), ...voices, master] }]
}

/** @param {Size} size @returns {Moment[]} */
function songScore(size) {
  const { tracks, bpm, voice, noteSeconds, delay, trackGain, reverb } = song(/** @type {any} */ (size))
  const beat = 60 / bpm
  const masterBus = 16
  const trackBus = (/** @type {number} */ track) => 20 + track
  const start = [
    receive(definitions.voice(voice)),
    receive(definitions.track(delay)),
    receive(definitions.master(reverb)),
  ]
  start.push(...[100, 101, 102].map(newGroup))
  for (const [track, { pan }] of tracks.entries())
    start.push(newSynth('track', 200 + track, 101, { from: trackBus(track), to: masterBus, gain: trackGain, pan }))
  start.push(newSynth('master', 300, 102, { from: masterBus }))
  const moments = [{ at: 0, messages: start }]
  let id = 1000
  for (let at = 0; at < (tracks[0]?.chords.length ?? 0); at++) {
    const notes = tracks.flatMap(({ chords }, track) => (chords[at] ?? []).map((key) => ({ key, track, id: id++ })))
    const ons = notes.map(({ key, track, id }) => newSynth('note', id, 100, { freq: keyHz(key), to: trackBus(track) }))
    const offs = notes.map(({ id }) => message('/n_set', { int: id }, 'gate', 0))
    // A bundle must be smaller than 64 kB.
    moments.push(...slices(ons, 256).map((messages) => ({ at: at * beat, messages })))
    moments.push({ at: at * beat + noteSeconds, messages: offs })
  }
  return moments
}

/** @template T @param {T[]} list @param {number} size @returns {T[][]} */
const slices = (list, size) =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size))

/** @param {Size} size @returns {Moment[]} */
function automationScore(size) {
  const { sine, events, time, gain } = automation(/** @type {any} */ (size))
  const start = [receive(definitions.sine()), newSynth('sine', 1, 0, { freq: keyHz(sine.key), amp: sine.amplitude })]
  const changes = Array.from({ length: events }, (_, index) => ({
    at: time(index),
    messages: [message('/n_set', { int: 1 }, 'amp', sine.amplitude * gain(time(index)))],
  }))
  return [{ at: 0, messages: start }, ...changes]
}

/** @type {Record<string, (size: Size) => Moment[]>} */
const scores = {
  chain: chainScore,
  units: unitScore,
  stream: chainScore,
  nodes: sinesScore,
  song: songScore,
  automation: automationScore,
}

/** @param {string} kind @param {Size} size @param {string} path @param {number} seconds */
async function play(kind, size, path, seconds) {
  const score = `${path}.osc`
  const moments = /** @type {NonNullable<typeof scores[string]>} */ (scores[kind])(size).filter(
    ({ at }) => at < seconds,
  )
  // A bundle for each message that is not part of a moment's few keeps each below what scsynth takes.
  const parts = moments.flatMap(({ at, messages }) => slices(messages, 100).map((some) => bundle(at, some)))
  parts.push(bundle(seconds, [message('/c_set', { int: 0 }, { int: 0 })]))
  writeFileSync(score, Buffer.concat(parts))
  const form = kind === 'stream' ? ['FLAC', 'int16'] : ['RAW', 'float']
  const room = ['-n', '20000', '-d', '100', '-m', '262144', '-w', '20000', '-a', '1024']
  return measured('scsynth', [
    ...['-N', score, '_', path, String(sampleRate), ...form],
    ...['-i', '0', '-o', '2', '-z', String(blockFrames), '-V', '-1', ...room],
  ])
}

/** @param {string} kind @param {Size} size @param {string} path @returns {Promise<import('../worker.mjs').Sample>} */
export async function run(kind, size, path) {
  const seconds = size.seconds ?? 60 * size.minutes
  if (kind === 'automation' || kind === 'stream') return play(kind, size, path, seconds)
  return withoutStart(seconds, (length) => play(kind, size, path, length))
}
