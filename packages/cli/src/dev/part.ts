// SPDX-License-Identifier: MIT
import type { Descriptor, Graph, ScheduleEvent } from '@arranger/engine'

/** What a plugin is, by its ports: what has to be around it so that it is heard. */
export type Kind = 'effect' | 'instrument' | 'midi' | 'monitor' | 'source' | 'control'

type Port = Descriptor['ports'][number]

const isAudio = ({ type }: Port) => type.startsWith('audio')
const isEvent = ({ type }: Port) => type === 'event'

/** A plugin's ports that are connected. */
function portsOf({ ports }: Descriptor) {
  const first = (role: Port['role'], fits: (port: Port) => boolean) =>
    ports.find((port) => port.role === role && fits(port))?.id
  return {
    audioIn: first('input', isAudio),
    sidechain: first('sidechain', isAudio),
    audioOut: first('output', isAudio),
    eventIn: first('input', isEvent),
    eventOut: first('output', isEvent),
    controlOut: first('output', ({ type }) => type === 'control'),
  }
}

export function kindOf(descriptor: Descriptor): Kind {
  const { audioIn, audioOut, eventIn, eventOut, controlOut } = portsOf(descriptor)
  if (audioOut !== undefined) return audioIn !== undefined ? 'effect' : eventIn !== undefined ? 'instrument' : 'source'
  if (eventOut !== undefined) return 'midi'
  return controlOut !== undefined ? 'control' : 'monitor'
}

/** Ids of the nodes that somebody speaks to. */
export const pluginNode = 'plugin'
export const trackNode = 'track'

/** Beats of the loop. */
export const loopBeats = 8

/** A graph in which the plugin is heard, or in which it has something to watch. */
export function graphAround(descriptor: Descriptor, isolated: boolean, params: Record<string, number> = {}): Graph {
  const { audioIn, sidechain, audioOut, eventIn, eventOut, controlOut } = portsOf(descriptor)
  const kind = kindOf(descriptor)
  const connections: NonNullable<Graph['connections']> = []
  const connect = (from_node: string, from_port: string, to_node: string, to_port: string | undefined) => {
    if (to_port !== undefined) connections.push({ from_node, from_port, to_node, to_port })
  }
  const isAlone = audioOut !== undefined && audioIn === undefined && sidechain === undefined
  connect(trackNode, 'events_out', pluginNode, eventIn)
  if (kind === 'midi') connect(pluginNode, eventOut as string, 'synth', 'events_in')
  else if (!isAlone) connect(trackNode, 'events_out', 'synth', 'events_in')
  for (const input of [audioIn, sidechain]) connect('synth', 'audio_out', pluginNode, input)
  if (audioOut !== undefined) connect(pluginNode, audioOut, 'mixer', 'audio_in_0')
  else if (kind !== 'control') connect('synth', 'audio_out', 'mixer', 'audio_in_0')
  else {
    connect('synth', 'audio_out', 'filter', 'audio_in')
    connect('filter', 'audio_out', 'mixer', 'audio_in_0')
    const swept = { to_node: 'filter', to_port: 'cutoff', map: { min: 300, max: 6000 } }
    connections.push({ from_node: pluginNode, from_port: controlOut as string, ...swept })
  }
  const used = (id: string) => connections.some(({ from_node, to_node }) => to_node === id || from_node === id)
  const others = [
    { id: trackNode, type: 'track_source' },
    { id: 'synth', type: 'builtin.synth', params: { gain: 0.6 } },
    { id: 'filter', type: 'builtin.filter' },
  ].filter(({ id }) => id === trackNode || used(id))
  const plugin = { id: pluginNode, type: descriptor.id, params, isolated }
  // What is measured is the plugin's own level, so the mixer bends nothing.
  return { bpm: 120, nodes: [...others, plugin, { id: 'mixer', type: 'mixer', params: { soft_clip: 0 } }], connections }
}

interface Hit {
  beat: number
  pitch: number
  beats: number
  velocity?: number
  channel?: number
}

const chords: [root: number, ...others: number[]][] = [
  [57, 60, 64],
  [53, 57, 60],
  [60, 64, 67],
  [55, 59, 62],
]
const drums = { kick: 36, snare: 38, hat: 42 }

/** Chords, and drums on the channel that General MIDI has for them. */
function band(): Hit[] {
  const hits: Hit[] = chords.flatMap((keys, i) =>
    keys.map((pitch) => ({ beat: 2 * i, pitch, beats: 1.75, velocity: 80 })),
  )
  for (let beat = 0; beat < loopBeats; beat += 0.5) {
    const pitch = beat % 2 === 0 ? drums.kick : beat % 2 === 1 ? drums.snare : drums.hat
    hits.push({ beat, pitch, beats: 0.25, velocity: pitch === drums.hat ? 70 : 105, channel: 9 })
  }
  return hits
}

/** A line of single notes over the chords, and the chord itself on the last beat of each. */
function melody(): Hit[] {
  return chords.flatMap(([root, third, fifth], i) => {
    const [low = root, middle = root] = [third, fifth]
    const line = [root, low, middle].map((pitch, step) => ({ beat: 2 * i + step / 2, pitch: pitch + 12, beats: 0.45 }))
    return [...line, ...[root, low, middle].map((pitch) => ({ beat: 2 * i + 1.5, pitch, beats: 0.45, velocity: 80 }))]
  })
}

/** What plays, over and over: chords held for what changes notes, drums and chords for what changes sound, a line for instruments. */
export function phraseFor(kind: Kind): ScheduleEvent[] {
  const hits = kind === 'instrument' || kind === 'midi' ? melody() : band()
  return hits.flatMap(({ beat, pitch, beats, velocity = 100, channel = 0 }) => [
    { beat, type: 'note_on' as const, node_id: trackNode, pitch, velocity, channel },
    { beat: beat + beats, type: 'note_off' as const, node_id: trackNode, pitch, channel },
  ])
}
