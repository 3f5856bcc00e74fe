// Begins live playback that only an end from outside ends; what it needs of time is told by blocks, not by clocks.
import { pathToFileURL } from 'node:url'

export async function play(index, onEvent) {
  const { AudioServer } = await import(pathToFileURL(index).href)
  const server = new AudioServer({ sampleRate: 48000, blockSize: 64 })
  const ask = (request) => {
    const reply = JSON.parse(server.handle(JSON.stringify(request)))
    if (reply.status !== 'ok') throw new Error(JSON.stringify(reply))
    return reply
  }
  if (onEvent) {
    server.onEvent(onEvent)
    ask({ cmd: 'subscribe', events: ['position', 'meters'], interval_ms: 1 })
  }
  ask({
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
  ask({ cmd: 'note_on', pitch: 60 })
  ask({ cmd: 'play' })
  const blocks = () => ask({ cmd: 'get_stats' }).blocks
  /** Until the audio thread has run so many blocks more. */
  const heard = async (count) => {
    for (const end = blocks() + count; blocks() < end; ) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await heard(3)
  return { server, ask, heard }
}
