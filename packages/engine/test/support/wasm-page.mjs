// SPDX-License-Identifier: MIT
// What the browser's test runs in its page.
import { createWorkletConnection, Display, Engine } from '/dist/wasm/index.js'

/** Plays the session into an OfflineAudioContext. */
export async function playOffline({ session: played, seconds, rate }) {
  const context = new globalThis.OfflineAudioContext(2, seconds * rate, rate)
  const connection = await createWorkletConnection(context, {
    moduleUrl: '/wasm/dist/arranger.wasm',
    workletUrl: '/dist/wasm/worklet.js',
  })
  for (const request of [played.graph, played.schedule, { cmd: 'play' }]) {
    const reply = JSON.parse(await connection.request(JSON.stringify(request)))
    if (reply.status !== 'ok') throw new Error(reply.message)
  }
  const buffer = await context.startRendering()
  const bytes = new Uint8Array(new Float32Array([...buffer.getChannelData(0), ...buffer.getChannelData(1)]).buffer)
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(text)
}

/** Plays a note into an AudioContext, as it would be heard, and tells how loud it was shown to be. */
export async function playAloud() {
  const context = new globalThis.AudioContext()
  await context.resume()
  const connection = await createWorkletConnection(context, {
    moduleUrl: '/wasm/dist/arranger.wasm',
    workletUrl: '/dist/wasm/worklet.js',
  })
  const engine = new Engine(connection)
  const display = new Display(Display.allocate(0))
  connection.share(display.buffer)
  let positions = 0
  engine.on('position', () => positions++, { intervalMs: 10 })
  const nodes = [
    { id: 'track', type: 'track_source' },
    { id: 'sine', type: 'builtin.sine' },
    { id: 'mixer', type: 'builtin.mixer' },
  ]
  const connections = [
    { from_node: 'track', from_port: 'events_out', to_node: 'sine', to_port: 'events_in' },
    { from_node: 'sine', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
  ]
  const events = [{ beat: 0, type: 'note_on', node_id: 'track', pitch: 69 }]
  await engine.load({ graph: { bpm: 120, nodes, connections }, events })
  await engine.send({ cmd: 'note_on', node_id: 'track', pitch: 69 })
  while (display.read().peak[0] < 0.1 || positions === 0) await new Promise((next) => setTimeout(next, 10))
  const { sampleRate } = display.read()
  const { backend } = engine
  await engine.close()
  await context.close()
  return { backend, isRate: sampleRate === context.sampleRate }
}
