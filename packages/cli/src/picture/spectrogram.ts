import FFT from 'fft.js'

export interface SpectrogramOptions {
  sampleRate: number
  columns: number
  rows: number
  /** Frequency of the lower edge of the bottom row, in Hz. */
  minHz: number
  /** Frequency of the upper edge of the top row, in Hz, at most half the sample rate. */
  maxHz: number
}

/** Levels in dB, 0 = a full-scale sine in every channel; row 0 is the highest frequency, rows × columns. */
export type Spectrogram = Float32Array

/** What an empty column shows, in dB. */
export const silenceDb = -200

/** The row of a frequency on a logarithmic axis, as a fraction: 0 is the top edge, `rows` the bottom edge. */
export function rowOf(hz: number, { rows, minHz, maxHz }: SpectrogramOptions): number {
  return (rows * Math.log(maxHz / hz)) / Math.log(maxHz / minHz)
}

/** Frames per analysis: about eight columns long, so that short sounds keep their attack and songs their bass. */
function windowLength(framesPerColumn: number): number {
  return Math.min(8192, Math.max(1024, 2 ** Math.ceil(Math.log2(8 * framesPerColumn))))
}

/**
 * Power spectrum of two real signals with one complex transform: with z = left + i·right,
 * |L|² + |R|² = (|Z(k)|² + |Z(n − k)|²) / 2.
 */
class PowerAnalyser {
  readonly power: Float64Array
  private readonly fft: FFT
  private readonly window: Float64Array
  private readonly input: number[]
  private readonly output: number[]

  constructor(readonly size: number) {
    this.fft = new FFT(size)
    this.window = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size))
    this.input = this.fft.createComplexArray()
    this.output = this.fft.createComplexArray()
    this.power = new Float64Array(size / 2)
  }

  clear(): void {
    this.power.fill(0)
  }

  /** Adds the mean power of two channels around a frame; beyond the ends there is silence. */
  add(left: Float32Array, right: Float32Array, centre: number, weight: number): void {
    const { size, window, input, output, power } = this
    const first = Math.round(centre) - size / 2
    for (let i = 0; i < size; ++i) {
      input[2 * i] = (window[i] ?? 0) * (left[first + i] ?? 0)
      input[2 * i + 1] = (window[i] ?? 0) * (right[first + i] ?? 0)
    }
    this.fft.transform(output, input)
    const scale = weight / (4 * (size / 4) ** 2)
    for (let k = 1; k < size / 2; ++k) {
      const re = output[2 * k] ?? 0
      const im = output[2 * k + 1] ?? 0
      const mirrorRe = output[2 * (size - k)] ?? 0
      const mirrorIm = output[2 * (size - k) + 1] ?? 0
      power[k] = (power[k] ?? 0) + scale * (re * re + im * im + mirrorRe * mirrorRe + mirrorIm * mirrorIm)
    }
  }
}

const decibels = (power: number) => Math.max(silenceDb, 10 * Math.log10(power + 1e-20))

/** Strongest level within a row's band; between two bins the levels are interpolated. */
function rowLevel(levels: Float64Array, lowBin: number, highBin: number): number {
  const first = Math.ceil(lowBin)
  const last = Math.min(levels.length - 1, Math.floor(highBin))
  let level = silenceDb
  for (let k = first; k <= last; ++k) level = Math.max(level, levels[k] ?? silenceDb)
  if (first <= last) return level
  const middle = (lowBin + highBin) / 2
  const below = Math.floor(middle)
  const low = levels[below] ?? silenceDb
  return low + (middle - below) * ((levels[below + 1] ?? low) - low)
}

/** Short-time spectrum (Hann window) on a logarithmic frequency axis; channels beyond the second are left out. */
export function spectrogram(channels: readonly Float32Array[], options: SpectrogramOptions): Spectrogram {
  const { sampleRate, columns, rows, minHz, maxHz } = options
  const result: Spectrogram = new Float32Array(rows * columns).fill(silenceDb)
  const left = channels[0]
  if (!left || left.length === 0) return result
  const right = channels[1] ?? left
  const framesPerColumn = left.length / columns
  const analyser = new PowerAnalyser(windowLength(framesPerColumn))
  const visits = Math.min(4, Math.max(1, Math.ceil((2 * framesPerColumn) / analyser.size)))
  const hzOf = (row: number) => maxHz * (minHz / maxHz) ** (row / rows)
  const edges = Float64Array.from({ length: rows + 1 }, (_, row) => (hzOf(row) * analyser.size) / sampleRate)
  const levels = new Float64Array(analyser.power.length)
  for (let column = 0; column < columns; ++column) {
    analyser.clear()
    for (let visit = 0; visit < visits; ++visit) {
      analyser.add(left, right, (column + (visit + 0.5) / visits) * framesPerColumn, 1 / visits)
    }
    for (let k = 0; k < levels.length; ++k) levels[k] = decibels(analyser.power[k] ?? 0)
    for (let row = 0; row < rows; ++row) {
      result[row * columns + column] = rowLevel(levels, edges[row + 1] ?? 0, edges[row] ?? 0)
    }
  }
  return result
}
