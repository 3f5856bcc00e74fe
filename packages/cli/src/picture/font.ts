/**
 * A stroke font drawn for this project. A glyph is a list of polylines on a grid of 5 columns and 9 rows: a point is
 * two digits (column, row), a polyline's points are separated by spaces, polylines by commas. Capitals reach from row
 * 0 to the baseline in row 6, small letters start in row 2, descenders end in row 8.
 */
const shapes: Record<string, string> = {
  '0': '10 30 41 45 36 16 05 01 10',
  '1': '11 20 26, 16 36',
  '2': '01 10 30 41 42 06 46',
  '3': '01 10 30 41 42 33 13, 33 44 45 36 16 05',
  '4': '36 30 04 44',
  '5': '40 00 03 33 44 45 36 16 05',
  '6': '40 20 02 05 16 36 45 44 33 03',
  '7': '00 40 16',
  '8': '10 30 41 42 33 13 02 01 10, 13 04 05 16 36 45 44 33',
  '9': '06 26 44 41 30 10 01 02 13 43',
  A: '06 02 20 42 46, 04 44',
  B: '00 30 41 42 33 03, 33 44 45 36 06 00',
  C: '41 30 10 01 05 16 36 45',
  D: '00 20 42 44 26 06 00',
  E: '40 00 06 46, 03 33',
  F: '40 00 06, 03 33',
  G: '41 30 10 01 05 16 36 45 43 23',
  H: '00 06, 40 46, 03 43',
  I: '00 06',
  J: '30 35 26 16 05',
  K: '00 06, 40 03 46',
  L: '00 06 36',
  M: '06 00 23 40 46',
  N: '06 00 46 40',
  O: '10 30 41 45 36 16 05 01 10',
  P: '06 00 30 41 42 33 03',
  Q: '10 30 41 45 36 16 05 01 10, 24 46',
  R: '06 00 30 41 42 33 03, 23 46',
  S: '41 30 10 01 02 13 33 44 45 36 16 05',
  T: '00 40, 20 26',
  U: '00 05 16 36 45 40',
  V: '00 26 40',
  W: '00 16 22 36 40',
  X: '00 46, 40 06',
  Y: '00 23 40, 23 26',
  Z: '00 40 06 46',
  a: '33 22 12 03 05 16 26 35, 32 36',
  b: '00 06, 03 12 22 33 35 26 16 05',
  c: '32 12 03 05 16 36',
  d: '30 36, 33 22 12 03 05 16 26 35',
  e: '04 34 33 22 12 03 05 16 36',
  f: '30 20 11 16, 02 32',
  g: '33 22 12 03 05 16 26 35, 32 37 28 08',
  h: '00 06, 03 12 22 33 36',
  i: '02 06, 00 00',
  j: '12 17 08, 10 10',
  k: '00 06, 32 04 36',
  l: '00 05 16',
  m: '02 06, 03 12 23 26, 23 32 43 46',
  n: '02 06, 03 12 22 33 36',
  o: '12 22 33 35 26 16 05 03 12',
  p: '02 08, 03 12 22 33 35 26 16 05',
  q: '32 38, 33 22 12 03 05 16 26 35',
  r: '02 06, 03 12 22',
  s: '32 12 03 14 24 35 26 06',
  t: '10 15 26 36, 02 32',
  u: '02 05 16 26 35, 32 36',
  v: '02 26 42',
  w: '02 16 23 36 42',
  x: '02 36, 32 06',
  y: '02 05 16 26 35, 32 37 28 08',
  z: '02 32 06 36',
  '.': '06 06',
  ',': '16 07',
  ':': '03 03, 06 06',
  ';': '13 13, 16 07',
  '!': '00 04, 06 06',
  '?': '01 10 20 31 32 13 14, 16 16',
  "'": '00 01',
  '"': '00 01, 20 21',
  '-': '04 24',
  '–': '04 34',
  '−': '04 34',
  _: '07 47',
  '+': '04 44, 22 26',
  '=': '03 33, 05 35',
  '/': '30 06',
  '\\': '00 36',
  '|': '00 07',
  '(': '10 01 05 16',
  ')': '00 11 15 06',
  '[': '10 00 06 16',
  ']': '00 10 16 06',
  '{': '20 11 12 03 14 15 26',
  '}': '00 11 12 23 14 15 06',
  '<': '32 04 36',
  '>': '02 34 06',
  '#': '10 16, 30 36, 02 42, 04 44',
  $: '41 30 10 01 02 13 33 44 45 36 16 05, 20 26',
  '%': '40 06, 00 10 11 01 00, 35 45 46 36 35',
  '&': '46 02 01 10 20 31 04 05 16 26 44',
  '*': '21 25, 02 44, 42 04',
  '@': '33 23 24 34 32, 34 44 41 30 10 01 05 16 36',
  '^': '02 20 42',
  '`': '00 11',
  '~': '04 13 34 43',
  '·': '04 04',
  '×': '03 36, 33 06',
  '°': '10 21 12 01 10',
  '…': '06 06, 26 26, 46 46',
}

/** What stands for a character that the font lacks. */
const missing = '00 30 36 06 00'

/** A straight stroke in grid units. */
export interface Stroke {
  x0: number
  y0: number
  x1: number
  y1: number
}

/** A glyph: its strokes and the distance to the next glyph's origin, in grid units. */
export interface Glyph {
  strokes: Stroke[]
  advance: number
}

const cache = new Map<string, Glyph>()

function parse(shape: string): Glyph {
  const strokes: Stroke[] = []
  let width = 0
  for (const polyline of shape.split(',')) {
    const points = polyline
      .trim()
      .split(' ')
      .map((point) => [Number(point[0]), Number(point[1])] as const)
    points.reduce(([x0, y0], [x1, y1]) => {
      strokes.push({ x0, y0, x1, y1 })
      return [x1, y1] as const
    })
    width = Math.max(width, ...points.map(([x]) => x))
  }
  return { strokes, advance: width + 2 }
}

/** The glyph of one character. */
export function glyph(character: string): Glyph {
  let found = cache.get(character)
  if (!found) {
    found = character === ' ' ? { strokes: [], advance: 3 } : parse(shapes[character] ?? missing)
    cache.set(character, found)
  }
  return found
}

/** The text in characters that the font can draw: accents are dropped, what remains unknown shows as a box. */
export function drawable(text: string): string[] {
  return [...text.normalize('NFKD').replace(/\p{Mark}/gu, '')]
}

/** Rows from the top of a capital to the baseline. */
export const capHeight = 6
