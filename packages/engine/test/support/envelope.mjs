// @ts-check
// What is compared between two renders of one song: how loud each 50 ms is.

/**
 * RMS of consecutive windows over all channels.
 * @param {readonly ArrayLike<number>[]} channels Equally long, −1..1.
 * @param {number} window Frames. A rest that fills none is left out.
 * @param {number} [start] The first frame.
 * @returns {Float64Array}
 */
export function envelope(channels, window, start = 0) {
  const length = channels[0]?.length ?? 0
  return Float64Array.from({ length: Math.floor(Math.max(0, length - start) / window) }, (_, index) => {
    const from = start + index * window
    let sum = 0
    for (const samples of channels) {
      for (let frame = from; frame < from + window; frame++) sum += /** @type {number} */ (samples[frame]) ** 2
    }
    return Math.sqrt(sum / (window * channels.length))
  })
}

/**
 * Pearson's correlation of the part that both have, −1..1.
 * @param {Float64Array} one
 * @param {Float64Array} other
 */
export function correlation(one, other) {
  const count = Math.min(one.length, other.length)
  const [a, b] = [one.subarray(0, count), other.subarray(0, count)]
  const [meanA, meanB] = [mean(a), mean(b)]
  let [both, ofA, ofB] = [0, 0, 0]
  for (let index = 0; index < count; index++) {
    const [x, y] = [/** @type {number} */ (a[index]) - meanA, /** @type {number} */ (b[index]) - meanB]
    both += x * y
    ofA += x * x
    ofB += y * y
  }
  return both / Math.sqrt(ofA * ofB)
}

/**
 * How much louder one is than the other over the part that both have, in decibels.
 * @param {Float64Array} one
 * @param {Float64Array} other
 */
export function levelDifference(one, other) {
  const count = Math.min(one.length, other.length)
  const energy = (/** @type {Float64Array} */ values) =>
    values.subarray(0, count).reduce((sum, value) => sum + value * value, 0)
  return 10 * Math.log10(energy(one) / energy(other))
}

/** @param {Float64Array} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
