// Clicks in a signal that is known to be one pure sine.

/**
 * The frames on which samples are not those of a sine of `frequency`: a sine has x[n] = 2 cos w x[n-1] - x[n-2] whatever its
 * amplitude and phase, so that anything above the rounding of floats is something that happened to it.
 */
export function discontinuities(samples: Float32Array, frequency: number, sampleRate: number, limit = 1e-5): number[] {
  const factor = 2 * Math.cos((2 * Math.PI * frequency) / sampleRate)
  const found: number[] = []
  for (let n = 2; n < samples.length; n++) {
    const [a, b, c] = [samples[n] ?? 0, samples[n - 1] ?? 0, samples[n - 2] ?? 0]
    if (Math.abs(a - factor * b + c) > limit) found.push(n)
  }
  return found
}
