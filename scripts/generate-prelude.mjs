// @ts-check
// Writes examples/media/prelude-in-c.mid, a Standard MIDI File of J. S. Bach's Prelude in C major, BWV 846 (1722, in the
// public domain), so that the demo has real music on machines without any. `--check` compares instead of writing.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './lib/run.mjs'

const target = join(root, 'examples/media/prelude-in-c.mid')
const ticksPerBeat = 480
const sixteenth = ticksPerBeat / 4
const microsecondsPerBeat = 60_000_000 / 69

/** Bars 1 to 32: five notes each, from the bass up, broken the same way twice. */
const chords = `
  C4 E4 G4 C5 E5 | C4 D4 A4 D5 F5 | B3 D4 G4 D5 F5 | C4 E4 G4 C5 E5 | C4 E4 A4 E5 A5 | C4 D4 F#4 A4 D5
  B3 D4 G4 D5 G5 | B3 C4 E4 G4 C5 | A3 C4 E4 G4 C5 | D3 A3 D4 F#4 C5 | G3 B3 D4 G4 B4 | G3 Bb3 E4 G4 C#5
  F3 A3 D4 A4 D5 | F3 Ab3 D4 F4 B4 | E3 G3 C4 G4 C5 | E3 F3 A3 C4 F4 | D3 F3 A3 C4 F4 | G2 D3 G3 B3 F4
  C3 E3 G3 C4 E4 | C3 G3 Bb3 C4 E4 | F2 F3 A3 C4 E4 | F#2 C3 A3 C4 Eb4 | Ab2 F3 B3 C4 D4 | G2 F3 G3 B3 D4
  G2 E3 G3 C4 E4 | G2 D3 G3 C4 F4 | G2 D3 G3 B3 F4 | G2 Eb3 A3 C4 F#4 | G2 E3 G3 C4 G4 | G2 D3 G3 C4 F4
  G2 D3 G3 B3 F4 | C2 C3 G3 Bb3 E4`
  .trim()
  .split(/\s*[|\n]\s*/)

/** Bars 33 and 34 run through sixteen sixteenths; bar 35 is the last chord. */
const runs = ['C2 C3 F3 A3 C4 F4 C4 A3 C4 A3 F3 A3 F3 D3 F3 D3', 'C2 B2 G4 B4 D5 F5 D5 B4 D5 B4 G4 B4 D4 F4 E4 D4']
const lastChord = 'C2 C3 E4 G4 C5'

/** @param {string} name C4 is 60 */
function pitch(name) {
  const [, letter = '', accidental, octave] = name.match(/^([A-G])([#b]?)(\d)$/) ?? []
  const step = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 }[letter]
  if (step === undefined) throw new Error(`no such note: ${name}`)
  return 12 * (Number(octave) + 1) + step + (accidental === '#' ? 1 : accidental === 'b' ? -1 : 0)
}

/** @typedef {{ start: number, length: number, pitch: number, velocity: number }} Note times in ticks */

/** @returns {Note[]} */
function notes() {
  /** @type {Note[]} */
  const all = []
  const play = (
    /** @type {number} */ at,
    /** @type {string} */ name,
    /** @type {number} */ sixteenths,
    strength = 0,
  ) => {
    const bar = at / 16
    // Two waves: the line rises to bar 15, and from there to the pedal point at bar 28, then ends quietly.
    const shape = bar < 15 ? Math.sin((Math.PI * bar) / 15) : Math.sin((Math.PI * (bar - 15)) / 20)
    const velocity = Math.round(58 + 22 * shape + strength)
    all.push({ start: at * sixteenth, length: sixteenths * sixteenth, pitch: pitch(name), velocity })
  }
  chords.forEach((chord, bar) => {
    const [bass = '', tenor = '', ...upper] = chord.split(' ')
    for (const half of [0, 8]) {
      const at = 16 * bar + half
      play(at, bass, 8, 6)
      play(at + 1, tenor, 7)
      for (const [index, name] of [...upper, ...upper].entries()) play(at + 2 + index, name, 1, index % 3 === 2 ? 4 : 0)
    }
  })
  runs.forEach((run, index) => {
    const at = 16 * (chords.length + index)
    run.split(' ').forEach((name, position) => {
      play(at + position, name, position < 2 ? 16 - position : 1)
    })
  })
  const end = 16 * (chords.length + runs.length)
  for (const name of lastChord.split(' ')) play(end, name, 16)
  return all
}

/** @param {number} value a MIDI variable-length quantity */
function variableLength(value) {
  const bytes = [value & 0x7f]
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}

/** @param {string} type @param {number[]} bytes */
function chunk(type, bytes) {
  const header = Buffer.alloc(8)
  header.write(type, 'latin1')
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, Buffer.from(bytes)])
}

/** @param {number} type @param {number[] | Buffer} data */
const meta = (type, data) => [0xff, type, ...variableLength(data.length), ...data]

/** @param {{ tick: number, bytes: number[] }[]} events */
function track(events) {
  const bytes = []
  let now = 0
  for (const event of events) {
    bytes.push(...variableLength(event.tick - now), ...event.bytes)
    now = event.tick
  }
  return chunk('MTrk', [...bytes, 0, ...meta(0x2f, [])])
}

function file() {
  const tempo = Math.round(microsecondsPerBeat)
  const conductor = track([
    { tick: 0, bytes: meta(0x03, Buffer.from('Prelude in C major, BWV 846')) },
    { tick: 0, bytes: meta(0x02, Buffer.from('J. S. Bach, 1722. Public domain.')) },
    { tick: 0, bytes: meta(0x58, [4, 2, 24, 8]) },
    { tick: 0, bytes: meta(0x51, [tempo >> 16, (tempo >> 8) & 255, tempo & 255]) },
  ])
  const played = notes().flatMap(({ start, length, pitch, velocity }) => [
    { tick: start, order: 1, bytes: [0x90, pitch, velocity] },
    { tick: start + length, order: 0, bytes: [0x80, pitch, 64] },
  ])
  played.sort((a, b) => a.tick - b.tick || a.order - b.order)
  const keyboard = track([
    { tick: 0, bytes: meta(0x03, Buffer.from('Keyboard')) },
    { tick: 0, bytes: [0xc0, 0] },
    ...played,
  ])
  return Buffer.concat([chunk('MThd', [0, 1, 0, 2, ticksPerBeat >> 8, ticksPerBeat & 255]), conductor, keyboard])
}

if (process.argv.includes('--check')) {
  const fresh = existsSync(target) && readFileSync(target).equals(file())
  process.stdout.write(`${target}: ${fresh ? 'fresh' : 'not what this script writes; run it without --check'}\n`)
  process.exitCode = fresh ? 0 : 1
} else {
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, file())
}
