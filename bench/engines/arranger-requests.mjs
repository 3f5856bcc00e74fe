// @ts-check
// The workloads as Arranger's requests. What a plugin can do better by now is asked of the plugins that are there.
import { automation, chain, control, sines, song } from '../workloads.mjs'

/** @typedef {{ cmd: string, [field: string]: unknown }} Request */
/** @typedef {Set<string>} Plugins ids of those that are there, and of their ports, as builtin.synth.cutoff */

/** @param {{ id: string, ports: { id: string }[] }[]} descriptors @returns {Plugins} */
export const featuresOf = (descriptors) =>
  new Set(descriptors.flatMap(({ id, ports }) => [id, ...ports.map((port) => `${id}.${port.id}`)]))

const bpm = 120
const beatsOf = (/** @type {number} */ seconds) => (seconds * bpm) / 60
const audio = (/** @type {string} */ from, /** @type {string} */ to, port = 'audio_in') => ({
  from_node: from,
  from_port: 'audio_out',
  to_node: to,
  to_port: port,
})
/** The soft clipper off: workloads may be louder than it leaves untouched. */
const master = { id: 'mixer', type: 'mixer', params: { soft_clip: 0 } }
const on = (/** @type {string} */ node, /** @type {number} */ key, /** @type {object} */ more = {}) => ({
  beat: 0,
  type: 'note_on',
  node_id: node,
  pitch: key,
  velocity: 127,
  ...more,
})

/** The plainest node that has one stereo gain. @param {Plugins} plugins @param {number} gain */
const gainNode = (plugins, gain) =>
  plugins.has('builtin.gain')
    ? { type: 'builtin.gain', params: { gain } }
    : { type: 'builtin.utility', params: { gain_db: 20 * Math.log10(gain) } }

/** @param {string} path @param {number} seconds @param {object} [more] @returns {Request} */
export const render = (path, seconds, more = {}) => ({
  cmd: 'render',
  format: 'raw_f32',
  path,
  duration_beats: beatsOf(seconds),
  tail_seconds: 0,
  ...more,
})

/** Of nodes that the engine cannot compute by itself. @param {Parameters<typeof chain>[0]} size @returns {Request[]} */
export const calledRequests = (size) => chainRequests(size, new Set())

/** @param {Parameters<typeof chain>[0]} size @param {Plugins} plugins @returns {Request[]} */
export function chainRequests(size, plugins) {
  const { sine, gains } = chain(size)
  /** @type {object[]} */
  const nodes = [{ id: 'sine', type: 'builtin.sine', params: { gain: sine.amplitude } }, master]
  const connections = []
  let last = 'sine'
  for (const [index, gain] of gains.entries()) {
    nodes.push({ id: `node_${index}`, ...gainNode(plugins, gain) })
    connections.push(audio(last, `node_${index}`))
    last = `node_${index}`
  }
  connections.push(audio(last, 'mixer', 'audio_in_0'))
  return [
    { cmd: 'set_graph', bpm, nodes, connections },
    { cmd: 'set_schedule', events: [on('sine', sine.key)] },
  ]
}

/** As voices of one node: 256 is what it has. @param {Parameters<typeof sines>[0]} size @returns {Request[]} */
export function voiceRequests(size) {
  const { keys, amplitude } = sines(size)
  const nodes = [{ id: 'sine', type: 'builtin.sine', params: { gain: amplitude } }, master]
  const taken = new Map()
  const events = keys.map((key) => {
    const channel = taken.get(key) ?? 0
    taken.set(key, channel + 1)
    return on('sine', key, { channel })
  })
  return [
    { cmd: 'set_graph', bpm, nodes, connections: [audio('sine', 'mixer', 'audio_in_0')] },
    { cmd: 'set_schedule', events },
  ]
}

/** Each voice as a node. @param {Parameters<typeof sines>[0]} size @returns {Request[]} */
export function sineNodeRequests(size) {
  const { keys, amplitude } = sines(size)
  const sine = { type: 'builtin.sine', params: { gain: amplitude } }
  const nodes = [...keys.map((_, index) => ({ id: `node_${index}`, ...sine })), master]
  const connections = keys.map((_, index) => audio(`node_${index}`, 'mixer', 'audio_in_0'))
  return [
    { cmd: 'set_graph', bpm, nodes, connections },
    { cmd: 'set_schedule', events: keys.map((key, index) => on(`node_${index}`, key)) },
  ]
}

/** @param {Parameters<typeof song>[0]} size @param {Plugins} plugins @returns {Request[]} */
export function songRequests(size, plugins) {
  const { tracks, noteSeconds, delay, trackGain, reverb, voice } = song(size)
  const room = { wet: reverb.wet, room_size: reverb.room, damping: reverb.damping }
  const echo = { time_ms: 1000 * delay.seconds, feedback: delay.feedback, wet: delay.wet }
  /** @type {object[]} */
  const nodes = [{ id: 'reverb', type: 'builtin.reverb', params: room }, master]
  /** @type {object[]} */
  const connections = [audio('reverb', 'mixer', 'audio_in_0')]
  /** @type {object[]} */
  const events = []
  for (const [track, { pan, chords }] of tracks.entries()) {
    const [synth, delayed, placed] = [`synth_${track}`, `delay_${track}`, `place_${track}`]
    nodes.push(
      { id: synth, ...songVoice(voice, plugins) },
      { id: delayed, type: 'builtin.delay', params: echo },
      { id: placed, type: 'builtin.utility', params: { gain_db: 20 * Math.log10(trackGain), pan } },
    )
    connections.push(audio(synth, delayed), audio(delayed, placed), audio(placed, 'reverb'))
    for (const [beat, keys] of chords.entries())
      for (const pitch of keys)
        events.push(
          { beat, type: 'note_on', node_id: synth, pitch, velocity: 127 },
          { beat: beat + beatsOf(noteSeconds), type: 'note_off', node_id: synth, pitch },
        )
  }
  return [
    { cmd: 'set_graph', bpm, nodes, connections },
    { cmd: 'set_schedule', events },
  ]
}

/**
 * The times and levels of the plain timbre are factors of its own; a note of full velocity has half of `gain`, at the volume that a
 * channel begins with. Without that timbre there is only one that is richer.
 * @param {ReturnType<typeof song>['voice']} voice @param {Plugins} plugins
 */
function songVoice(voice, plugins) {
  const gain = (2 * voice.amplitude) / (100 / 127) ** 2
  const params = { waveform: 3, cutoff: voice.cutoffHz, resonance: 0, gain }
  if (!plugins.has('builtin.synth.timbre')) return { type: 'builtin.synth', params }
  const envelope = {
    attack: voice.attackSeconds / 0.01,
    decay: voice.decaySeconds / 0.1,
    sustain: voice.sustain / 0.7,
    release: voice.releaseSeconds / 0.1,
  }
  return { type: 'builtin.synth', params: { timbre: 1, ...params, ...envelope } }
}

/** What W4 has beside the events. @param {Parameters<typeof automation>[0]} size */
function automated(size) {
  const { sine, events, time, gain } = automation(size)
  const nodes = [{ id: 'sine', type: 'builtin.sine', params: { gain: sine.amplitude } }, master]
  return {
    graph: { cmd: 'set_graph', bpm, nodes, connections: [audio('sine', 'mixer', 'audio_in_0')] },
    note: on('sine', sine.key),
    of: { type: 'param', node_id: 'sine', param_id: 'gain' },
    beat: (/** @type {number} */ index) => beatsOf(time(index)),
    value: (/** @type {number} */ index) => sine.amplitude * gain(time(index)),
    count: events,
  }
}

/** Each event an object, to four digits: as a program would write it. @param {Parameters<typeof automation>[0]} size @returns {Request[]} */
export function automationRequests(size) {
  const { graph, note, of, beat, value, count } = automated(size)
  const rounded = (/** @type {number} */ number) => Math.round(1e4 * number) / 1e4
  const changes = Array.from({ length: count }, (_, index) => ({
    ...of,
    beat: rounded(beat(index)),
    value: rounded(value(index)),
  }))
  return [graph, { cmd: 'set_schedule', events: [note, ...changes] }]
}

/** The same in columns of numbers. @param {Parameters<typeof automation>[0]} size @returns {{ requests: Request[], arrays: Float64Array[] }} */
export function automationColumns(size) {
  const { graph, note, of, beat, value, count } = automated(size)
  const columns = [{ ...of, beat: { attachment: 0 }, value: { attachment: 1 } }]
  return {
    requests: [graph, { cmd: 'set_schedule', events: [note], columns }],
    arrays: [beat, value].map((column) => Float64Array.from({ length: count }, (_, index) => column(index))),
  }
}

/** A chain whose request is as long as a large session's. @param {Plugins} plugins @returns {Request} */
export function largeGraphRequest(plugins) {
  const of = (/** @type {number} */ nodes) => /** @type {Request} */ (chainRequests({ nodes, seconds: 1 }, plugins)[0])
  const bytesPerNode = JSON.stringify(of(1000)).length / 1000
  return of(2 * Math.round(control.graphBytes / bytesPerNode / 2))
}
