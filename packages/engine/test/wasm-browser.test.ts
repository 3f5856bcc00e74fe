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
const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.html': 'text/html',
}

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

/** What a module imports, also what it loads later: a bundler takes all of it into the page. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const [atOnce, later] = [/^(?:import|export)\b[^'()=]*?(?:from )?'([^']+)'/gm, /\bimport\('([^']+)'\)/g]
  return [atOnce, later].flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name))
}

describe('what is exported for pages', () => {
  it('imports nothing of Node.js', () => {
    const seen = new Set<string>()
    const visit = (file: string) => {
      if (seen.has(file)) return
      seen.add(file)
      for (const name of importsOf(file)) {
        expect(name, file).toMatch(/^\./)
        visit(fileURLToPath(new URL(name, `file://${file}`)))
      }
    }
    visit(`${root}dist/wasm/index.js`)
    visit(`${root}dist/wasm/worklet.js`)
    expect(seen.size).toBeGreaterThan(5)
  })
})

describe.skipIf(!hasModule || !hasBrowser)('the module in a browser', { timeout: 300_000 }, () => {
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
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  /** Calls a function of support/wasm-page.mjs there. */
  // biome-ignore lint/suspicious/noExplicitAny: what that function gives
  const inPage = (name: string, given?: object): Promise<any> =>
    page.evaluate(`import('/test/support/wasm-page.mjs').then((page) => page.${name}(${JSON.stringify(given)}))`)

  it('plays to the sample what a render gives', async () => {
    const connection = await WasmConnection.open({ sampleRate: rate })
    await must(connection, session.graph)
    await must(connection, session.schedule)
    const rendered = samplesOf(
      await must(connection, { cmd: 'render', format: 'raw_f32', duration_beats: 2 * seconds, tail_seconds: 0 }),
    )
    await connection.close()
    const bytes = Buffer.from(await inPage('playOffline', { session, seconds, rate }), 'base64')
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
    expect(await inPage('playAloud')).toEqual({ backend: 'wasm', isRate: true })
  })
})
