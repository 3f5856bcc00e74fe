// A SoundFont 2 file of a few kilobytes (SoundFont Technical Specification 2.04): one preset, a looped sine.

const frames = 3000
const silentFrames = 46 // the format wants them after each sample
const generators = { instrument: 41, sampleModes: 54, sampleId: 53 }

function numbers(...pairs: [value: number, bytes: 1 | 2 | 4][]): Buffer {
  return Buffer.concat(
    pairs.map(([value, bytes]) => {
      const buffer = Buffer.alloc(bytes)
      buffer.writeUIntLE(value, 0, bytes)
      return buffer
    }),
  )
}

function name(text: string, size = 20): Buffer {
  const buffer = Buffer.alloc(size)
  buffer.write(text, 'latin1')
  return buffer
}

function chunk(id: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(id, 'latin1'), numbers([body.length, 4]), body, Buffer.alloc(body.length % 2)])
}

const list = (kind: string, ...chunks: Buffer[]) => chunk('LIST', Buffer.from(kind, 'latin1'), ...chunks)

function sine(): Buffer {
  const samples = Buffer.alloc(2 * (frames + silentFrames))
  for (let frame = 0; frame < frames; frame++)
    samples.writeInt16LE(Math.round(16_000 * Math.sin((2 * Math.PI * frame) / 100)), 2 * frame)
  return samples
}

const preset = (label: string, firstBag: number) =>
  Buffer.concat([name(label), numbers([0, 2], [0, 2], [firstBag, 2]), Buffer.alloc(12)])
const bag = (firstGenerator: number) => numbers([firstGenerator, 2], [0, 2])
const generator = (kind: number, amount: number) => numbers([kind, 2], [amount, 2])
const instrument = (label: string, firstBag: number) => Buffer.concat([name(label), numbers([firstBag, 2])])

/** Each list ends with a record that only says where the one before it ends. */
export function soundFont(): Buffer {
  const loop = numbers([0, 4], [frames, 4], [900, 4], [2100, 4], [44_100, 4], [60, 1], [0, 1], [0, 2], [1, 2])
  const version = numbers([2, 2], [1, 2])
  return chunk(
    'RIFF',
    Buffer.from('sfbk', 'latin1'),
    list('INFO', chunk('ifil', version), chunk('isng', name('EMU8000', 8)), chunk('INAM', name('sine', 6))),
    list('sdta', chunk('smpl', sine())),
    list(
      'pdta',
      chunk('phdr', preset('sine', 0), preset('EOP', 1)),
      chunk('pbag', bag(0), bag(1)),
      chunk('pmod', Buffer.alloc(10)),
      chunk('pgen', generator(generators.instrument, 0), Buffer.alloc(4)),
      chunk('inst', instrument('sine', 0), instrument('EOI', 1)),
      chunk('ibag', bag(0), bag(2)),
      chunk('imod', Buffer.alloc(10)),
      chunk('igen', generator(generators.sampleModes, 1), generator(generators.sampleId, 0), Buffer.alloc(4)),
      chunk('shdr', Buffer.concat([name('sine'), loop]), name('EOS', 46)),
    ),
  )
}
