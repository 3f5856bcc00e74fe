import { isAbsolute, relative } from 'node:path'

const integers = new Intl.NumberFormat('en-US')

/** A path as short as it can be said from here: relative when it lies in the working directory. */
export function shortPath(path: string): string {
  const near = relative(process.cwd(), path)
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near
}

/** 2613 as `2,613`. */
export function count(value: number): string {
  return integers.format(value)
}

/** `1 note`, `2 notes`. */
export function plural(value: number, noun: string, nouns = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : nouns}`
}

/** Seconds as `m:ss`, with decimals if told: 136.8 is `2:16.8`. */
export function duration(seconds: number, decimals = 0): string {
  const total = Number(seconds.toFixed(decimals))
  const minutes = Math.floor(total / 60)
  const width = decimals === 0 ? 2 : 3 + decimals
  return `${minutes}:${(total - 60 * minutes).toFixed(decimals).padStart(width, '0')}`
}

/** A level with one decimal and its unit; silence is `−∞`. */
export function level(value: number | null | undefined, unit: string): string {
  return value === null || value === undefined || !Number.isFinite(value) ? `−∞ ${unit}` : `${value.toFixed(1)} ${unit}`
}

/** How many times faster than the music: `47×`, `3.2×`. */
export function factor(value: number): string {
  return `${value >= 10 ? count(Math.round(value)) : value.toFixed(1)}×`
}

/** Rows as aligned columns, two spaces apart. The last column is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, [...cell].length)
    })
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - [...cell].length)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Edits (insert, remove, replace, swap neighbours) that turn one word into the other. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; ++i) {
    const next = [i]
    for (let j = 1; j <= b.length; ++j) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1)
      next.push(best)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

/** The candidate that was probably meant, if one is near enough. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
  const best = ranked[0]
  return best && best.edits <= Math.max(2, best.candidate.length / 3) ? best.candidate : undefined
}
