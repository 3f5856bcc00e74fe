// @ts-check
// In what each plugin of the gallery is heard: the graph and the phrase of `arranger dev`, with values that show what it does.
import { graphAround, kindOf, phraseFor } from '../../packages/cli/dist/dev/part.js'

/** @typedef {import('@arranger/plugin-sdk').Descriptor} Descriptor */
/** @typedef {import('@arranger/engine').Graph} Graph */
/** @typedef {import('@arranger/engine').ScheduleEvent} ScheduleEvent */
/** @typedef {{ graph: Graph, events: ScheduleEvent[] }} Scene */

/** Beats that are heard. */
export const beats = 4

/** Where defaults do nothing, or little. @type {Record<string, Record<string, number>>} */
const values = {
  'builtin.arpeggiator': { octaves: 2 },
  'builtin.chorus': { mix: 0.5, depth_ms: 4 },
  'builtin.compressor': { threshold_db: -30, ratio: 8, makeup_db: 9 },
  'builtin.control_lfo': { frequency: 2, amplitude: 0.5, offset: 0.5 },
  'builtin.delay': { sync: 1, beats: 0.75, feedback: 0.5 },
  'builtin.eq': { enabled_0: 1, type_0: 3, freq_0: 250, gain_2: 9 },
  'builtin.filter': { q: 3 },
  'builtin.gain': { gain: 0.5 },
  'builtin.limiter': { gain_db: 12 },
  'builtin.reverb': { wet: 0.5 },
  'builtin.utility': { width: 1.5 },
  'com.example.gain': { gain: 0.5 },
  'com.example.tremolo': { depth: 0.9 },
}

/** Parameters that move while it is heard. @type {Record<string, [param: string, from: number, to: number]>} */
const moves = {
  'builtin.control_source': ['control_in', 0, 1],
  'builtin.filter': ['cutoff', 200, 8000],
  'builtin.level': ['hold', 0, 1],
}

/** @param {string} id @returns {ScheduleEvent[]} */
function movesOf(id) {
  const move = moves[id]
  if (!move) return []
  const [param_id, from, to] = move
  const event = { type: /** @type {const} */ ('param'), node_id: 'plugin', param_id }
  return [
    { ...event, beat: 0, value: from },
    { ...event, beat: 0, value: to, ramp_beats: beats },
  ]
}

/** A control input without a source shows nothing. @param {Graph} graph @returns {Graph} */
function withLfo({ nodes = [], connections = [], ...graph }) {
  const lfo = { id: 'lfo', type: 'builtin.control_lfo', params: { frequency: 2 } }
  const connection = { from_node: 'lfo', from_port: 'control_out', to_node: 'plugin', to_port: 'control_in' }
  return { ...graph, nodes: [...nodes, lfo], connections: [...connections, connection] }
}

/** @param {Descriptor} descriptor @param {Record<string, string>} config what it needs, such as a file @returns {Scene} */
export function sceneOf(descriptor, config) {
  const { id } = descriptor
  // Config values are text; the graph's type of what this scene gives knows numbers alone.
  const params = /** @type {Record<string, number>} */ (/** @type {unknown} */ ({ ...values[id], ...config }))
  const graph = graphAround(descriptor, false, params)
  const events = [...phraseFor(kindOf(descriptor)), ...movesOf(id)]
  return { graph: id === 'builtin.control_monitor' ? withLfo(graph) : graph, events }
}
