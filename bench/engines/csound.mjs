// @ts-check
// Csound, as a program that renders a file offline. Every node, voice and note is an instance of an instrument.
import { writeFileSync } from 'node:fs'
import { tryRun } from '../../scripts/lib/run.mjs'
import { measured, withoutStart } from '../lib/measured.mjs'
import { automation, blockFrames, chain, keyHz, sampleRate, sines, song } from '../workloads.mjs'

/** @typedef {import('../lib/checks.mjs').Size} Size */
/** @typedef {{ orchestra: string, score: string[] }} Piece */

export const title = 'Csound'
export const packages = ['csound']
export const kinds = ['chain', 'nodes', 'song', 'automation', 'stream']

export async function version() {
  return (await tryRun('csound', ['--version'])).output.match(/Csound version (\S+)/)?.[1] ?? null
}

/** @param {Size} size @param {number} seconds @returns {Piece} */
function chainPiece(size, seconds) {
  const { sine, gains } = chain(/** @type {any} */ ({ nodes: 2, seconds: 1, ...size }))
  return {
    orchestra: `gaL init 0
gaR init 0
instr 1
  gaL poscil3 ${sine.amplitude}, ${keyHz(sine.key)}
  gaR = gaL
endin
instr 2
  gaL *= p4
  gaR *= p4
endin
instr 3
  outs gaL, gaR
endin`,
    score: [`i 1 0 ${seconds}`, ...gains.map((gain) => `i 2 0 ${seconds} ${gain}`), `i 3 0 ${seconds}`],
  }
}

/** @param {Size} size @param {number} seconds @returns {Piece} */
function sinesPiece(size, seconds) {
  const { keys, amplitude } = sines(/** @type {any} */ (size))
  return {
    orchestra: `instr 1
  aS poscil3 ${amplitude}, p4
  outs aS, aS
endin`,
    score: keys.map((key) => `i 1 0 ${seconds} ${keyHz(key)}`),
  }
}

/** Gains of an equal-power pan. @param {number} pan */
export const panGains = (pan) => [Math.cos(((pan + 1) * Math.PI) / 4), Math.sin(((pan + 1) * Math.PI) / 4)]

/** @param {Size} size @param {number} seconds @returns {Piece} */
function songPiece(size, seconds) {
  const { tracks, bpm, voice, noteSeconds, delay, trackGain, reverb } = song(/** @type {any} */ (size))
  const score = [`i 3 0 ${seconds}`]
  for (const [track, { pan, chords }] of tracks.entries()) {
    const [left = 0, right = 0] = panGains(pan)
    score.unshift(`i 2 0 ${seconds} ${track} ${left} ${right}`)
    for (const [beat, keys] of chords.entries()) {
      if ((beat * 60) / bpm >= seconds) break
      for (const key of keys) score.push(`i 1 ${(beat * 60) / bpm} ${noteSeconds} ${keyHz(key)} ${track}`)
    }
  }
  return {
    orchestra: `zakinit ${tracks.length}, 1
gaL init 0
gaR init 0
instr 1
  aSaw vco2 ${voice.amplitude}, p4
  aLow butterlp aSaw, ${voice.cutoffHz}
  aEnv madsr ${voice.attackSeconds}, ${voice.decaySeconds}, ${voice.sustain}, ${voice.releaseSeconds}
  zawm aLow * aEnv, p5
endin
instr 2
  aDry zar p4
  aBack init 0
  aEcho delay aDry + aBack * ${delay.feedback}, ${delay.seconds}
  aBack = aEcho
  aOut = (aDry + aEcho * ${delay.wet}) * ${trackGain}
  gaL += aOut * p5
  gaR += aOut * p6
  zacl p4, p4
endin
instr 3
  aL, aR freeverb gaL, gaR, ${reverb.room}, ${reverb.damping}
  outs gaL + ${reverb.wet} * aL, gaR + ${reverb.wet} * aR
  gaL = 0
  gaR = 0
endin`,
    score,
  }
}

/** @param {Size} size @param {number} seconds @returns {Piece} */
function automationPiece(size, seconds) {
  const { sine, events, time, gain } = automation(/** @type {any} */ (size))
  const changes = Array.from(
    { length: events },
    (_, index) => `i 2 ${time(index).toFixed(6)} 0 ${gain(time(index)).toFixed(6)}`,
  )
  return {
    orchestra: `gkGain init 1
instr 1
  aS poscil3 ${sine.amplitude}, ${keyHz(sine.key)}
  outs aS * gkGain, aS * gkGain
endin
instr 2
  gkGain init p4
endin`,
    score: [`i 1 0 ${seconds}`, ...changes],
  }
}

/** @type {Record<string, (size: Size, seconds: number) => Piece>} */
const pieces = {
  chain: chainPiece,
  stream: chainPiece,
  nodes: sinesPiece,
  song: songPiece,
  automation: automationPiece,
}

/** @param {string} kind @param {Size} size @param {string} path @param {number} seconds */
async function play(kind, size, path, seconds) {
  const { orchestra, score } = /** @type {NonNullable<typeof pieces[string]>} */ (pieces[kind])(size, seconds)
  const csd = `${path}.csd`
  writeFileSync(
    csd,
    `<CsoundSynthesizer>\n<CsInstruments>\nsr = ${sampleRate}\nksmps = ${blockFrames}\nnchnls = 2\n0dbfs = 1\n` +
      `${orchestra}\n</CsInstruments>\n<CsScore>\n${score.join('\n')}\ne ${seconds}\n</CsScore>\n</CsoundSynthesizer>\n`,
  )
  const form = kind === 'stream' ? ['--format=flac', '-s'] : ['-h', '-f']
  return measured('csound', ['-d', '-m0', '--messagelevel=0', ...form, '-o', path, csd])
}

/** @param {string} kind @param {Size} size @param {string} path @returns {Promise<import('../worker.mjs').Sample>} */
export async function run(kind, size, path) {
  const seconds = size.seconds ?? 60 * size.minutes
  // A list of events is read at the beginning, and is what is measured.
  if (kind === 'automation' || kind === 'stream') return play(kind, size, path, seconds)
  return withoutStart(seconds, (length) => play(kind, size, path, length))
}
