// SPDX-License-Identifier: MIT
// The module against the native build: the same session, plugin by plugin and all at once.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../src/connection.ts'
import { BindingConnection } from '../src/connection-binding.ts'
import { WasmConnection } from '../src/wasm/connection.ts'
import { partOf, request, type Score, sessionOf } from './support/every-plugin.ts'
import { difference, hasModule, must, rms, samplesOf } from './support/wasm.ts'

/** Those that need a library of the system. */
const left = ['builtin.fluidsynth', 'builtin.lv2']
const plugins = [
  ...[
    'arpeggiator',
    'chorus',
    'compressor',
    'control_lfo',
    'control_monitor',
    'control_source',
    'delay',
    'eq',
    'filter',
    'gain',
  ],
  ...['level', 'limiter', 'metronome', 'mixer', 'noise', 'note_gate', 'reverb', 'sampler', 'scope', 'sine', 'spectrum'],
  ...['synth', 'utility'],
].map((name) => `builtin.${name}`)

const folder = mkdtempSync(join(tmpdir(), 'arranger-wasm-'))
const sample = join(folder, 'saw.wav')

/** A second of a falling sawtooth, in 24 bits. */
function writeSample(): void {
  const frames = 44100
  const bytes = Buffer.alloc(44 + 3 * frames)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(36 + 3 * frames, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  for (const [at, value] of [
    [16, 16],
    [24, 44100],
    [28, 3 * 44100],
  ] as const)
    bytes.writeUInt32LE(value, at)
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 3],
    [34, 24],
  ] as const)
    bytes.writeUInt16LE(value, at)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(3 * frames, 40)
  for (let i = 0; i < frames; i++)
    bytes.writeIntLE(Math.round((0.9 - 1.8 * (((i * 261.6) / 44100) % 1)) * 8388607), 44 + 3 * i, 3)
  writeFileSync(sample, bytes)
}

describe.skipIf(!hasModule)('the module', { timeout: 300_000 }, () => {
  let native: Connection
  let wasm: Connection
  // biome-ignore lint/suspicious/noExplicitAny: as describe tells it
  let descriptors: any[]
  const figures: string[] = []

  beforeAll(async () => {
    writeSample()
    native = new BindingConnection({ outputDevice: null })
    wasm = await WasmConnection.open()
    descriptors = (await must(wasm, { cmd: 'list_registered_plugins' })).plugins
  })
  afterAll(async () => {
    console.log(figures.join('\n'))
    await Promise.all([native.close(), wasm.close()])
    rmSync(folder, { recursive: true })
  })

  async function renderOn(connection: Connection, score: Score) {
    await must(connection, request.graph(score))
    await must(connection, request.schedule(score))
    return must(connection, request.render)
  }

  async function compare(name: string, score: Score): Promise<void> {
    const [a, b] = await Promise.all([renderOn(native, score), renderOn(wasm, score)])
    const [ours, theirs] = [samplesOf(a), samplesOf(b)]
    const apart = difference(ours, theirs)
    figures.push(
      `${name}: ${rms(ours).toFixed(1)} dBFS, apart ${apart.toFixed(1)} dB, the same bits: ${a.hash === b.hash}`,
    )
    expect(rms(ours)).toBeGreaterThan(-30)
    expect(apart).toBeLessThan(-100)
    expect([...a.warnings, ...b.warnings]).toEqual([])
  }

  it('has every built-in plugin but those of other libraries, described alike', async () => {
    const { plugins: known } = await must(native, { cmd: 'list_registered_plugins' })
    expect(descriptors.map(({ id }) => id).sort()).toEqual([...plugins].sort())
    expect(descriptors).toEqual(known.filter(({ id }: { id: string }) => plugins.includes(id)))
    expect(
      known
        .map(({ id }: { id: string }) => id)
        .filter((id: string) => id.startsWith('builtin.'))
        .sort(),
    ).toEqual([...plugins, ...left.filter((id) => known.some((one: { id: string }) => one.id === id))].sort())
  })

  it.each(plugins)('plays %s as natively', async (id) => {
    const plugin = descriptors.find((one) => one.id === id)
    await compare(id, sessionOf([partOf(plugin, 'a', 0, sample, 1 + plugins.indexOf(id))]))
  })

  it('plays all of them at once as natively', async () => {
    const parts = plugins.map((id, i) =>
      partOf(
        descriptors.find((one) => one.id === id),
        `p${i}`,
        i,
        sample,
        100 + i,
      ),
    )
    await compare('all', sessionOf(parts))
  })

  it.each(['16', '24', '32f'])('writes the same WAV file with %s bits', async (bit_depth) => {
    const bytes = await Promise.all(
      [native, wasm].map(async (connection) => {
        const score = sessionOf([
          partOf(
            descriptors.find(({ id }) => id === 'builtin.synth'),
            'a',
            0,
            sample,
            7,
          ),
        ])
        score.nodes.push({ id: 'loud', type: 'builtin.utility', params: { gain_db: 24 } })
        score.connections.push({ from_node: 'a_x', from_port: 'audio_out', to_node: 'loud', to_port: 'audio_in' })
        score.connections.push({ from_node: 'loud', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' })
        await must(connection, request.graph(score))
        await must(connection, request.schedule(score))
        const reply = await must(connection, { ...request.render, format: 'wav', bit_depth, duration_beats: 3 })
        expect(reply.clipped_samples ?? 1).toBeGreaterThan(0)
        return Buffer.from(reply.data, 'base64')
      }),
    )
    expect(bytes[0]?.equals(bytes[1] as Buffer)).toBe(true)
  })
})
