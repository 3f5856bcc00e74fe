import { describe, expect, it } from 'vitest'
import { brailleWaveform } from '../src/braille.ts'
import { randomFrom } from './support.ts'

const sizes = [1, 2, 7, 38, 76].flatMap((width) => [1, 2, 3].map((lines) => ({ width, lines })))

/** Dots of a column, counted from the drawing. */
function heights(drawing: string[]): number[] {
  const columns = new Array<number>(2 * (drawing[0]?.length ?? 0)).fill(0)
  for (const line of drawing) {
    for (let cell = 0; cell < line.length; ++cell) {
      const bits = line.charCodeAt(cell) - 0x2800
      for (const [side, mask] of [0x47, 0xb8].entries()) {
        const dots = [...(bits & mask).toString(2)].filter((bit) => bit === '1').length
        columns[2 * cell + side] = (columns[2 * cell + side] ?? 0) + dots
      }
    }
  }
  return columns
}

describe('brailleWaveform', () => {
  it.each(sizes)('fills everything at full scale: $width × $lines', ({ width, lines }) => {
    const drawing = brailleWaveform(new Array(512).fill(1), width, lines)
    expect(drawing).toEqual(new Array(lines).fill('⣿'.repeat(width)))
  })

  it.each(sizes)('is empty for silence: $width × $lines', ({ width, lines }) => {
    const blank = new Array(lines).fill('⠀'.repeat(width))
    expect(brailleWaveform(new Array(512).fill(0), width, lines)).toEqual(blank)
    expect(brailleWaveform([], width, lines)).toEqual(blank)
  })

  it('is as high as the loudest peak of its column', () => {
    const random = randomFrom(1)
    for (const { width, lines } of sizes) {
      const peaks = Array.from({ length: 2 * width * 4 }, random)
      const expected = Array.from({ length: 2 * width }, (_, column) =>
        Math.max(1, Math.round(4 * lines * Math.max(...peaks.slice(4 * column, 4 * column + 4)))),
      )
      expect(heights(brailleWaveform(peaks, width, lines))).toEqual(expected)
    }
  })

  it('fills from the bottom', () => {
    expect(brailleWaveform([0.25, 0.5, 0.75, 1], 2)).toEqual(['⣠⣾'])
    expect(brailleWaveform([0.5, 1], 1, 2)).toEqual(['⢸', '⣿'])
  })

  it('shows what is barely audible, and nothing below −60 dB', () => {
    expect(brailleWaveform([0.01, 0.0005], 1)).toEqual(['⡀'])
  })

  it('takes a full scale of its own', () => {
    expect(brailleWaveform([0.1, 0.1], 1, 1, 0.1)).toEqual(['⣿'])
  })
})
