// SPDX-License-Identifier: MIT
// What the suites of the WebAssembly module share.
import { existsSync } from 'node:fs'
import type { Connection } from '../../src/connection.ts'
import { wasmPath } from '../../src/wasm/connection.ts'

export const hasModule = existsSync(wasmPath)
const whatIsMissing = `There is no ${wasmPath}: run 'pnpm run build:wasm', which says what it needs`
if (!hasModule && process.env.ARRANGER_EXPECTED?.includes('wasm')) throw new Error(whatIsMissing)
if (!hasModule) console.warn(`skipped: ${whatIsMissing}`)

// biome-ignore lint/suspicious/noExplicitAny: replies of any command
export type Reply = any

/** Sends one request and gives its reply, whatever it says. */
export async function ask(connection: Connection, request: object): Promise<Reply> {
  return JSON.parse(await connection.request(JSON.stringify(request)))
}

/** The same; throws where the engine refuses. */
export async function must(connection: Connection, request: object): Promise<Reply> {
  const reply = await ask(connection, request)
  if (reply.status !== 'ok') throw new Error(`${reply.code}: ${reply.message} (${reply.path ?? ''})`)
  return reply
}

/** The samples of a reply to render, of raw_f32. */
export function samplesOf(reply: Reply): Float32Array {
  const bytes = Buffer.from(reply.data, 'base64')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

const decibels = (power: number) => 10 * Math.log10(power)

/** In dBFS. */
export function rms(samples: Float32Array): number {
  return decibels(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
}

/** The power of the difference against that of the first, in dB; −Infinity: they are the same. */
export function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity
  let signal = 0
  let apart = 0
  for (let i = 0; i < a.length; i++) {
    signal += (a[i] ?? 0) ** 2
    apart += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2
  }
  return decibels(apart / signal)
}
