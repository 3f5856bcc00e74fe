// @ts-check
// The rows of the table: which runs a figure is made of, how, and what Arranger must reach. `pace` shortens runs of engines
// that would take minutes; figures are per node, voice or event, so that only their noise depends on it.
import { blockFrames, sampleRate } from './workloads.mjs'

/** @typedef {import('./worker.mjs').Sample} Sample */
/** @typedef {import('./lib/checks.mjs').Size} Size */
/** @typedef {{ kind: string, size: Size }} Case */
/**
 * @typedef {object} Row
 * @property {string} workload
 * @property {string} label
 * @property {string} unit
 * @property {number} [target] what Arranger must reach
 * @property {'more'} [better] default: less
 * @property {(engine: string, scale: number) => Case[] | null} cases null: not for this engine
 * @property {(samples: Sample[], cases: Case[]) => number} figure of one round
 * @property {string} [floor] which part of the floor program it is compared with
 */

/** @type {Record<string, number>} */
const pace = { arranger: 5, 'node-web-audio': 0.5, elementary: 0.15, csound: 0.5, supercollider: 0.5 }
const paced = (/** @type {string} */ engine, /** @type {number} */ seconds) =>
  Math.max(2, seconds * (pace[engine] ?? 1))
const blocksOf = (/** @type {Size} */ size) => (size.seconds * sampleRate) / blockFrames
const perBlock = (
  /** @type {Sample | undefined} */ sample,
  /** @type {Case | undefined} */ { size } = { kind: '', size: {} },
) => (sample?.cpu ?? Number.NaN) / blocksOf(size)

/** @param {string} kind @param {number[]} counts @param {number} work nodes × seconds */
const chains = (kind, counts, work) => (/** @type {string} */ engine, /** @type {number} */ scale) =>
  counts.map((nodes) => ({ kind, size: { nodes, seconds: paced(engine, (scale * work) / nodes) } }))

const slope = (/** @type {Sample[]} */ [few, many], /** @type {Case[]} */ [small, large]) =>
  (1e9 * (perBlock(many, large) - perBlock(few, small))) / (large?.size.nodes - small?.size.nodes)

const perVoice = (/** @type {Sample[]} */ [sample], /** @type {Case[]} */ [one]) =>
  (1e9 * (sample?.cpu ?? Number.NaN)) / (one?.size.voices * one?.size.seconds * sampleRate)

const only =
  (/** @type {string} */ engine, /** @type {(scale: number) => Case[]} */ cases) =>
  (/** @type {string} */ asked, /** @type {number} */ scale) =>
    asked === engine ? cases(scale) : null

/** Engines that play each node of `nodes`, however many. @param {string} engine */
const takesMany = (engine) => engine === 'arranger' || engine === 'supercollider' || engine === 'csound'

/** Seconds of the song, and events, by engine. */
const songSeconds = (/** @type {string} */ engine) => (engine === 'elementary' ? 20 : 120)
/** @param {string} engine @param {boolean} typed */
function eventCount(engine, typed) {
  if (engine === 'elementary') return 100_000
  // Its time grows with the square.
  if (engine === 'node-web-audio') return 30_000
  // As many as one request of 64 MiB takes.
  return engine === 'arranger' && !typed ? 800_000 : 1_000_000
}

const total = (/** @type {Sample | undefined} */ sample) => (sample?.cpu ?? Number.NaN) + (sample?.setup ?? 0)

/** @type {(typed: boolean) => Row['cases']} */
const automated = (typed) => (engine, scale) => {
  const seconds = engine === 'elementary' ? 60 : 600 * scale
  const events = Math.round(eventCount(engine, typed) * (engine === 'elementary' ? 1 : scale))
  const sizes = [0, events].map((count) => ({ seconds, events: count, ...(typed ? { typed } : {}) }))
  return sizes.map((size) => ({ kind: 'automation', size }))
}

/** @type {Row['figure']} */
const perEvent = ([none, all], [, many]) => (1e6 * (total(all) - total(none))) / many?.size.events

/** @type {Row[]} */
export const rows = [
  {
    workload: 'W1',
    label: 'per node and block, slope 100 → 1000 nodes',
    unit: 'ns',
    target: 20,
    floor: 'gainNs',
    cases: chains('chain', [100, 1000], 10_000),
    figure: slope,
  },
  {
    workload: 'W1',
    label: 'the same of nodes whose plugin is called',
    unit: 'ns',
    cases: only('arranger', () => chains('called', [100, 1000], 10_000)('arranger', 0.2)),
    figure: slope,
  },
  {
    workload: 'W1',
    label: 'the same as units of one synth',
    unit: 'ns',
    cases: only('supercollider', (scale) => chains('units', [100, 1000], 10_000)('supercollider', scale)),
    figure: slope,
  },
  {
    workload: 'W1',
    label: 'a node of 10,000 against one of 100',
    unit: '×',
    target: 1.5,
    cases: (engine, scale) => (takesMany(engine) ? chains('chain', [100, 10_000], 20_000)(engine, scale) : null),
    figure: ([few, many], [small, large]) => perBlock(many, large) / perBlock(few, small) / 100,
  },
  {
    workload: 'W2',
    label: 'per voice-sample, 256 voices of one node',
    unit: 'ns',
    target: 0.6,
    floor: 'sineNs',
    cases: only('arranger', (scale) => [{ kind: 'voices', size: { voices: 256, seconds: Math.max(2, 40 * scale) } }]),
    figure: perVoice,
  },
  {
    workload: 'W2',
    label: 'per voice-sample, 500 nodes',
    unit: 'ns',
    target: 0.9,
    floor: 'sineNs',
    cases: (engine, scale) => [
      { kind: 'nodes', size: { voices: 500, seconds: paced(engine, (engine === 'arranger' ? 4 : 20) * scale) } },
    ],
    figure: perVoice,
  },
  {
    workload: 'W3',
    label: 'processor time for 120 s of song, one thread',
    unit: 's',
    target: 1.2,
    floor: 'songSeconds',
    cases: (engine, scale) => {
      const seconds = Math.max(5, songSeconds(engine) * scale)
      return [{ kind: 'song', size: { seconds, ...(engine === 'arranger' ? { threads: 1 } : {}) } }]
    },
    figure: ([sample], [one]) => ((sample?.cpu ?? Number.NaN) * 120) / one?.size.seconds,
  },
  {
    workload: 'W3',
    label: 'the same on two threads, times faster',
    unit: '×',
    target: 1.8,
    better: 'more',
    cases: only('arranger', (scale) =>
      [1, 2].map((threads) => ({ kind: 'song', size: { threads, seconds: Math.max(5, 120 * scale) } })),
    ),
    figure: ([one, two]) => {
      if (one?.hash !== two?.hash) throw new Error(`one thread plays ${one?.hash}, two play ${two?.hash}`)
      return (one?.wall ?? Number.NaN) / (two?.wall ?? Number.NaN)
    },
  },
  {
    workload: 'W4',
    label: 'per event, 1 million, in JSON',
    unit: 'µs',
    target: 0.9,
    cases: automated(false),
    figure: perEvent,
  },
  {
    workload: 'W4',
    label: 'per event, 1 million, in typed arrays',
    unit: 'µs',
    target: 0.25,
    floor: 'sortMicroseconds',
    cases: (engine, scale) => (engine === 'arranger' ? automated(true)(engine, scale) : null),
    figure: perEvent,
  },
  {
    workload: 'W4',
    label: 'peak memory with 1 million in typed arrays',
    unit: 'MB',
    target: 150,
    cases: (engine, scale) => (engine === 'arranger' ? (automated(true)(engine, scale)?.slice(1) ?? null) : null),
    figure: ([sample]) => (sample?.maxRssBytes ?? Number.NaN) / 1e6,
  },
]
