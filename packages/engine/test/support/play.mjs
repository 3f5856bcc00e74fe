// Begins live playback that only an end from outside ends; what it needs of time is told by blocks, not by clocks.
import { pathToFileURL } from 'node:url'

export async function play(index, onEvent) {
  const { createEngine } = await import(pathToFileURL(index).href)
  const engine = await createEngine({ sampleRate: 48000, blockSize: 64 })
  if (onEvent) for (const name of ['position', 'meters']) engine.on(name, onEvent, { intervalMs: 1 })
  await engine.send({
    cmd: 'set_graph',
    nodes: [
      { id: 'track', type: 'track_source' },
      { id: 'synth', type: 'builtin.synth' },
      { id: 'mixer', type: 'mixer' },
    ],
    connections: [
      { from_node: 'track', from_port: 'events_out', to_node: 'synth', to_port: 'events_in' },
      { from_node: 'synth', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
    ],
  })
  await engine.send({ cmd: 'note_on', pitch: 60 })
  await engine.play()
  const blocks = async () => (await engine.send({ cmd: 'get_stats' })).blocks
  /** Until the audio thread has run so many blocks more. */
  const heard = async (count) => {
    for (const end = (await blocks()) + count; (await blocks()) < end; )
      await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await heard(3)
  return { engine, heard }
}
