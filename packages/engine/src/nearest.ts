/** Edits (insert, remove, replace) from one word to another: Wagner and Fischer's table, one row at a time. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= to.length; column++) {
      const [left = 0, above = 0, corner = 0] = [next[column - 1], row[column], row[column - 1]]
      next.push(Math.min(left + 1, above + 1, corner + (letter === to[column - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[to.length] ?? 0
}

/** `; nearest is 'x'`, for the end of a message about an unknown name; empty when no name is near. */
export function nearestHint(word: string, names: Iterable<string>): string {
  let best: { name: string; edits: number } | undefined
  for (const name of names) {
    const edits = distance(word.toLowerCase(), name.toLowerCase())
    if (edits <= Math.max(2, name.length / 3) && edits < (best?.edits ?? Number.POSITIVE_INFINITY))
      best = { name, edits }
  }
  return best ? `; nearest is '${best.name}'` : ''
}
