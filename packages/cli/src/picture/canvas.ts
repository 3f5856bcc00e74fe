import { PNG } from 'pngjs'
import type { Rgb } from './colour.ts'
import { capHeight, drawable, glyph, type Stroke } from './font.ts'

export interface TextStyle {
  /** Height of a capital in pixels. */
  size: number
  colour: Rgb
  /** Which end of the text `x` names. */
  align?: 'left' | 'centre' | 'right'
  /** Width of a stroke in pixels; default: a sixth of the size, at least 1.2. */
  weight?: number
}

/** Distance from a point to a stroke. */
function distance(px: number, py: number, { x0, y0, x1, y1 }: Stroke): number {
  const dx = x1 - x0
  const dy = y1 - y0
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((px - x0) * dx + (py - y0) * dy) / length))
  return Math.hypot(px - x0 - t * dx, py - y0 - t * dy)
}

/** An opaque RGB picture with the few anti-aliased shapes that a chart needs. Pixels outside it are ignored. */
export class Canvas {
  readonly width: number
  readonly height: number
  private readonly image: PNG

  constructor(width: number, height: number, background: Rgb) {
    this.width = width
    this.height = height
    this.image = new PNG({ width, height })
    this.rect(0, 0, width, height, background)
  }

  /** Mixes a colour into one pixel; `coverage` 1 replaces it. */
  blend(x: number, y: number, colour: Rgb, coverage: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height || coverage <= 0) return
    const data = this.image.data
    const at = 4 * (y * this.width + x)
    const share = Math.min(1, coverage)
    for (let part = 0; part < 3; ++part) {
      const old = data[at + part] ?? 0
      data[at + part] = Math.round(old + share * ((colour[part] ?? 0) - old))
    }
    data[at + 3] = 255
  }

  rect(x: number, y: number, width: number, height: number, colour: Rgb, coverage = 1): void {
    for (let row = y; row < y + height; ++row) {
      for (let column = x; column < x + width; ++column) this.blend(column, row, colour, coverage)
    }
  }

  /** A one pixel wide bar from `top` to `bottom` whose ends may lie within a pixel. */
  bar(x: number, top: number, bottom: number, colour: Rgb, coverage = 1): void {
    for (let y = Math.floor(top); y < bottom; ++y) {
      this.blend(x, y, colour, coverage * (Math.min(y + 1, bottom) - Math.max(y, top)))
    }
  }

  /** Width of a text in pixels. */
  measure(text: string, size: number): number {
    const units = drawable(text).reduce((sum, character) => sum + glyph(character).advance, 0)
    return Math.max(0, units - 2) * (size / capHeight)
  }

  /** Draws one line of text; `y` is the top of its capitals. */
  text(text: string, x: number, y: number, style: TextStyle): void {
    const unit = style.size / capHeight
    const weight = style.weight ?? Math.max(1.2, style.size / 6)
    const width = this.measure(text, style.size)
    let left = style.align === 'right' ? x - width : style.align === 'centre' ? x - width / 2 : x
    for (const character of drawable(text)) {
      const { strokes, advance } = glyph(character)
      if (strokes.length > 0) this.strokes(strokes, left, y, unit, weight / 2, style.colour)
      left += advance * unit
    }
  }

  private strokes(strokes: Stroke[], left: number, top: number, unit: number, radius: number, colour: Rgb): void {
    const placed = strokes.map(({ x0, y0, x1, y1 }) => ({
      x0: left + x0 * unit,
      y0: top + y0 * unit,
      x1: left + x1 * unit,
      y1: top + y1 * unit,
    }))
    const reach = radius + 1
    const right = Math.ceil(Math.max(...placed.map((stroke) => Math.max(stroke.x0, stroke.x1))) + reach)
    for (let y = Math.floor(top - reach); y <= Math.ceil(top + 8 * unit + reach); ++y) {
      for (let x = Math.floor(left - reach); x <= right; ++x) {
        const nearest = Math.min(...placed.map((stroke) => distance(x + 0.5, y + 0.5, stroke)))
        this.blend(x, y, colour, radius + 0.5 - nearest)
      }
    }
  }

  /** The picture as a PNG file. */
  png(): Buffer {
    return PNG.sync.write(this.image, { colorType: 2 })
  }
}
