// Reads the samples of a WAV file, apart from the code that writes them.

export interface Wav {
  sampleRate: number
  channels: number
  bits: number
  isFloat: boolean
  /** Interleaved, −1..1. */
  samples: Float64Array
  /** The names of all chunks, in order. */
  chunks: string[]
}

export function readWav(file: Buffer): Wav {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    throw new Error('not a WAV file')
  const wav: Wav = { sampleRate: 0, channels: 0, bits: 0, isFloat: false, samples: new Float64Array(), chunks: [] }
  for (let at = 12; at < file.length; ) {
    const [id, size] = [file.toString('latin1', at, at + 4), file.readUInt32LE(at + 4)]
    const data = file.subarray(at + 8, at + 8 + size)
    wav.chunks.push(id)
    if (id === 'fmt ') readFormat(data, wav)
    if (id === 'data') wav.samples = readSamples(data, wav)
    at += 8 + size + (size % 2)
  }
  return wav
}

function readFormat(data: Buffer, wav: Wav): void {
  const extensible = data.readUInt16LE(0) === 0xfffe
  wav.isFloat = data.readUInt16LE(extensible ? 24 : 0) === 3
  wav.channels = data.readUInt16LE(2)
  wav.sampleRate = data.readUInt32LE(4)
  wav.bits = data.readUInt16LE(14)
}

function readSamples(data: Buffer, { bits, isFloat }: Wav): Float64Array {
  const bytes = bits / 8
  const scale = 2 ** (bits - 1)
  return Float64Array.from({ length: data.length / bytes }, (_, index) =>
    isFloat ? data.readFloatLE(index * 4) : data.readIntLE(index * bytes, bytes) / scale,
  )
}
