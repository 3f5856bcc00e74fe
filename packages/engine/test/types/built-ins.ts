// Compiled, never run. Each line marked must be refused by the compiler, and nothing else may be.
import { type Engine, importMidi, type PluginId, type PluginTypes, Song } from '../../src/index.ts'

export async function typed(engine: Engine) {
  const reverb = await engine.add('builtin.reverb', { wet: 0.4, room_size: 0.9 }, { id: 'hall' })
  const mixer = await engine.add('builtin.mixer', { channel_count: 8, gain_7: 0.5, soft_clip: 0 })
  const font = await engine.add('builtin.fluidsynth', { gain: 0.3, sf2_path: 'piano.sf2' })
  const lfo = await engine.add('builtin.control_lfo')
  const track = await engine.add('track_source')
  await track.connect('events_out', font, 'events_in')
  await font.connect('audio_out', reverb, 'audio_in', { gain: 0.5 })
  await reverb.connect('audio_out_L', mixer, 'audio_in_7_L')
  await lfo.connect('control_out', reverb, 'wet', { mode: 'add', amount: 0.2 })
  await reverb.setParam('wet', 0.2, { rampMs: 50 })
  await mixer.set({ pan_3: -1 })
  await engine.node('mixer', 'builtin.mixer').setParam('gain_0', 1)

  // @ts-expect-error an id with a typo
  await engine.add('builtin.revreb')
  // @ts-expect-error an unknown parameter
  await engine.add('builtin.reverb', { wett: 0.4 })
  // @ts-expect-error a text for a number
  await engine.add('builtin.reverb', { wet: '0.4' })
  // @ts-expect-error a number for a text
  await engine.add('builtin.fluidsynth', { sf2_path: 3 })
  // @ts-expect-error a channel without a number
  await engine.add('builtin.mixer', { gain_x: 1 })
  // @ts-expect-error an unknown output
  await reverb.connect('audio_uot', mixer, 'audio_in_0')
  // @ts-expect-error an unknown input
  await reverb.connect('audio_out', mixer, 'audio_in')
  // @ts-expect-error an input where an output is wanted
  await reverb.connect('audio_in', mixer, 'audio_in_0')
  // @ts-expect-error a port of events has no left channel
  await track.connect('events_out_L', font, 'events_in')
  // @ts-expect-error a parameter of another plugin
  await reverb.setParam('gain_0', 1)
  // @ts-expect-error a config parameter, which only set() takes
  await mixer.setParam('channel_count', 4)
  // @ts-expect-error a node of an unknown plugin
  engine.node('x', 'com.acme.unknown')
}

export async function untyped(engine: Engine, fromElsewhere: string) {
  const node = await engine.addUntyped(fromElsewhere, { anything: 1, text: 'x' })
  await node.connect('any_port', engine.node('mixer', 'builtin.mixer'), 'audio_in_0')
  await node.setParam('anything', 2)
  // @ts-expect-error the other end is still known
  await node.connect('any_port', engine.node('mixer', 'builtin.mixer'), 'audio_in')
  // @ts-expect-error any text is not an id
  await engine.add(fromElsewhere)
}

export async function song() {
  const { master } = await importMidi('song.mid')
  master.add('builtin.reverb', { wet: 0.25 })
  new Song({}).master.addUntyped('com.acme.unknown', { mix: 1 })
  // @ts-expect-error an id with a typo
  master.add('builtin.revreb')
  // @ts-expect-error an unknown parameter
  master.add('builtin.reverb', { wett: 0.25 })
}

/** What a program can say of plugins in its own types. */
export const wet: Extract<keyof PluginTypes['builtin.reverb']['params'], 'wet'> = 'wet'
export const id: PluginId = 'builtin.sine'
