// What a client of the system before this one sends: no ids, short names of types, ports by side, a schedule of set-up
// events first; some fields only for its old server.
import type { Json } from './framed-socket.ts'

const graph = (gain: number): Json => ({
  cmd: 'set_graph',
  bpm: 110,
  sample_rate: 44100,
  nodes: [
    { id: 'ch0', type: 'track_source' },
    { id: 'ch1', type: 'track_source' },
    { id: 'lead', type: 'sine', params: { gain } },
    { id: 'bass', type: 'sine' },
    { id: 'gate', type: 'note_gate', gate_mode: 1, pitch_lo: 40, pitch_hi: 80 },
    { id: 'fader', type: 'control_source' },
    { id: 'mixer', type: 'mixer', channel_count: 2 },
  ],
  connections: [
    { from_node: 'ch0', from_port: 'events_out', to_node: 'lead', to_port: 'events_in' },
    { from_node: 'ch0', from_port: 'events_out', to_node: 'gate', to_port: 'event_in' },
    { from_node: 'ch1', from_port: 'midi_out', to_node: 'bass', to_port: 'midi_in' },
    { from_node: 'lead', from_port: 'audio_out_L', to_node: 'mixer', to_port: 'audio_in_L_0' },
    { from_node: 'lead', from_port: 'audio_out_R', to_node: 'mixer', to_port: 'audio_in_R_0' },
    { from_node: 'bass', from_port: 'audio_out_L', to_node: 'mixer', to_port: 'audio_in_L_1' },
    { from_node: 'bass', from_port: 'audio_out_R', to_node: 'mixer', to_port: 'audio_in_R_1' },
    { from_node: 'fader', from_port: 'control_out', to_node: 'mixer', to_port: 'gain_1' },
  ],
})

const note = (beat: number, node_id: string, pitch: number): Json[] => [
  { beat, type: 'note_on', node_id, channel: 0, pitch, velocity: 96 },
  { beat: beat + 0.5, type: 'note_off', node_id, channel: 0, pitch, velocity: 0 },
]

const schedule: Json = {
  cmd: 'set_schedule',
  events: [
    { beat: -1, type: 'program', node_id: 'ch0', channel: 0, pitch: 12, velocity: 0 },
    { beat: -1, type: 'volume', node_id: 'ch0', channel: 0, pitch: 100 },
    { beat: 0, type: 'control', node_id: 'fader', value: 0.75 },
    ...[0, 1, 2, 3].flatMap((beat) => [...note(beat, 'ch0', 60 + beat), ...note(beat + 0.5, 'ch1', 43)]),
    { beat: 2, type: 'bend', node_id: 'ch0', channel: 0, pitch: 0, velocity: 96 },
    { beat: 3, type: 'control', node_id: 'fader', value: 0.25 },
  ],
}

export const oldSession: Json[] = [
  { cmd: 'ping' },
  { cmd: 'list_registered_plugins' },
  graph(0.15),
  schedule,
  { cmd: 'play' },
  { cmd: 'get_position' },
  { cmd: 'note_on', node_id: 'ch0', channel: 0, pitch: 64, velocity: 90 },
  { cmd: 'set_param', node_id: 'mixer', param_id: 'gain_0', value: 0.9 },
  { cmd: 'note_off', node_id: 'ch0', channel: 0, pitch: 64 },
  { cmd: 'all_notes_off', node_id: '' },
  { cmd: 'set_loop', enabled: true, start: 0, end: 4 },
  { cmd: 'seek', beat: 2 },
  { cmd: 'set_bpm', bpm: 110 },
  { cmd: 'stop' },
  { cmd: 'render', format: 'wav' },
  { cmd: 'get_graph' },
  graph(0.3),
  { cmd: 'render', format: 'raw_f32' },
  { cmd: 'get_position' },
]
