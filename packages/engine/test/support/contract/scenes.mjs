// @ts-check
// The sessions that mutants meet, and the files beside them.
import { copyFileSync, readFileSync, statSync } from 'node:fs'

const wholeSong = [
  {
    cmd: 'set_graph',
    bpm: 120,
    nodes: [
      { id: 'track', type: 'track_source' },
      { id: 'synth', type: 'builtin.sine', params: { gain: 0.2 } },
      { id: 'piano', type: 'fluidsynth', sf2_path: 'font.sf2' },
      { id: 'a/b~c', type: 'builtin.reverb', params: { wet: 0.5 } },
      { id: 'mixer', type: 'mixer', channel_count: 3 },
    ],
    connections: [
      { from_node: 'track', from_port: 'events_out', to_node: 'synth', to_port: 'events_in' },
      { from_node: 'track', from_port: 'events_out', to_node: 'piano', to_port: 'events_in' },
      { from_node: 'synth', from_port: 'audio_out', to_node: 'a/b~c', to_port: 'audio_in' },
      { from_node: 'a/b~c', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
      { from_node: 'piano', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_1' },
    ],
  },
  {
    cmd: 'set_schedule',
    events: [
      { beat: 0, type: 'note_on', node_id: 'track', pitch: 60, velocity: 100 },
      { beat: 0.5, type: 'cc', node_id: 'track', pitch: 7, velocity: 90 },
      { beat: 1, type: 'note_off', node_id: 'track', pitch: 60 },
      { beat: 1, type: 'tempo', value: 90 },
    ],
  },
  { cmd: 'open_midi', name: 'loopback', direction: 'output' },
]

/** Without what plays SoundFonts. @param {any[]} requests @returns {any[]} */
const withoutPiano = (requests) =>
  requests.map(({ nodes, connections, ...rest }) => ({
    ...rest,
    ...(nodes && { nodes: nodes.filter((/** @type {any} */ { id }) => id !== 'piano') }),
    ...(connections && {
      connections: connections.filter(
        (/** @type {any} */ { from_node, to_node }) => from_node !== 'piano' && to_node !== 'piano',
      ),
    }),
  }))

/**
 * Every scene, a list of requests.
 * @param {Record<string, unknown>} commands
 * @param {string[]} features Of the engine that is to play them.
 * @returns {Record<string, unknown[]>}
 */
export function scenesFor(commands, features) {
  const song = features.includes('fluidsynth') ? wholeSong : withoutPiano(wholeSong)
  const loop = { cmd: 'set_loop', start: 0, end: 1 }
  return {
    empty: [],
    song,
    ...(Object.hasOwn(commands, 'play') && {
      playing: [...song, { cmd: 'open_midi', name: 'loopback' }, loop, { cmd: 'play' }],
    }),
  }
}

/**
 * Puts the files that examples name into the working directory, where a request has changed or removed them.
 * @param {Record<string, string>} files Originals by name.
 */
export function placeFiles(files) {
  for (const [name, original] of Object.entries(files)) {
    const there = statSync(name, { throwIfNoEntry: false })
    if (!there?.isFile() || !readFileSync(name).equals(readFileSync(original))) copyFileSync(original, name)
  }
}
