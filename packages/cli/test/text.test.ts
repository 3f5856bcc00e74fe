import { describe, expect, it } from 'vitest'
import { duration, factor, level, nearest, table } from '../src/text.ts'

describe('text', () => {
  it.each([
    [0, 0, '0:00'],
    [133.4, 0, '2:13'],
    [136.8, 1, '2:16.8'],
    [59.96, 1, '1:00.0'],
    [3661, 0, '61:01'],
  ])('writes %d s with %d decimals as %s', (seconds, decimals, expected) => {
    expect(duration(seconds, decimals)).toBe(expected)
  })

  it('writes levels, and silence as infinity', () => {
    expect(level(-14.24, 'LUFS')).toBe('-14.2 LUFS')
    expect(level(null, 'dBFS')).toBe('−∞ dBFS')
    expect(level(Number.NEGATIVE_INFINITY, 'dBFS')).toBe('−∞ dBFS')
  })

  it('writes speeds with the figures that matter', () => {
    expect([0.52, 3.24, 47.4, 1234].map(factor)).toEqual(['0.5×', '3.2×', '47×', '1,234×'])
  })

  it('aligns columns', () => {
    expect(
      table([
        ['a', 'long', 'x'],
        ['bcd', 'e', ''],
      ]),
    ).toBe('a    long  x\nbcd  e')
  })

  it.each([
    ['rendr', 'render'],
    ['rednre', 'render'],
    ['.wva', '.wav'],
    ['set_grpah', 'set_graph'],
    ['elephant', undefined],
  ])('knows what is nearest to %s', (word, expected) => {
    expect(nearest(word, ['render', 'set_graph', '.wav', '.flac', '.raw'])).toBe(expected)
  })
})
