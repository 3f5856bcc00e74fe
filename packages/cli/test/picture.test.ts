import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { timeTicks } from '../src/picture/axis.ts'
import { heat } from '../src/picture/colour.ts'
import { rowOf, spectrogram } from '../src/picture/spectrogram.ts'
import { drawPicture, frequencyAxis, layout } from '../src/picture.ts'

const sampleRate = 44100

function sine(hz: number, amplitude: number, seconds = 1): Float32Array {
  return Float32Array.from(
    { length: seconds * sampleRate },
    (_, frame) => amplitude * Math.sin((2 * Math.PI * hz * frame) / sampleRate),
  )
}

/** Brightness of a pixel, 0..765. */
function brightness({ data, width }: PNG, x: number, y: number): number {
  const at = 4 * (y * width + x)
  return (data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)
}

/** The index of the largest value. */
const strongest = (values: number[]) => values.indexOf(Math.max(...values))

describe('spectrogram', () => {
  const axis = { sampleRate, columns: 20, rows: 300, minHz: 30, maxHz: 20000 }
  const column = (levels: Float32Array, x: number) =>
    Array.from({ length: axis.rows }, (_, row) => levels[row * axis.columns + x] ?? 0)

  it.each([110, 440, 1234, 7000, 15000])('has its maximum at the frequency of a sine: %d Hz', (hz) => {
    const levels = column(spectrogram([sine(hz, 0.5)], axis), 10)
    expect(Math.abs(strongest(levels) + 0.5 - rowOf(hz, axis))).toBeLessThanOrEqual(2)
    // Between two bins a Hann window shows up to 1.42 dB too little.
    expect(Math.max(...levels)).toBeLessThan(-6.01)
    expect(Math.max(...levels)).toBeGreaterThan(-6.02 - 1.5)
  })

  it('shows both channels: the mean of their power', () => {
    const tone = sine(1000, 1)
    const other = sine(5000, 1)
    const levels = column(spectrogram([tone, other], axis), 10)
    for (const hz of [1000, 5000]) {
      const row = Math.round(rowOf(hz, axis))
      expect(Math.max(...levels.slice(row - 3, row + 4))).toBeCloseTo(-3.01, 0)
    }
    const opposite = tone.map((value) => -value)
    expect(Math.max(...column(spectrogram([tone, opposite], axis), 10))).toBeCloseTo(0, 0)
  })

  it('shows when a sound begins', () => {
    const tone = sine(1000, 1).map((value, frame) => (frame < sampleRate / 2 ? 0 : value))
    const levels = spectrogram([tone], axis)
    const loudest = Array.from({ length: axis.columns }, (_, x) => Math.max(...column(levels, x)))
    expect(Math.max(...loudest.slice(0, 8))).toBeLessThan(-100)
    expect(Math.min(...loudest.slice(11))).toBeGreaterThan(-3)
  })

  it('is empty for silence and for no sound', () => {
    for (const silence of [new Float32Array(sampleRate), new Float32Array(0)]) {
      expect(Math.max(...spectrogram([silence, silence], axis))).toBeLessThanOrEqual(-200)
    }
  })
})

describe('drawPicture', () => {
  it('is a PNG of the size that was asked for', () => {
    const channels = [sine(440, 0.5, 0.1)]
    const standard = PNG.sync.read(drawPicture({ title: 'sine', channels, sampleRate }))
    expect([standard.width, standard.height]).toEqual([1200, 600])
    const small = PNG.sync.read(drawPicture({ title: 'sine', channels, sampleRate, width: 640, height: 320 }))
    expect([small.width, small.height]).toEqual([640, 320])
  })

  it('is brightest on the row of a sine', () => {
    const tone = sine(1234, 0.5)
    const png = PNG.sync.read(drawPicture({ title: 'sine', channels: [tone, tone], sampleRate }))
    const { spectrum } = layout(1200, 600, 2)
    const x = spectrum.x + Math.round(spectrum.width / 2) + 3
    const rows = Array.from({ length: spectrum.height }, (_, row) => brightness(png, x, spectrum.y + row))
    const expected = rowOf(1234, frequencyAxis(spectrum, sampleRate))
    expect(Math.abs(strongest(rows) + 0.5 - expected)).toBeLessThanOrEqual(2)
  })

  it('draws each channel in its own lane', () => {
    const silence = new Float32Array(sampleRate)
    const png = PNG.sync.read(drawPicture({ title: 'left only', channels: [sine(100, 0.99), silence], sampleRate }))
    const light = layout(1200, 600, 2).lanes.map(({ x, y, width, height }) => {
      let sum = 0
      for (let row = y; row < y + height; ++row) {
        for (let column = x; column < x + width; ++column) sum += brightness(png, column, row)
      }
      return sum / (width * height)
    })
    expect(light[0]).toBeGreaterThan(2 * (light[1] ?? 0))
  })

  it.each([
    ['no frames', [new Float32Array(0), new Float32Array(0)]],
    ['one frame', [Float32Array.of(1)]],
    ['silence', [new Float32Array(1000), new Float32Array(1000)]],
    ['a low sample rate', [sine(100, 0.5)], 8000],
    ['six channels', Array.from({ length: 6 }, () => sine(100, 0.5, 0.1))],
  ] as [string, Float32Array[], number?][])('draws %s', (title, channels, rate = sampleRate) => {
    expect(PNG.sync.read(drawPicture({ title, channels, sampleRate: rate })).width).toBe(1200)
  })

  it('survives titles of any length and script', () => {
    const channels = [sine(440, 0.5, 0.1)]
    for (const title of ['', 'ü'.repeat(500), '交響曲 ♫ e\u0301', '\u0000\n\t']) {
      expect(() => drawPicture({ title, channels, sampleRate })).not.toThrow()
    }
  })
})

describe('axes and colours', () => {
  it('names round times that fit', () => {
    expect(timeTicks(136.8, 12).map(({ label }) => label)).toEqual([
      '0:00',
      '0:15',
      '0:30',
      '0:45',
      '1:00',
      '1:15',
      '1:30',
      '1:45',
      '2:00',
      '2:15',
    ])
    expect(timeTicks(0.5, 6).map(({ label }) => label)).toEqual([
      '0:00.0',
      '0:00.1',
      '0:00.2',
      '0:00.3',
      '0:00.4',
      '0:00.5',
    ])
    for (const seconds of [0.0004, 0.3, 7, 1e3, 1e5]) expect(timeTicks(seconds, 12).length).toBeLessThanOrEqual(13)
  })

  it('gets lighter with every step of the colour scale', () => {
    const linear = (value: number) => ((value / 255 + 0.055) / 1.055) ** 2.4
    const luminance = heat.map(([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b))
    for (let step = 8; step < luminance.length; ++step) {
      expect(luminance[step], `step ${step}`).toBeGreaterThan(luminance[step - 8] ?? 0)
    }
  })
})
