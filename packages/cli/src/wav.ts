/** Samples of a WAV file. */
export interface WavAudio {
  /** Frames per second. */
  sampleRate: number
  /** Planar samples, one array per channel; full scale is ±1. */
  channels: Float32Array[]
  bitDepth: '16' | '24' | '32f'
}

/** A file that is not the WAV that this reader knows; `offset` is the byte where it stopped. */
export class WavError extends Error {
  readonly code = 'invalid_wav'

  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(`${message} (byte ${offset})`)
    this.name = 'WavError'
  }
}

interface Format {
  bitDepth: WavAudio['bitDepth']
  channelCount: number
  sampleRate: number
}

const pcm = 1
const ieeeFloat = 3
const extensible = 0xfffe

function readFormat(view: DataView, offset: number, size: number): Format {
  if (size < 16) throw new WavError(`Expected a format chunk of at least 16 bytes but it has ${size}`, offset)
  let tag = view.getUint16(offset, true)
  if (tag === extensible) {
    if (size < 40) throw new WavError(`Expected an extensible format of 40 bytes but it has ${size}`, offset)
    tag = view.getUint16(offset + 24, true)
  }
  const channelCount = view.getUint16(offset + 2, true)
  const sampleRate = view.getUint32(offset + 4, true)
  const frameSize = view.getUint16(offset + 12, true)
  const bits = view.getUint16(offset + 14, true)
  const known: Record<string, WavAudio['bitDepth']> = {
    [`${pcm}/16`]: '16',
    [`${pcm}/24`]: '24',
    [`${ieeeFloat}/32`]: '32f',
  }
  const bitDepth = known[`${tag}/${bits}`]
  if (!bitDepth) {
    throw new WavError(`Expected 16 or 24 bit PCM or 32 bit float but format ${tag} has ${bits} bits`, offset)
  }
  if (channelCount === 0) throw new WavError('Expected at least one channel but the file has none', offset + 2)
  if (sampleRate === 0) throw new WavError('Expected a sample rate but it is 0', offset + 4)
  if (frameSize !== (channelCount * bits) / 8) {
    throw new WavError(`Expected ${(channelCount * bits) / 8} bytes a frame but it says ${frameSize}`, offset + 12)
  }
  return { bitDepth, channelCount, sampleRate }
}

/** How a sample is read and how many bytes it takes. */
const samples = {
  '16': { bytes: 2, read: (view: DataView, at: number) => view.getInt16(at, true) / 32768 },
  '24': {
    bytes: 3,
    read: (view: DataView, at: number) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 8388608,
  },
  '32f': { bytes: 4, read: (view: DataView, at: number) => view.getFloat32(at, true) },
} as const

function readSamples(view: DataView, offset: number, size: number, format: Format): Float32Array[] {
  const { bytes, read } = samples[format.bitDepth]
  const frameSize = bytes * format.channelCount
  if (size % frameSize !== 0) {
    throw new WavError(`Expected whole frames of ${frameSize} bytes but the data has ${size} bytes`, offset)
  }
  const frames = size / frameSize
  return Array.from({ length: format.channelCount }, (_, channel) => {
    const signal = new Float32Array(frames)
    for (let frame = 0, at = offset + channel * bytes; frame < frames; ++frame, at += frameSize) {
      signal[frame] = read(view, at)
    }
    return signal
  })
}

/**
 * Reads a RIFF WAV file: 16 or 24 bit PCM or 32 bit float, any number of channels. Strict: a length that does not fit,
 * a missing chunk or a broken frame is a WavError with the byte offset, never a guess.
 */
export function readWav(file: Uint8Array): WavAudio {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const id = (at: number) => String.fromCharCode(...file.subarray(at, at + 4))
  if (file.length < 12 || id(0) !== 'RIFF' || id(8) !== 'WAVE') throw new WavError('Expected a RIFF WAVE header', 0)
  if (view.getUint32(4, true) + 8 !== file.length) {
    throw new WavError(`Expected ${view.getUint32(4, true) + 8} bytes but the file has ${file.length}`, 4)
  }
  let format: Format | undefined
  for (let at = 12; at < file.length; ) {
    if (at + 8 > file.length) throw new WavError('Expected a chunk header but the file ends', at)
    const size = view.getUint32(at + 4, true)
    const body = at + 8
    if (body + size > file.length) {
      throw new WavError(
        `Expected ${size} bytes in chunk '${id(at)}' but the file ends ${file.length - body} bytes on`,
        at,
      )
    }
    if (id(at) === 'fmt ') format = readFormat(view, body, size)
    if (id(at) === 'data') {
      if (!format) throw new WavError('Expected the format chunk before the data', at)
      const { sampleRate, bitDepth } = format
      return { sampleRate, bitDepth, channels: readSamples(view, body, size, format) }
    }
    at = body + size + (size % 2)
  }
  throw new WavError('Expected a data chunk but the file has none', file.length)
}
