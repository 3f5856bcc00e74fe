import { describe, expect, it } from 'vitest'
import { readWav, type WavAudio, WavError } from '../src/wav.ts'

interface Parts {
  tag?: number
  bits?: number
  channels?: number
  frameSize?: number
  before?: Buffer
  data?: Buffer
  extensible?: boolean
}

function chunk(id: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8, id, 'latin1')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
}

function file(parts: Parts = {}): Buffer {
  const { tag = 1, bits = 16, channels = 2, before, data = Buffer.alloc(8), extensible = false } = parts
  const format = Buffer.alloc(extensible ? 40 : 16)
  format.writeUInt16LE(extensible ? 0xfffe : tag, 0)
  format.writeUInt16LE(channels, 2)
  format.writeUInt32LE(48000, 4)
  format.writeUInt16LE(parts.frameSize ?? (channels * bits) / 8, 12)
  format.writeUInt16LE(bits, 14)
  if (extensible) format.writeUInt16LE(tag, 24)
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('fmt ', format),
    ...(before ? [chunk('LIST', before)] : []),
    chunk('data', data),
  ])
  return chunk('RIFF', body)
}

function int24(values: number[]): Buffer {
  const data = Buffer.alloc(3 * values.length)
  values.forEach((value, i) => {
    data.writeIntLE(value, 3 * i, 3)
  })
  return data
}

const plain = ({ channels }: WavAudio) => channels.map((signal) => [...signal])

describe('readWav', () => {
  it('reads 16 bit', () => {
    const data = Buffer.from(Int16Array.of(-32768, 16384, 0, 32767).buffer)
    const audio = readWav(file({ data }))
    expect(audio).toMatchObject({ sampleRate: 48000, bitDepth: '16' })
    expect(plain(audio)).toEqual([
      [-1, 0],
      [0.5, 32767 / 32768],
    ])
  })

  it('reads 24 bit, also after a chunk of odd length', () => {
    const audio = readWav(
      file({ bits: 24, channels: 1, data: int24([-8388608, -1, 0, 4194304]), before: Buffer.alloc(3) }),
    )
    expect(audio.bitDepth).toBe('24')
    expect(plain(audio)).toEqual([[-1, -1 / 8388608, 0, 0.5]])
  })

  it('reads 32 bit float, also in the extensible format', () => {
    const data = Buffer.from(Float32Array.of(0.25, -1.5, 0).buffer)
    for (const extensible of [false, true]) {
      const audio = readWav(file({ tag: 3, bits: 32, channels: 3, data, extensible }))
      expect(audio.bitDepth).toBe('32f')
      expect(plain(audio)).toEqual([[0.25], [-1.5], [0]])
    }
  })

  it('reads a file without frames', () => {
    expect(plain(readWav(file({ data: Buffer.alloc(0) })))).toEqual([[], []])
  })

  it('refuses a file that ends early, wherever it ends', () => {
    const whole = file({ before: Buffer.from('abc'), data: Buffer.alloc(12, 1) })
    for (let length = 0; length < whole.length; ++length) {
      expect(() => readWav(whole.subarray(0, length)), `${length} bytes`).toThrow(WavError)
    }
  })

  it('refuses a chunk that is longer than the file', () => {
    const bytes = file()
    bytes.writeUInt32LE(9, 40)
    expect(() => readWav(bytes)).toThrow("Expected 9 bytes in chunk 'data' but the file ends 8 bytes on (byte 36)")
  })

  it.each<[string, Buffer, string]>([
    ['text', Buffer.from('this is no sound at all'), 'Expected a RIFF WAVE header (byte 0)'],
    ['bytes after its end', Buffer.concat([file(), Buffer.alloc(2)]), 'Expected 52 bytes but the file has 54 (byte 4)'],
    ['8 bit samples', file({ bits: 8 }), 'Expected 16 or 24 bit PCM or 32 bit float but format 1 has 8 bits (byte 20)'],
    ['no channel', file({ channels: 0 }), 'Expected at least one channel but the file has none (byte 22)'],
    ['a wrong frame size', file({ frameSize: 3 }), 'Expected 4 bytes a frame but it says 3 (byte 32)'],
    [
      'half a frame',
      file({ data: Buffer.alloc(6) }),
      'Expected whole frames of 4 bytes but the data has 6 bytes (byte 44)',
    ],
  ])('refuses %s and says where', (_, bytes, message) => {
    expect(() => readWav(bytes)).toThrow(message)
  })
})
