// @ts-check
// One run of one workload on one engine, in a process of its own; the result is a line of JSON.
//   node bench/worker.mjs ENGINE KIND SIZE [--check]
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { folder } from './lib/paths.mjs'

/**
 * @typedef {object} Sample What a run took, in seconds; `cpu` is of rendering alone.
 * @property {number} cpu
 * @property {number} [setup] of the processor, up to the first frame
 * @property {number} [setupWall]
 * @property {number} [wall]
 * @property {string} [hash]
 * @property {number} [maxRssBytes]
 */

const [engine = '', kind = '', size = '{}', check] = process.argv.slice(2)
const { run } = await import(`./engines/${engine}.mjs`)
const path = join(folder, `${engine}-${kind}-${process.pid}.${kind === 'stream' ? 'flac' : 'f32'}`)
try {
  const sample = await run(kind, JSON.parse(size), path)
  // Only when it is asked for, since what is loaded takes memory.
  if (check === '--check') (await import('./lib/checks.mjs')).checkAudio(kind, JSON.parse(size), path)
  process.stdout.write(`${JSON.stringify(sample)}\n`)
} finally {
  rmSync(path, { force: true })
}
// A peer may leave threads or handles behind.
process.exit()
