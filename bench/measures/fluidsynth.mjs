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
    label: 'a SoundFont song against the fluidsynth program, less an empty Node.js',
    unit: '×',
    target: 1.05,
    floor: 1,
  }
  const whole = { workload: 'W6', label: 'the same as whole processes', unit: '×', floor: 1 }
  const script = join(root, 'packages/engine/bench/fluidsynth.mjs')
  const { stdout, output } = await tryRun(process.execPath, [script, '--runs', String(rounds + 2), '--json'])
  try {
    const { ratio, wholeRatio, renderCpu, programCpu, correlation } = JSON.parse(stdout)
    if (!(correlation > 0.99)) throw new Error(`the envelopes correlate by ${correlation} only`)
    say(`W6: ${ratio.toFixed(3)}, whole ${wholeRatio.toFixed(3)}, rendering ${(renderCpu / programCpu).toFixed(3)}`)
    const figures = (/** @type {number} */ value) => ({
      arranger: { median: value, least: value, most: value, runs: rounds + 2 },
    })
    return [
      { ...row, figures: figures(ratio) },
      { ...whole, figures: figures(wholeRatio) },
    ]
  } catch {
    const reason = output.trim().split('\n').at(-1) ?? ''
    say(`W6: NO FIGURE: ${reason}`)
    return [{ ...row, figures: {}, missing: { arranger: reason } }]
  }
}
