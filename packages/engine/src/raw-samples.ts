import { open } from 'node:fs/promises'
import { EngineError, ioError } from './error.ts'

/** Frames read at a time: few enough that sorting them into channels never holds up the event loop. */
const framesPerRead = 65_536

/**
 * Reads a file of interleaved float32 into one array a channel.
 * @throws EngineError `io_error`
 */
export async function readChannels(file: string, channels: number, frames: number): Promise<Float32Array[]> {
  const channelData = Array.from({ length: channels }, () => new Float32Array(frames))
  const frameBytes = channels * Float32Array.BYTES_PER_ELEMENT
  const samples = new Float32Array(framesPerRead * channels)
  const bytes = new Uint8Array(samples.buffer)
  const handle = await open(file).catch((error: unknown) => {
    throw ioError('read the rendered samples', file, error)
  })
  try {
    for (let frame = 0; frame < frames; ) {
      const wanted = Math.min(framesPerRead, frames - frame) * frameBytes
      const { bytesRead } = await handle.read(bytes, 0, wanted, frame * frameBytes)
      const read = Math.floor(bytesRead / frameBytes)
      if (read === 0)
        throw new EngineError('io_error', `Expected ${frames} rendered frames but ${file} ends after ${frame}`)
      deinterleave(samples, channelData, frame, read)
      frame += read
    }
  } finally {
    await handle.close()
  }
  return channelData
}

function deinterleave(samples: Float32Array, channelData: Float32Array[], start: number, count: number): void {
  const channels = channelData.length
  for (const [channel, target] of channelData.entries()) {
    for (let frame = 0; frame < count; frame++) target[start + frame] = samples[frame * channels + channel] as number
  }
}
