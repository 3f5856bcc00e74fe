// @ts-check
// The checks of sound hear what is wrong.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { checkAudio } from '../lib/checks.mjs'
import { writeRaw } from '../lib/raw-file.mjs'
import { automation, chain, keyHz, sampleRate, sines, song } from '../workloads.mjs'

const folder = mkdtempSync(join(tmpdir(), 'arranger-bench-'))
after(() => rmSync(folder, { recursive: true }))

/** Checks a file of samples by the formula of each frame's time. @param {string} kind @param {any} size @param {(seconds: number) => number} sample */
function check(kind, size, sample) {
  const path = join(folder, `${kind}.f32`)
  const samples = Float32Array.from({ length: size.seconds * sampleRate }, (_, frame) => sample(frame / sampleRate))
  writeRaw(path, samples, samples)
  checkAudio(kind, size, path)
}
const wave = (/** @type {number} */ hz, /** @type {number} */ seconds) => Math.sin(2 * Math.PI * hz * seconds)

test('a chain is its sine times all gains', () => {
  const size = { nodes: 4, seconds: 1 }
  const { sine } = chain(size)
  const right = (/** @type {number} */ t) => sine.amplitude * wave(440, t)
  check('chain', size, right)
  assert.throws(() => check('chain', size, () => 0), /amplitude of the sine/)
  assert.throws(() => check('chain', size, (t) => 1.25 * right(t)), /amplitude of the sine/)
  assert.throws(() => check('chain', size, (t) => sine.amplitude * wave(442, t)), /amplitude of the sine/)
  assert.throws(() => check('chain', size, (t) => right(t) + 0.05 * wave(3000, t)), /level of all/)
})

test('every voice has its key and its amplitude', () => {
  const size = { voices: 32, seconds: 2 }
  const { keys, amplitude } = sines(size)
  const of = (/** @type {number[]} */ some) => (/** @type {number} */ t) =>
    amplitude * some.reduce((sum, key) => sum + wave(keyHz(key), t), 0)
  check('nodes', size, of(keys))
  assert.throws(() => check('nodes', size, of(keys.slice(4))), /amplitude of key/)
  assert.throws(() => check('nodes', size, of(keys.slice(0, 28))), /level of all|amplitude of key/)
})

test('a gain follows its list', () => {
  const size = { events: 1000, seconds: 20 }
  const { sine, gain } = automation(size)
  check('automation', size, (t) => sine.amplitude * gain(t) * wave(440, t))
  check('automation', { ...size, events: 0 }, (t) => sine.amplitude * wave(440, t))
  assert.throws(() => check('automation', size, (t) => sine.amplitude * wave(440, t)), /amplitude at/)
  assert.throws(() => check('automation', size, (t) => sine.amplitude * gain(t - 1) * wave(440, t)), /amplitude at/)
})

test('a song has its chord, and echoes behind it', () => {
  const size = { seconds: 4, tracks: 2 }
  const { bpm, noteSeconds, tracks, delay } = song(size)
  const beat = 60 / bpm
  const dry = (/** @type {number} */ t, transposed = 0) => {
    const at = Math.floor(t / beat)
    if (t < 0 || t - at * beat > noteSeconds) return 0
    return tracks.reduce((all, { chords }) => {
      const keys = chords[at] ?? []
      return all + keys.reduce((sum, key) => sum + 0.03 * wave(keyHz(key + transposed), t), 0)
    }, 0)
  }
  const withEcho = (/** @type {number} */ t) => dry(t) + 0.5 * dry(t - delay.seconds)
  check('song', size, withEcho)
  assert.throws(() => check('song', size, dry), /echo/)
  assert.throws(() => check('song', size, (t) => withEcho(t) / 100), /level of the song/)
  assert.throws(
    () => check('song', size, (t) => dry(t, 2) + 0.5 * dry(t - delay.seconds, 2)),
    /chord does not stand out/,
  )
})
