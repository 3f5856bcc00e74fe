// A song that has something of everything.
import type { SongData } from '../../src/index.ts'

export const richSong: SongData = {
  title: 'Everything',
  bpm: 100,
  tempos: [
    { beat: 8, bpm: 140, ramp_beats: 4 },
    { beat: 20, bpm: 90 },
  ],
  time_signatures: [
    { beat: 0, numerator: 4, denominator: 4 },
    { beat: 8, numerator: 7, denominator: 8 },
  ],
  loop: { start: 0, end: 16 },
  instruments: [
    { id: 'pads', type: 'builtin.synth', volume: 0.5, pan: -0.25, effects: [{ id: 'room', type: 'builtin.reverb' }] },
  ],
  patterns: [
    {
      id: 'riff',
      length: 4,
      notes: [
        { beat: 0, length: 0.5, pitch: 48 },
        { beat: 2, length: 1, pitch: 55, velocity: 80 },
      ],
    },
    {
      id: 'beat',
      grid: {
        steps_per_beat: 4,
        swing: 0.6,
        rows: {
          kick: 'x...|x...|x...|x...',
          snare: '....X.......X..o',
          closed_hat: [90, 0, 60, 0, 90, 0, 60, 0, 90, 0, 60, 0, 90, 0, 60, 0],
        },
      },
    },
  ],
  tracks: [
    {
      id: 'lead',
      name: 'Lead',
      channel: 3,
      program: 81,
      bank: 2,
      volume: 0.8,
      pan: 0.3,
      bend_range: 12,
      effects: [{ id: 'echo', type: 'builtin.reverb', params: { wet: 0.2 } }],
      notes: [
        { beat: 0, length: 1, pitch: 72, velocity: 110, release_velocity: 20 },
        {
          beat: 1,
          length: 2,
          pitch: 74,
          bend: [
            { beat: 0.5, semitones: 0 },
            { beat: 1, semitones: 2 },
          ],
        },
      ],
      placements: [{ pattern: 'riff', beat: 4, repeats: 2, transpose: 12, length: 6.5 }],
    },
    {
      id: 'pad1',
      instrument: 'pads',
      channel: 1,
      events: [
        { beat: 0, type: 'note_on', channel: 1, pitch: 60, velocity: 70 },
        { beat: 12, type: 'note_off', channel: 1, pitch: 60 },
      ],
    },
    {
      id: 'drums',
      kit: 'gm',
      instrument: { type: 'builtin.synth', params: { gain: 0.4 } },
      placements: [{ pattern: 'beat', beat: 0, repeats: 4 }],
    },
    {
      id: 'bells',
      kit: { ding: 90 },
      channel: 2,
      mute: true,
      solo: false,
      bend_channels: [4, 5],
      soundfont: 'bells.sf2',
    },
  ],
  effects: [{ id: 'hall', type: 'builtin.reverb', params: { wet: 0.1 } }],
  automation: [
    {
      track: 'lead',
      param: 'volume',
      points: [
        { beat: 0, value: 0.8 },
        { beat: 4, value: 0.2 },
        { beat: 6, value: 1, curve: 'step' },
      ],
    },
    { node: 'master_hall', param: 'wet', points: [{ beat: 2, value: 0.4 }] },
  ],
  events: [{ beat: 1, type: 'param', node_id: 'synth_drums', param_id: 'gain', value: 0.3 }],
}
