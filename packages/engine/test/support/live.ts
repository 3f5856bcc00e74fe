// A server that plays, for tests: what is asked of it, and answers that need real time to come.
import { afterEach, beforeEach, expect } from 'vitest'
import { AudioServer } from '../../src/addon.ts'

export type Json = Record<string, unknown>
// biome-ignore lint/suspicious/noExplicitAny: replies of any command
export type Reply = any

let current: AudioServer

/** A server of its own for each test of the file. */
export function useServer(): void {
  beforeEach(() => {
    current = new AudioServer({ sampleRate: 48000, blockSize: 128 })
  })
  afterEach(() => current.close())
}
export const server = (): AudioServer => current

export const ask = (request: Json): Reply => JSON.parse(current.handle(JSON.stringify(request)))
export const must = (request: Json): Reply => {
  const reply = ask(request)
  expect(reply).toMatchObject({ status: 'ok' })
  return reply
}

/** Asks again until the answer fits; real time passes, and nothing says how much of it a busy machine needs. */
export async function eventually<T>(question: () => T | Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 2000; tries++) {
    const answer = await question()
    if (fits(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`It never came: the last answer was ${JSON.stringify(await question())}`)
}

export const chain = (...more: Json[]) => ({
  cmd: 'set_graph',
  bpm: 120,
  nodes: [
    { id: 'track', type: 'track_source' },
    { id: 'synth', type: 'sine', params: { gain: 0.5 } },
    { id: 'mixer', type: 'mixer' },
    ...more,
  ],
  connections: [
    { from_node: 'track', from_port: 'events_out', to_node: 'synth', to_port: 'events_in' },
    { from_node: 'synth', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
  ],
})
export const level = () =>
  must({ cmd: 'get_node_data', node_id: 'mixer', port_id: 'level_l', source: 'live' }).value as number
export const position = () => must({ cmd: 'get_position' })
