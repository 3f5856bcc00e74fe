// @ts-check
// What an hour costs: renders 60 minutes of a song to FLAC, then cancels another render half-way.
//   node packages/engine/bench/render-memory.mjs [minutes]
// Prints the progress, the greatest resident size, and what the cancelled render left. Fails beyond 200 MB.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '../dist/index.js'

const limit = 200e6
const minutes = Number(process.argv[2] ?? 60)
const folder = mkdtempSync(join(tmpdir(), 'arranger-bench-'))
const engine = await createEngine()
const mega = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(0)} MB`
const greatest = () => process.resourceUsage().maxRSS * 1024

/** Eighths for as long as it takes, so that there is sound throughout. */
const events = Array.from({ length: minutes * 240 }, (_, index) => {
  const note = { node_id: 'track', pitch: 48 + ((index * 7) % 24) }
  return [
    { ...note, beat: index / 2, type: /** @type {const} */ ('note_on'), velocity: 100 },
    { ...note, beat: index / 2 + 0.4, type: /** @type {const} */ ('note_off') },
  ]
}).flat()

try {
  await engine.load({
    graph: {
      bpm: 120,
      nodes: [
        { id: 'track', type: 'track_source' },
        { id: 'synth', type: 'builtin.synth' },
        { id: 'mixer', type: 'mixer' },
      ],
      connections: [
        { from_node: 'track', from_port: 'events_out', to_node: 'synth', to_port: 'events_in' },
        { from_node: 'synth', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
      ],
    },
    events,
  })
  console.log(`${events.length} events loaded, ${mega(greatest())} resident`)
  let reports = 0
  const { path, frames, sampleRate, seconds } = await engine.render(join(folder, 'hour.flac'), {
    onProgress: ({ ratio }) => {
      if (++reports % 20 === 0) console.log(`${(100 * ratio).toFixed(0)} %, ${mega(greatest())} resident`)
    },
  })
  const resident = greatest()
  console.log(
    `${(frames / sampleRate / 60).toFixed(1)} minutes in ${seconds.toFixed(1)} s: ${mega(statSync(path).size)} of FLAC`,
  )
  console.log(`${reports} reports of progress; at most ${mega(resident)} resident (limit ${mega(limit)})`)
  if (resident > limit) process.exitCode = 1

  const controller = new AbortController()
  const cancelled = await engine
    .render(join(folder, 'cancelled.flac'), {
      signal: controller.signal,
      onProgress: ({ ratio }) => ratio > 0.1 && controller.abort(),
    })
    .catch((error) => error)
  const left = readdirSync(folder).filter((name) => name !== 'hour.flac')
  console.log(`another render: ${cancelled.code}; files left: ${left.length}`)
  if (cancelled.code !== 'cancelled' || left.length > 0) process.exitCode = 1
} finally {
  await engine.close()
  rmSync(folder, { recursive: true })
}
