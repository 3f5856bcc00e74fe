// SPDX-License-Identifier: MIT
// What one engine has, given to another.

import type { Reply } from './engine.ts'
import { EngineError } from './error.ts'
import type { Send } from './midi-devices.ts'

/**
 * Gives an engine the libraries, the graph with parameters and plugin states, the schedule, the loop, the open device and the
 * MIDI ports of another, which is only asked.
 * @throws EngineError what the other refuses; `busy` while MIDI is recorded.
 */
export async function carrySession(from: Send, to: Send): Promise<void> {
  const midi = await from({ cmd: 'list_midi' })
  if (midi.recording)
    throw new EngineError(
      'busy',
      'What MIDI inputs play is being recorded, and cannot be carried: stop recording first',
    )
  const { state } = await from({ cmd: 'get_state' })
  await tellOfAnother(to)
  if (!state) throw new EngineError('invalid_request', 'Expected the engine to tell its state')
  await carryLibraries(from, to, new Set(state.nodes.map(({ type }) => type)))
  await to({ cmd: 'set_state', state })
  await carryDevice(from, to)
  await carryMidi(midi, to)
}

/** A server that ran before may have a session of others. Who names it wants to play there, and should know. */
async function tellOfAnother(to: Send): Promise<void> {
  const { nodes } = await to({ cmd: 'get_graph' })
  if (nodes.length === 0) return
  process.emitWarning(`The server runs already, with ${nodes.length} nodes that are replaced for all who use it`, {
    type: 'ServerWarning',
    code: 'session_replaced',
  })
}

/** Gives an engine the playhead of another: where it is, and whether it moves. Quick, so that little is heard of it. */
export async function carryPlayhead(from: Send, to: Send): Promise<void> {
  const { beat, playing } = await from({ cmd: 'get_position' })
  await to({ cmd: 'seek', beat })
  if (!playing) return
  await to({ cmd: 'play' })
  await from({ cmd: 'stop' })
}

async function carryLibraries(from: Send, to: Send, used: ReadonlySet<string>): Promise<void> {
  const present = new Set((await to({ cmd: 'list_libraries' })).libraries.map(({ path }) => path))
  const { libraries } = await from({ cmd: 'list_libraries' })
  const missing = libraries.filter(({ builtin, path }) => !builtin && !present.has(path))
  if (missing.length === 0) return
  const paths = missing.map(({ path }) => path)
  const { failed } = await to({ cmd: 'load_plugins', paths }).catch((error: EngineError) => {
    return { failed: paths.map((path) => ({ path, code: error.code, message: error.message })) }
  })
  for (const { path, code, message } of failed) {
    const ids = missing.find((library) => library.path === path)?.plugin_ids ?? []
    if (ids.some((id) => used.has(id))) throw new EngineError(code as EngineError['code'], message)
    process.emitWarning(message, { type: 'PluginWarning', code })
  }
}

/** Another engine may have no devices, or not this one while it is in use: then it plays as it was made to. */
async function carryDevice(from: Send, to: Send): Promise<void> {
  const { open } = await from({ cmd: 'list_devices' })
  if (open === undefined) return
  await to({ cmd: 'open_device', name: open }).catch(({ code, message }: EngineError) => {
    process.emitWarning(message, { type: 'DeviceWarning', code })
  })
}

async function carryMidi({ open, mappings }: Reply<'list_midi'>, to: Send): Promise<void> {
  const there = await to({ cmd: 'list_midi' })
  for (const { name, direction, connected, node_id, channel } of open) {
    // One that is unplugged is nowhere to be opened; the new engine cannot wait for it.
    if (!connected) continue
    // What is open and no port of the system was made by the engine.
    const virtual = !(direction === 'input' ? there.inputs : there.outputs).includes(name)
    const only = channel === undefined ? {} : { channel }
    await to({ cmd: 'open_midi', name, direction, virtual, ...(direction === 'input' && { node_id }), ...only })
  }
  for (const mapping of mappings) await to({ cmd: 'midi_map', ...mapping })
}
