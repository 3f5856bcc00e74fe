// @ts-check
// What rendering through builtin.fluidsynth costs, against the fluidsynth program: one song, one SoundFont, one rate, the
// same length, into a 16-bit WAV file, without reverb and chorus. Whole processes, by turns, so that both meet the same
// machine; both load the SoundFont. What Node.js takes to start, and to do nothing, is told apart.
//   node bench/fluidsynth.mjs [song.mid] [--runs 5] [--sample-rate 44100] [--json]
// Exits with 1 when the outputs are not alike, or when the median of user + system time, less that of an empty Node.js process,
// is over 1.05 times the program's.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { importMidi } from '../dist/index.js'
import { correlation, envelope, levelDifference } from '../test/support/envelope.mjs'
import { fluidsynthArguments, readChannels, soundfont } from '../test/support/fluidsynth.mjs'

const target = 1.05
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    'sample-rate': { type: 'string', default: '44100' },
    json: { type: 'boolean', default: false },
  },
})
const song = positionals[0] ?? '/usr/share/games/openttd/baseset/openmsx/linns_basket.mid'
const sampleRate = Number(options['sample-rate'])
const folder = mkdtempSync(join(tmpdir(), 'arranger-bench-'))
const theirs = join(folder, 'fluidsynth.wav')
const ours = join(folder, 'arranger.wav')

/**
 * Seconds of the processor and of the clock that a whole process takes, and the last line that it printed.
 * @param {string} command
 * @param {string[]} args
 */
function time(command, args) {
  const script = 'TIMEFORMAT="%3U %3S %3R"; { time "$@" 2>/dev/null; } 2>&1'
  const output = execFileSync('bash', ['-c', script, 'bash', command, ...args], { encoding: 'utf8' })
  const [times = '', printed = ''] = output.trimEnd().split('\n').reverse()
  const [user = Number.NaN, system = Number.NaN, wall = Number.NaN] = times.split(' ').map(Number)
  return { cpu: user + system, wall, printed }
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return /** @type {number} */ (sorted[sorted.length >> 1])
}

try {
  const program = () => time('fluidsynth', fluidsynthArguments(song, theirs, sampleRate))
  program()
  const reference = readChannels(readFileSync(theirs))
  const seconds = /** @type {Float32Array} */ (reference[0]).length / sampleRate
  const tail = Math.max(0, seconds - (await importMidi(song)).durationSeconds)
  const script = fileURLToPath(new URL('render-song.mjs', import.meta.url))
  const arranger = () => time(process.execPath, [script, song, soundfont, ours, String(sampleRate), String(tail)])
  arranger()

  const node = () => time(process.execPath, ['-e', '0'])
  const runs = []
  for (let run = 0; run < Number(options.runs); run++)
    runs.push({ program: program(), arranger: arranger(), node: node() })

  const window = Math.round(sampleRate / 20)
  const [one, other] = [envelope(readChannels(readFileSync(ours)), window), envelope(reference, window)]
  const result = {
    song: basename(song),
    sampleRate,
    seconds,
    runs: runs.length,
    programCpu: median(runs.map(({ program }) => program.cpu)),
    arrangerCpu: median(runs.map(({ arranger }) => arranger.cpu)),
    nodeCpu: median(runs.map(({ node }) => node.cpu)),
    renderCpu: median(runs.map(({ arranger }) => Number(arranger.printed))),
    programWall: median(runs.map(({ program }) => program.wall)),
    arrangerWall: median(runs.map(({ arranger }) => arranger.wall)),
    correlation: correlation(one, other),
    levelDifferenceDb: levelDifference(one, other),
  }
  const ratio = (result.arrangerCpu - result.nodeCpu) / result.programCpu
  const wholeRatio = result.arrangerCpu / result.programCpu
  const alike = result.correlation >= 0.99 && Math.abs(result.levelDifferenceDb) <= 1
  if (options.json) console.log(JSON.stringify({ ...result, ratio, wholeRatio, target }))
  else {
    const line = (/** @type {string} */ name, /** @type {number} */ cpu, /** @type {number} */ wall) =>
      console.log(`  ${name.padEnd(12)}${cpu.toFixed(3)} s user + system   ${wall.toFixed(3)} s wall`)
    console.log(`${result.song}: ${seconds.toFixed(1)} s at ${sampleRate} Hz, medians of ${runs.length} runs`)
    line('fluidsynth', result.programCpu, result.programWall)
    line('arranger', result.arrangerCpu, result.arrangerWall)
    console.log(`  of which rendering, without the start of Node.js and the import: ${result.renderCpu.toFixed(3)} s`)
    console.log(`  Node.js alone: ${result.nodeCpu.toFixed(3)} s`)
    console.log(
      `  ratio without that ${ratio.toFixed(3)} (target: at most ${target}), with it ${wholeRatio.toFixed(3)}`,
    )
    console.log(
      `  envelopes correlate ${result.correlation.toFixed(4)}, levels ${result.levelDifferenceDb.toFixed(2)} dB apart`,
    )
  }
  if (!alike || !(ratio <= target)) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
