// SPDX-License-Identifier: MIT
// @ts-check
// How much faster than real time a song renders, natively and in WebAssembly, in one run: node wasm.mjs [seconds]
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BindingConnection } from '../dist/connection-binding.js'
import { WasmConnection } from '../dist/wasm/connection.js'

const seconds = Number(process.argv[2] ?? 60)
const voices = 8
const names = Array.from({ length: voices }, (_, i) => `t${i}`)
const from = (/** @type {string} */ from_node, /** @type {string} */ from_port) => ({ from_node, from_port })
const to = (/** @type {string} */ to_node, /** @type {string} */ to_port) => ({ to_node, to_port })

/** Eight tracks of chords, each a synth with an equaliser and a compressor, into one reverb. */
const graph = {
  cmd: 'set_graph',
  bpm: 120,
  nodes: [
    ...names.flatMap((name) => [
      { id: name, type: 'track_source' },
      { id: `${name}_synth`, type: 'builtin.synth' },
      { id: `${name}_eq`, type: 'builtin.eq', params: { gain_0: 3, gain_1: -3 } },
      { id: `${name}_compressor`, type: 'builtin.compressor' },
    ]),
    { id: 'sum', type: 'builtin.mixer', params: { channel_count: voices } },
    { id: 'reverb', type: 'builtin.reverb' },
    { id: 'mixer', type: 'builtin.mixer' },
  ],
  connections: [
    ...names.flatMap((name, i) => [
      { ...from(name, 'events_out'), ...to(`${name}_synth`, 'events_in') },
      { ...from(`${name}_synth`, 'audio_out'), ...to(`${name}_eq`, 'audio_in') },
      { ...from(`${name}_eq`, 'audio_out'), ...to(`${name}_compressor`, 'audio_in') },
      { ...from(`${name}_compressor`, 'audio_out'), ...to('sum', `audio_in_${i}`) },
    ]),
    { ...from('sum', 'audio_out'), ...to('reverb', 'audio_in') },
    { ...from('reverb', 'audio_out'), ...to('mixer', 'audio_in_0') },
  ],
}
const events = names.flatMap((node_id, i) =>
  Array.from({ length: 2 * seconds }, (_, beat) =>
    [48, 55, 64].flatMap((pitch) => [
      { beat, type: 'note_on', node_id, pitch: pitch + i },
      { beat: beat + 0.9, type: 'note_off', node_id, pitch: pitch + i },
    ]),
  ).flat(),
)
const render = { cmd: 'render', format: 'raw_f32', duration_beats: 2 * seconds, tail_seconds: 0 }

for (const [name, connection] of /** @type {const} */ ([
  ['native', new BindingConnection({ outputDevice: null })],
  ['wasm', await WasmConnection.open()],
])) {
  for (const request of [graph, { cmd: 'set_schedule', events }]) await connection.request(JSON.stringify(request))
  let best = Infinity
  for (let i = 0; i < 3; i++) {
    const began = performance.now()
    const reply = JSON.parse(
      await connection.request(JSON.stringify({ ...render, path: join(tmpdir(), `arranger-bench-${name}.f32`) })),
    )
    if (reply.status !== 'ok') throw new Error(reply.message)
    best = Math.min(best, performance.now() - began)
  }
  console.log(`${name}: ${((1000 * seconds) / best).toFixed(0)} times real time`)
  await connection.close()
}
