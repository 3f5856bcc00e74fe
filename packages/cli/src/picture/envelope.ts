/** What one column of a waveform shows. All arrays have one value per column. */
export interface Envelope {
  min: Float32Array
  max: Float32Array
  rms: Float32Array
}

/** Lowest and highest sample and RMS of each of `columns` equal parts of a signal. */
export function envelope(signal: Float32Array, columns: number): Envelope {
  const result = {
    min: new Float32Array(columns),
    max: new Float32Array(columns),
    rms: new Float32Array(columns),
  }
  if (signal.length === 0) return result
  for (let column = 0; column < columns; ++column) {
    const first = Math.min(signal.length - 1, Math.floor((column * signal.length) / columns))
    const end = Math.max(first + 1, Math.floor(((column + 1) * signal.length) / columns))
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    let sum = 0
    // One frame of the next column is looked at too, so that neighbouring columns touch.
    for (let frame = first; frame <= Math.min(end, signal.length - 1); ++frame) {
      const value = signal[frame] ?? 0
      if (value < min) min = value
      if (value > max) max = value
      if (frame < end) sum += value * value
    }
    result.min[column] = min
    result.max[column] = max
    result.rms[column] = Math.sqrt(sum / (end - first))
  }
  return result
}
