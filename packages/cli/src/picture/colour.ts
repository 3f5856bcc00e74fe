/** A colour as three sRGB bytes. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** `#rrggbb` as bytes. */
export function hex(code: string): Rgb {
  const value = Number.parseInt(code.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

/** OKLab (Björn Ottosson, 2020) to linear sRGB; components outside 0..1 are outside the gamut. */
function linearFromOklab(lightness: number, a: number, b: number): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

function encode(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055
  return Math.round(255 * Math.min(1, Math.max(0, value)))
}

/** A colour by perceived lightness 0..1, chroma and hue in degrees; chroma shrinks until sRGB can show it. */
export function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const angle = (hue * Math.PI) / 180
  for (let c = chroma; ; c -= 0.004) {
    const linear = linearFromOklab(lightness, Math.max(0, c) * Math.cos(angle), Math.max(0, c) * Math.sin(angle))
    if (c <= 0 || linear.every((part) => part >= -0.0005 && part <= 1.0005)) {
      return [encode(linear[0]), encode(linear[1]), encode(linear[2])]
    }
  }
}

/**
 * 256 colours from near black over violet, red and orange to pale yellow. Lightness rises evenly, so that equal steps
 * in dB look like equal steps, also in grey and to colour-blind eyes.
 */
export const heat: readonly Rgb[] = Array.from({ length: 256 }, (_, index) => {
  const t = index / 255
  const chroma = 0.24 * Math.sin(Math.PI * Math.min(1, 0.12 + 0.88 * t)) ** 0.8
  return oklch(0.13 + 0.84 * t, chroma, 275 + 190 * t ** 1.15)
})
