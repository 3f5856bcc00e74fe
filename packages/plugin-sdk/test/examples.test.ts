// SPDX-License-Identifier: MIT
// The example plugins, built outside the tree and run by a small host in C: what plugin.h and plugin.hpp promise.
import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { cmakeDir, includeDir } from '../src/index.ts'
import { cCompiler, output, temporaryFolder } from './toolchain.ts'

const frames = 9600
const blocks = [1, 7, 64, 511, 4096]
const hasLevels = process.platform === 'linux' && process.arch === 'x64'
const suffix = process.platform === 'darwin' ? '.dylib' : '.so'
const canRunV3 = hasLevels && output('cat', ['/proc/cpuinfo']).includes(' avx2 ')
const statuses = { continue: 0, sleep: 2 }
let folder = ''

interface Run {
  left: Float32Array
  right: Float32Array
  calls: { frame: number; status: number; silent: boolean }[]
}

/** Runs a library's plugin. The arguments are those of host.c. */
function play(library: string, block: number, ...more: (string | number)[]): Run {
  const args = [join(folder, library), frames, block, ...more].map(String)
  const { status, signal, stdout, stderr } = spawnSync(join(folder, 'host'), args, { maxBuffer: 1 << 24 })
  if (status !== 0) throw new Error(`host ${args.join(' ')}: exit ${status}, signal ${signal}\n${stderr}`)
  const samples = new Float32Array(stdout.buffer, stdout.byteOffset, stdout.length / 4)
  const calls = [...stderr.toString().matchAll(/^call (\d+) (\d+) (\d)$/gm)].map(([, frame, result, silent]) => ({
    frame: Number(frame),
    status: Number(result),
    silent: silent === '1',
  }))
  return { left: samples.slice(0, frames), right: samples.slice(frames, 2 * frames), calls }
}

const bits = (samples: Float32Array) => Buffer.from(samples.buffer).toString('base64')
const peak = (samples: Float32Array) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
const firstSound = (samples: Float32Array) => samples.findIndex((sample) => sample !== 0)

beforeAll(() => {
  folder = temporaryFolder()
  output(cCompiler, [
    '-std=c11',
    '-O1',
    '-I',
    includeDir,
    fileURLToPath(new URL('host.c', import.meta.url)),
    '-o',
    join(folder, 'host'),
    '-ldl',
  ])
  for (const example of ['gain-c', 'tremolo', 'poly-synth']) {
    const source = join(folder, example)
    cpSync(fileURLToPath(new URL(`../../../examples/plugins/${example}`, import.meta.url)), source, { recursive: true })
    output('cmake', ['-S', source, '-B', join(source, 'build'), `-DArrangerPluginSDK_DIR=${cmakeDir}`])
    output('cmake', ['--build', join(source, 'build')])
  }
}, 120_000)

const gain = `gain-c/build/gain${suffix}`
const tremolo = `tremolo/build/tremolo${suffix}`
const synth = `poly-synth/build/poly_synth${suffix}`
const chord = ['note', 1000, 60, 3001, 'note', 1001, 64, 2000, 'note', 1001, 67, 2500, 'note', 6007, 72, 900]
const scenes: [string, string, (string | number)[]][] = [
  ['gain', gain, ['move', 'gain']],
  ['tremolo', tremolo, []],
  ['tremolo while its parameters move', tremolo, ['move', 'rate', 'move', 'depth']],
  ['poly synth', synth, chord],
  // Attack and release are read in note_on and note_off: they must be those of the event's frame.
  ['poly synth while its parameters move', synth, [...chord, 'move', 'attack', 'move', 'release', 'move', 'cutoff']],
]

describe.each(scenes)('%s', (_, library, args) => {
  test('has the same bits however the blocks are cut', () => {
    const whole = play(library, 8192, ...args)
    expect(peak(whole.left)).toBeGreaterThan(0.01)
    for (const block of blocks) {
      const cut = play(library, block, ...args)
      expect(bits(cut.left) === bits(whole.left) && bits(cut.right) === bits(whole.right), `block size ${block}`).toBe(
        true,
      )
    }
  })

  test.runIf(canRunV3)('has the same bits at every instruction-set level', () => {
    const level = library.replace('build/', 'build/x86-64-v3/')
    expect(bits(play(level, 512, ...args).left)).toBe(bits(play(library, 512, ...args).left))
  })
})

describe('gain', () => {
  test('multiplies each frame by the value of its parameter', () => {
    const input = play(gain, 512)
    const { left } = play(gain, 512, 'move', 'gain')
    const expected = input.left.map((sample, i) => Math.fround((4 * i) / frames) * sample)
    expect(bits(left)).toBe(bits(expected))
  })

  test('sleeps, and says that it is silent, as soon as its input is', () => {
    const { calls } = play(gain, 480)
    for (const { frame, status, silent } of calls) {
      const over = frame >= frames / 2
      expect({ frame, status, silent }).toEqual({
        frame,
        status: over ? statuses.sleep : statuses.continue,
        silent: over,
      })
    }
  })
})

describe('tremolo', () => {
  test('swings between the whole level and the level that depth leaves', () => {
    const input = play(gain, 512)
    const { left } = play(tremolo, 512)
    const ratios = [...left]
      .map((sample, i) => sample / (input.left[i] as number))
      .filter((ratio) => Number.isFinite(ratio))
    expect(Math.max(...ratios)).toBeCloseTo(0.75, 1)
    expect(Math.min(...ratios)).toBeLessThan(0.6)
    // depth 0.5: level = 1 - 0.25 (1 + sine), 5 Hz; half a turn is 4800 frames, where the noise ends
    const at = (frame: number) => 1 - 0.25 * (1 + Math.sin((2 * Math.PI * 5 * frame) / 48000))
    for (const frame of [0, 1200, 2400, 3600]) expect(ratios[frame]).toBeCloseTo(at(frame), 4)
  })
})

describe('poly synth', () => {
  test.each([0, 1, 1000, 4097])('a note at frame %i sounds from that frame on', (frame) => {
    const { left, right } = play(synth, 512, 'note', frame, 60, 1000)
    // The first frame of an attack from 0 is 0, so what is heard begins one frame later.
    expect(firstSound(left)).toBe(frame + 1)
    expect(bits(left)).toBe(bits(right))
  })

  test('sleeps before the first note and when the last one has faded', () => {
    const { calls } = play(synth, 64, 'note', 640, 60, 100, 'move', 'release')
    expect(calls[0]).toEqual({ frame: 0, status: statuses.sleep, silent: true })
    expect(calls[10]).toEqual({ frame: 640, status: statuses.continue, silent: false })
  })
})
