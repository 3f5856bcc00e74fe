/** Dots of a braille cell by column, from the bottom up. */
const dots = [
  [0x40, 0x04, 0x02, 0x01],
  [0x80, 0x20, 0x10, 0x08],
] as const

/** Below this share of full scale (−60 dB) nothing is drawn. */
const floor = 0.001

/** The largest of the values that one of `columns` equal parts of a list touches. */
function peakOf(values: ArrayLike<number>, column: number, columns: number): number {
  const first = Math.floor((column * values.length) / columns)
  const end = Math.ceil(((column + 1) * values.length) / columns)
  let peak = 0
  for (let i = first; i < end; ++i) peak = Math.max(peak, Math.abs(values[i] ?? 0))
  return peak
}

/**
 * Peaks over time as lines of braille: each character shows two columns of four dots, filled from the bottom.
 * @param peaks Peaks 0..1 in order of time, any number.
 * @param width Characters a line.
 * @param lines Lines, top first; 1 unless told.
 * @param fullScale The peak that fills the whole height; 1 unless told.
 */
export function brailleWaveform(peaks: ArrayLike<number>, width: number, lines = 1, fullScale = 1): string[] {
  const cells = Array.from({ length: lines }, () => new Array<number>(width).fill(0))
  for (let column = 0; column < 2 * width && peaks.length > 0; ++column) {
    const share = peakOf(peaks, column, 2 * width) / fullScale
    const height = share < floor ? 0 : Math.max(1, Math.min(4 * lines, Math.round(4 * lines * share)))
    for (let dot = 0; dot < height; ++dot) {
      const row = cells[lines - 1 - Math.floor(dot / 4)]
      const cell = Math.floor(column / 2)
      if (row) row[cell] = (row[cell] ?? 0) | (dots[column % 2]?.[dot % 4] ?? 0)
    }
  }
  return cells.map((row) => String.fromCharCode(...row.map((bits) => 0x2800 + bits)))
}
