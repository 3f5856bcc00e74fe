// @ts-check
// The workloads of bench/workloads.mjs on Arranger and on each peer that is installed, by turns, each run in a process of its
// own; the sound of each is checked in the same go. Figures are of processor time unless they say otherwise: medians, with spread.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fail, run } from '../scripts/lib/run.mjs'
import { available } from './lib/engines.mjs'
import { folder, program, root } from './lib/paths.mjs'
import { plots, summary, table } from './lib/report.mjs'
import { measureRows, say } from './lib/rounds.mjs'
import { control } from './measures/control.mjs'
import { fluidsynth } from './measures/fluidsynth.mjs'
import { growth } from './measures/growth.mjs'
import { live } from './measures/live.mjs'
import { memory } from './measures/memory.mjs'
import { rows } from './rows.mjs'

const help = `pnpm run bench [-- OPTIONS]
  --only W1,W3    these workloads only: W1..W7, growth, live
  --engines a,b   these peers only, beside Arranger
  --rounds N      how often each run is repeated, by turns (default 3)
  --quick         a tenth of the length, one round: whether all works, not how fast it is
  --long          growth up to 10 hours of sound
  --install       installs the peers that are missing, where that needs no password
  --json FILE     writes everything as JSON; - is the standard output, in place of the table
  --write         writes the summary into README.md, figures and plots into docs/bench/
  --from FILE     measures nothing, takes the figures of a --json file`

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: {
    only: { type: 'string' },
    engines: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    from: { type: 'string' },
    quick: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    install: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** What the processor could do, and from that what a song would take. */
async function measureFloor() {
  const floor = JSON.parse(await run(await program('floor'), []))
  const samples = 120 * 48000
  // 128 voices of oscillator and filter, 16 tracks of three stereo stages, the reverb as its combs in one vector.
  const song = samples * (128 * (floor.sineNs + floor.biquadNs) + (16 * 3 * floor.gainNs) / 128 + 7.6)
  return { ...floor, sortMicroseconds: floor.sortNs / 1000, songSeconds: song * 1e-9 }
}

/** What figures are of. @param {Record<string, string>} versions */
async function conditions(versions) {
  const revision = (await run('git', ['rev-parse', '--short', 'HEAD'])).trim()
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model.trim()}, ${cpus().length} logical processors`,
    node: process.version,
    revision,
    quick: options.quick,
    versions,
  }
}

async function measureAll() {
  const wanted = options.only?.split(',')
  const is = (/** @type {string} */ name) => !wanted || wanted.includes(name)
  const scale = options.quick ? 0.1 : 1
  const rounds = Number(options.rounds ?? (options.quick ? 1 : 3))
  const { engines, versions } = await available({ install: options.install, only: options.engines?.split(',') })
  const about = await conditions(versions)
  const floor = await measureFloor()
  const measured = await measureRows(
    rows.filter(({ workload }) => is(workload)),
    { engines, rounds, scale, floor },
  )
  if (is('W5')) measured.push(...(await control(engines, rounds)))
  if (is('W6')) measured.push(...(await fluidsynth(rounds)))
  if (is('W7')) measured.push(...(await memory(engines, scale)))
  return {
    ...about,
    floor,
    rows: measured,
    growth: is('growth') ? await growth({ scale, long: options.long }) : [],
    live: is('live') ? await live(scale) : [],
  }
}

async function main() {
  if (options.help) return process.stdout.write(`${help}\n`)
  mkdirSync(folder, { recursive: true })
  const built = join(root, 'packages/engine/dist/index.js')
  if (!existsSync(built)) throw new Error('The engine is not built: run npm run setup')
  const result = options.from ? JSON.parse(readFileSync(options.from, 'utf8')) : await measureAll()
  if (options.json === '-') process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  else {
    if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`)
    process.stdout.write(`${table(result)}\n`)
  }
  if (options.write) {
    say('README.md and docs/bench/ are written')
    plots(result)
    summary(result)
  }
}

main().catch(fail)
