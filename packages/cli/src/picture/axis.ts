const timeSteps = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
]

/** A time in seconds as m:ss, with as many decimals as the step between two labels needs. */
export function timeLabel(seconds: number, step: number): string {
  const decimals = step >= 1 ? 0 : Math.ceil(-Math.log10(step) - 1e-9)
  const total = Number(seconds.toFixed(decimals))
  const minutes = Math.floor(total / 60)
  const rest = (total - 60 * minutes).toFixed(decimals).padStart(decimals === 0 ? 2 : 3 + decimals, '0')
  return `${minutes}:${rest}`
}

/** Round times from 0 to the end, at most `most` of them and never closer than the smallest step. */
export function timeTicks(seconds: number, most: number): { seconds: number; label: string }[] {
  const step = timeSteps.find((candidate) => seconds / candidate < most) ?? seconds / most
  const count = Math.floor(seconds / step + 1e-9) + 1
  return Array.from({ length: count }, (_, i) => ({ seconds: i * step, label: timeLabel(i * step, step) }))
}

/** The frequencies that the axis names, in Hz. */
export function frequencyTicks(minHz: number, maxHz: number): { hz: number; label: string }[] {
  return [20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000]
    .filter((hz) => hz >= minHz && hz <= maxHz)
    .map((hz) => ({ hz, label: hz >= 1000 ? `${hz / 1000}k` : `${hz}` }))
}
