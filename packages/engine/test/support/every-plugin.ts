// SPDX-License-Identifier: MIT
// For any plugin a session of 30 s that plays it and moves all that it has.
import type { Descriptor } from '@arranger/plugin-sdk'

type Port = Descriptor['ports'][number]

interface Node {
  id: string
  type: string
  params?: Record<string, number | string>
}

interface Connection {
  from_node: string
  from_port: string
  to_node: string
  to_port: string
  amount?: number
  mode?: 'add' | 'set'
}

export interface Score {
  nodes: Node[]
  connections: Connection[]
  events: object[]
}

export const seconds = 30
const bpm = 120
const beats = (seconds * bpm) / 60

/** Numbers that look like chance and are the same each time (Lehmer). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 0x7fffffff
    return state / 0x7fffffff
  }
}

const isControlInput = (port: Port) => port.type === 'control' && port.role === 'input' && port.id !== 'control_in'
const has = (plugin: Descriptor, type: string, role: string) =>
  plugin.ports.find((port) => port.type.startsWith(type) && port.role === role)

/** What makes it quiet moves in its louder half only. */
const isLoudness = (port: Port) =>
  port.unit === 'dB' || /root_pitch|gain|level|wet|dry|amplitude|sustain|velocity|cutoff/.test(port.id)
/** What would silence it altogether. */
const isSwitch = (port: Port) => /mute|solo|enabled/.test(port.id)

/** Each parameter goes somewhere else twice a second, by a jump or a ramp. */
function automation(node: string, plugin: Descriptor, chance: () => number): object[] {
  const events: object[] = []
  for (const port of plugin.ports.filter(isControlInput).filter((port) => !isSwitch(port)))
    for (let beat = 0; beat < beats; beat++) {
      const low = isLoudness(port) ? (port.min + port.max) / 2 : port.min
      const value = low + chance() * (port.max - low)
      const ramp = chance() < 0.5 ? { ramp_beats: 0.5 } : {}
      const at = beat + Math.floor(chance() * 8) / 8
      events.push({ beat: at, type: 'param', node_id: node, param_id: port.id, value, ...ramp })
    }
  return events
}

/** Chords of three notes on a track, one a beat. */
function notes(track: string, chance: () => number): object[] {
  const events: object[] = []
  for (let beat = 0; beat < beats; beat++)
    for (let voice = 0; voice < 3; voice++) {
      const pitch = 48 + voice * 7 + Math.floor(chance() * 7)
      const velocity = 90 + Math.floor(chance() * 37)
      events.push({ beat, type: 'note_on', node_id: track, pitch, velocity })
      events.push({ beat: beat + 0.9, type: 'note_off', node_id: track, pitch })
    }
  return events
}

const audio = (from_node: string, from_port: string, to_node: string, to_port = 'audio_in') => ({
  from_node,
  from_port,
  to_node,
  to_port,
})

/**
 * The part of one plugin, under node ids that begin with `name`, into a channel of the node `mixer`.
 * @param sample A file for what plays one.
 */
export function partOf(plugin: Descriptor, name: string, channel: number, sample: string, seed: number): Score {
  const chance = numbers(seed)
  const [track, source, subject] = [`${name}_track`, `${name}_source`, `${name}_x`]
  const [eventsIn, eventsOut] = [has(plugin, 'event', 'input'), has(plugin, 'event', 'output')]
  const [audioIn, audioOut] = [has(plugin, 'audio', 'input'), has(plugin, 'audio', 'output')]
  const controlOut = has(plugin, 'control', 'output')
  const params = plugin.config_params.some(({ id }) => id === 'sample_path') ? { sample_path: sample } : {}
  const nodes: Node[] = [{ id: track, type: 'track_source' }]
  if (plugin.id !== 'builtin.mixer' || name !== '') nodes.push({ id: subject, type: plugin.id, params })
  const connections: Connection[] = []
  const out = `audio_in_${channel}`
  const isSource = audioOut && !audioIn
  if (eventsIn) connections.push(audio(track, 'events_out', subject, eventsIn.id))
  if (!isSource) {
    nodes.push({ id: source, type: 'builtin.synth', params: { gain: 0.8, waveform: 1, cutoff: 6000, sustain: 1 } })
    connections.push(
      eventsOut ? audio(subject, eventsOut.id, source, 'events_in') : audio(track, 'events_out', source, 'events_in'),
    )
  }
  for (const port of plugin.ports)
    if (port.type.startsWith('audio') && (port.role === 'input' || port.role === 'sidechain'))
      connections.push(audio(source, 'audio_out', subject, port.id))
  if (controlOut) connections.push({ ...audio(subject, controlOut.id, source, 'cutoff'), mode: 'add', amount: 3000 })
  if (plugin.ports.some(({ id, role }) => id === 'control_in' && role === 'input') && !controlOut) {
    nodes.push({ id: `${name}_lfo`, type: 'builtin.control_lfo', params: { frequency: 3 } })
    connections.push(audio(`${name}_lfo`, 'control_out', subject, 'control_in'))
  }
  connections.push(audioOut ? audio(subject, audioOut.id, 'mixer', out) : audio(source, 'audio_out', 'mixer', out))
  const events = [...notes(track, chance), ...automation(subject, plugin, chance)]
  if (plugin.id === 'builtin.control_source')
    for (let beat = 0; beat < beats; beat += 0.25)
      events.push({ beat, type: 'control', node_id: subject, value: Math.abs(Math.sin(beat)) })
  return { nodes, connections, events }
}

/** Parts into one session. */
export function sessionOf(parts: Score[]): Score {
  const mixer = { id: 'mixer', type: 'builtin.mixer', params: { channel_count: parts.length, soft_clip: 0 } }
  return {
    nodes: [...parts.flatMap(({ nodes }) => nodes), mixer],
    connections: parts.flatMap(({ connections }) => connections),
    events: parts.flatMap(({ events }) => events),
  }
}

export const request = {
  graph: ({ nodes, connections }: Score) => ({ cmd: 'set_graph', bpm, nodes, connections }),
  schedule: ({ events }: Score) => ({ cmd: 'set_schedule', events }),
  render: { cmd: 'render', format: 'raw_f32', duration_beats: beats, tail_seconds: 0 },
}
