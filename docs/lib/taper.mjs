// @ts-check
// How a knob's travel becomes a value, as a small drawing.

/** @typedef {import('@arranger/plugin-sdk').Descriptor['ports'][number]} Port */

/** Where a gain without a smallest value begins to be heard: its travel is even in decibels from here on. */
const floorDb = -60

/** The value at a part of the travel, 0..1. @param {Port} port @param {number} travel */
function curve({ taper, min, max }, travel) {
  if (taper === 'log' && min > 0) return min * (max / min) ** travel
  if (taper === 'exp') return min + (max - min) * travel ** 2
  if (taper === 'db') {
    const low = min > 0 ? min : max * 10 ** (floorDb / 20)
    return travel === 0 ? min : low * (max / low) ** travel
  }
  return min + (max - min) * travel
}

/** The part of the travel at which a value is. @param {Port} port @param {number} value */
export function travelOf({ taper, min, max }, value) {
  if (max <= min) return 0
  if (taper === 'exp') return Math.sqrt((value - min) / (max - min))
  const low = taper === 'db' && min <= 0 ? max * 10 ** (floorDb / 20) : min
  if ((taper === 'log' || taper === 'db') && low > 0)
    return value <= low ? 0 : Math.log(value / low) / Math.log(max / low)
  return (value - min) / (max - min)
}

/** The value of a slider: on the port's grid. @param {Port} port @param {number} travel */
export function valueAt(port, travel) {
  const { min, max, step, hint } = port
  const grid = step > 0 ? step : hint === 'integer' ? 1 : 0
  const value = curve(port, travel)
  return Math.min(max, Math.max(min, grid > 0 ? min + Math.round((value - min) / grid) * grid : value))
}

const width = 48
const height = 24
const points = 24

/** @param {Port} port */
export function taperPlot(port) {
  const { min, max, taper } = port
  const line = Array.from({ length: points + 1 }, (_, i) => {
    const travel = i / points
    const share = max > min ? (curve(port, travel) - min) / (max - min) : 0
    return `${((width - 2) * travel + 1).toFixed(1)},${((height - 2) * (1 - share) + 1).toFixed(1)}`
  })
  return `<svg class="taper" role="img" aria-label="${taper}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><title>${taper}</title><polyline points="${line.join(' ')}"/></svg>`
}
