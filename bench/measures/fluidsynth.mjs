// @ts-check
// W6: a song through builtin.fluidsynth against the program of that name. packages/engine/bench/fluidsynth.mjs compares both,
// by turns, and their sound.
import { join } from 'node:path'
import { tryRun } from '../../scripts/lib/run.mjs'
import { root } from '../lib/paths.mjs'
import { say } from '../lib/rounds.mjs'

/** @param {number} rounds @returns {Promise<import('../lib/rounds.mjs').MeasuredRow[]>} */
export async function fluidsynth(rounds) {
  const row = {
    workload: 'W6',
    label: 'a SoundFont song against the fluidsynth program',
    unit: '×',
    target: 1.05,
    floor: 1,
  }
  const script = join(root, 'packages/engine/bench/fluidsynth.mjs')
  const { stdout, output } = await tryRun(process.execPath, [script, '--runs', String(rounds + 2), '--json'])
  try {
    const { ratio, renderCpu, programCpu, correlation } = JSON.parse(stdout)
    if (!(correlation > 0.99)) throw new Error(`the envelopes correlate by ${correlation} only`)
    say(`W6: ${ratio.toFixed(3)}, of which rendering ${(renderCpu / programCpu).toFixed(3)}`)
    return [{ ...row, figures: { arranger: { median: ratio, least: ratio, most: ratio, runs: rounds + 2 } } }]
  } catch {
    const reason = output.trim().split('\n').at(-1) ?? ''
    say(`W6: NO FIGURE: ${reason}`)
    return [{ ...row, figures: {}, missing: { arranger: reason } }]
  }
}
