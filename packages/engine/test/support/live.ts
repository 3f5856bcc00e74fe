// An engine that plays, for tests: what is asked of it, and answers that need real time to come.
import { afterEach, beforeEach } from 'vitest'
import { type Json, JsonEngine, type Reply } from './engine.ts'

let current: JsonEngine

/** An engine of its own for each test of the file. */
export function useEngine(): void {
  beforeEach(async () => {
    current = await JsonEngine.open({ sampleRate: 48000, blockSize: 128 })
  })
  afterEach(() => current.close())
}
export const engine = (): JsonEngine => current

export const ask = (request: Json): Promise<Reply> => current.ask(request)
export const must = (request: Json): Promise<Reply> => current.must(request)

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
export const level = async (): Promise<number> =>
  (await must({ cmd: 'get_node_data', node_id: 'mixer', port_id: 'level_l', source: 'live' })).value
export const position = () => must({ cmd: 'get_position' })
