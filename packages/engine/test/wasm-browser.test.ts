// SPDX-License-Identifier: MIT
// The module in a browser's AudioWorklet: what it plays there is what a render gives.
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WasmConnection } from '../src/wasm/connection.ts'
import { hasModule, must, rms, samplesOf } from './support/wasm.ts'

const executablePath = process.env.ARRANGER_CHROMIUM ?? '/usr/bin/chromium'
const hasBrowser = existsSync(executablePath)
if (!hasBrowser && process.env.ARRANGER_EXPECTED?.includes('browser')) throw new Error(`There is no ${executablePath}`)
if (!hasBrowser) console.warn(`skipped: there is no ${executablePath} to play in`)

const root = fileURLToPath(new URL('..', import.meta.url))
const types: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' }

/** Serves this package's files to a page that may share memory. */
function serve(): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname
    const file = `${root}${path}`
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    if (path !== '/' && !existsSync(file)) return response.writeHead(404).end()
    response.setHeader('Content-Type', types[extname(path)] ?? 'text/html')
    response.end(path === '/' ? '<!doctype html><title>Arranger</title>' : readFileSync(file))
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

const seconds = 30
const rate = 44100

/** Notes through an arpeggiator, two synths and effects. */
const session = {
  graph: {
    cmd: 'set_graph',
    bpm: 120,
    nodes: [
      { id: 'track', type: 'track_source' },
      { id: 'arp', type: 'builtin.arpeggiator' },
      { id: 'synth', type: 'builtin.synth', params: { gain: 0.6 } },
      { id: 'sine', type: 'builtin.sine' },
      { id: 'lfo', type: 'builtin.control_lfo', params: { frequency: 2 } },
      { id: 'delay', type: 'builtin.delay' },
      { id: 'reverb', type: 'builtin.reverb' },
      { id: 'mixer', type: 'builtin.mixer' },
    ],
    connections: [
      ['track', 'events_out', 'arp', 'events_in'],
      ['arp', 'events_out', 'synth', 'events_in'],
      ['track', 'events_out', 'sine', 'events_in'],
      ['synth', 'audio_out', 'delay', 'audio_in'],
      ['delay', 'audio_out', 'reverb', 'audio_in'],
      ['lfo', 'control_out', 'reverb', 'wet'],
      ['reverb', 'audio_out', 'mixer', 'audio_in_0'],
      ['sine', 'audio_out', 'mixer', 'audio_in_1'],
    ].map(([from_node, from_port, to_node, to_port]) => ({ from_node, from_port, to_node, to_port })),
  },
  schedule: {
    cmd: 'set_schedule',
    events: Array.from({ length: 60 }, (_, beat) => beat).flatMap((beat) =>
      [48, 55, 64].flatMap((pitch) => [
        { beat, type: 'note_on', node_id: 'track', pitch: pitch + (beat % 5) },
        { beat: beat + 0.9, type: 'note_off', node_id: 'track', pitch: pitch + (beat % 5) },
      ]),
    ),
  },
}

/** In the page: plays the session into an OfflineAudioContext. */
async function playOffline({
  session: played,
  seconds,
  rate,
}: {
  session: typeof session
  seconds: number
  rate: number
}) {
  // biome-ignore lint/suspicious/noExplicitAny: what runs in the page has types of its own
  const page = globalThis as any
  const { createWorkletConnection } = await import(`${page.location.origin}/dist/wasm/index.js`)
  const context = new page.OfflineAudioContext(2, seconds * rate, rate)
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

/** In the page: plays a note into an AudioContext, as it would be heard, and tells how loud it was shown to be. */
async function playAloud() {
  // biome-ignore lint/suspicious/noExplicitAny: what runs in the page has types of its own
  const page = globalThis as any
  const { createWorkletConnection, Display, Engine } = await import(`${page.location.origin}/dist/wasm/index.js`)
  const context = new page.AudioContext()
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
  await engine.close()
  await context.close()
  return { isRate: sampleRate === context.sampleRate }
}

describe.skipIf(!hasModule || !hasBrowser)('the module in a browser', () => {
  let server: Server
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    server = await serve()
    browser = await chromium.launch({
      executablePath,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
      ],
    })
    page = await browser.newPage()
    page.on('console', (message) => console.log(message.text()))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  it('imports nothing of Node.js', () => {
    const seen = new Set<string>()
    const visit = (file: string) => {
      if (seen.has(file)) return
      seen.add(file)
      for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'()]*'([^']+)'/gm)) {
        expect(name, file).toMatch(/^\./)
        visit(fileURLToPath(new URL(name, `file://${file}`)))
      }
    }
    visit(`${root}dist/wasm/index.js`)
    visit(`${root}dist/wasm/worklet.js`)
    expect(seen.size).toBeGreaterThan(5)
  })

  it('plays to the sample what a render gives', async () => {
    const connection = await WasmConnection.open({ sampleRate: rate })
    await must(connection, session.graph)
    await must(connection, session.schedule)
    const rendered = samplesOf(
      await must(connection, { cmd: 'render', format: 'raw_f32', duration_beats: 2 * seconds, tail_seconds: 0 }),
    )
    await connection.close()
    const bytes = Buffer.from(await page.evaluate(playOffline, { session, seconds, rate }), 'base64')
    const played = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    const frames = played.length / 2
    const start = played.subarray(0, frames).findIndex((x) => x !== 0)
    const first = rendered.findIndex((x) => x !== 0) >> 1
    expect(rms(rendered)).toBeGreaterThan(-30)
    let differing = 0
    for (let i = 0; i < frames - Math.max(start, first); i++)
      for (const channel of [0, 1])
        if (rendered[2 * (first + i) + channel] !== played[channel * frames + start + i]) differing++
    console.log(`browser: begins at frame ${start - first}, ${differing} of ${2 * frames} samples differ`)
    expect(differing).toBe(0)
    expect(start - first).toBeLessThan(rate)
  })

  it('plays aloud in real time, with events and a display', async () => {
    expect(await page.evaluate(playAloud)).toEqual({ isRate: true })
  })
})
