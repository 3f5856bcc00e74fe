import { frequencyTicks, timeTicks } from './picture/axis.ts'
import { Canvas } from './picture/canvas.ts'
import { heat, hex, type Rgb } from './picture/colour.ts'
import { envelope } from './picture/envelope.ts'
import { rowOf, type SpectrogramOptions, silenceDb, spectrogram } from './picture/spectrogram.ts'

export interface PictureOptions {
  /** First line, on the left. */
  title: string
  /** First line, on the right: facts about the sound. */
  subtitle?: string
  /** Planar samples, one array per channel, all of one length; full scale is ±1. */
  channels: readonly Float32Array[]
  /** Frames per second. */
  sampleRate: number
  /** Size of the picture in pixels; 1200 × 600 unless told. */
  width?: number
  height?: number
}

/** A rectangle of the picture in pixels. */
export interface Area {
  x: number
  y: number
  width: number
  height: number
}

const palette = {
  background: hex('#101218'),
  panel: hex('#171a22'),
  grid: hex('#2b303c'),
  text: hex('#e8eaf0'),
  quiet: hex('#9aa2b4'),
  peak: hex('#3d6f9c'),
  rms: hex('#8fd0f5'),
  clipped: hex('#ff5a4d'),
} satisfies Record<string, Rgb>

const labelSize = 8.5
/** Span of the colour scale in dB. */
const rangeDb = 75

/** Where the parts of a picture lie: one lane per channel above, the spectrogram below. */
export function layout(width: number, height: number, channels: number): { lanes: Area[]; spectrum: Area } {
  const x = 64
  const plotWidth = width - x - 76
  const top = 52
  const bottom = height - 36
  const gap = 6
  const lanesHeight = Math.round((bottom - top) * 0.34)
  const laneHeight = Math.floor((lanesHeight - gap * (channels - 1)) / Math.max(1, channels))
  const lanes = Array.from({ length: channels }, (_, i) => ({
    x,
    y: top + i * (laneHeight + gap),
    width: plotWidth,
    height: laneHeight,
  }))
  const y = top + lanesHeight + 16
  return { lanes, spectrum: { x, y, width: plotWidth, height: bottom - y } }
}

/** The frequency axis of a spectrogram that fills an area: 30 Hz to 20 kHz or half the sample rate. */
export function frequencyAxis(area: Area, sampleRate: number): SpectrogramOptions {
  const maxHz = Math.min(20000, sampleRate / 2)
  return { sampleRate, columns: area.width, rows: area.height, minHz: Math.min(30, maxHz / 4), maxHz }
}

/** The level at the edge of every lane: the loudest sample's, rounded up to 6 dB, so that quiet sounds are seen too. */
function laneCeilingDb(channels: readonly Float32Array[]): number {
  let peak = 0
  for (const signal of channels) for (const value of signal) peak = Math.max(peak, Math.abs(value))
  return peak === 0 ? 0 : Math.min(0, Math.max(-60, 6 * Math.ceil((20 * Math.log10(peak)) / 6)))
}

function drawLaneScale(canvas: Canvas, area: Area, ceiling: number): void {
  const half = area.height / 2
  const middle = area.y + half
  canvas.rect(area.x, area.y, area.width, area.height, palette.panel)
  const style = { size: labelSize, colour: palette.quiet, align: 'right' } as const
  canvas.text(`${ceiling}`, area.x - 8, area.y, style)
  for (const down of [6, 12]) {
    const offset = half * 10 ** (-down / 20)
    for (const side of [-1, 1]) canvas.rect(area.x, Math.round(middle + side * offset), area.width, 1, palette.grid)
    if (half - offset > 14 && offset > 14) {
      canvas.text(`${ceiling - down}`, area.x - 8, middle - offset - labelSize / 2, style)
    }
  }
}

function drawLane(canvas: Canvas, area: Area, signal: Float32Array, ceiling: number, name: string): void {
  const half = area.height / 2
  const middle = area.y + half
  const gain = 10 ** (-ceiling / 20)
  const reach = (value: number | undefined) => half * Math.min(1, Math.max(-1, gain * (value ?? 0)))
  drawLaneScale(canvas, area, ceiling)
  canvas.text(name, area.x + area.width + 10, middle - labelSize / 2, { size: labelSize, colour: palette.text })
  const { min, max, rms } = envelope(signal, area.width)
  for (let column = 0; column < area.width; ++column) {
    const x = area.x + column
    const top = reach(max[column])
    const bottom = reach(min[column])
    const power = reach(rms[column])
    canvas.bar(x, middle - top - 0.5, middle - bottom + 0.5, palette.peak)
    canvas.bar(
      x,
      middle - Math.min(power, Math.max(top, 0)),
      middle + Math.min(power, Math.max(-bottom, 0)),
      palette.rms,
    )
    if ((max[column] ?? 0) >= 1) canvas.rect(x, area.y, 1, 3, palette.clipped)
    if ((min[column] ?? 0) <= -1) canvas.rect(x, area.y + area.height - 3, 1, 3, palette.clipped)
  }
}

/** The loudest level shown, rounded up to 5 dB: quiet sounds get the whole scale too. */
function ceilingDb(levels: Float32Array): number {
  let highest = silenceDb
  for (const level of levels) if (level > highest) highest = level
  return highest <= silenceDb + 1 ? 0 : Math.max(-100, Math.ceil(highest / 5) * 5)
}

function drawScale(canvas: Canvas, area: Area, ceiling: number): void {
  const x = area.x + area.width + 10
  for (let row = 0; row < area.height; ++row) {
    const colour = heat[Math.round(255 * (1 - row / (area.height - 1)))] ?? palette.panel
    canvas.rect(x, area.y + row, 12, 1, colour)
  }
  for (let step = 0; step <= rangeDb; step += 15) {
    const y = area.y + (step / rangeDb) * (area.height - labelSize)
    canvas.text(`${ceiling - step}`, x + 18, y, { size: labelSize, colour: palette.quiet })
  }
}

function drawSpectrum(canvas: Canvas, area: Area, channels: readonly Float32Array[], sampleRate: number): void {
  const axis = frequencyAxis(area, sampleRate)
  const levels = spectrogram(channels, axis)
  const ceiling = ceilingDb(levels)
  for (let row = 0; row < area.height; ++row) {
    for (let column = 0; column < area.width; ++column) {
      const share = ((levels[row * area.width + column] ?? silenceDb) - ceiling + rangeDb) / rangeDb
      const colour = heat[Math.round(255 * Math.min(1, Math.max(0, share)))] ?? palette.panel
      canvas.blend(area.x + column, area.y + row, colour, 1)
    }
  }
  for (const { hz, label } of frequencyTicks(axis.minHz, axis.maxHz)) {
    const y = Math.round(area.y + rowOf(hz, axis))
    canvas.rect(area.x, y, area.width, 1, palette.text, 0.09)
    canvas.text(label, area.x - 8, Math.max(area.y, Math.min(y - labelSize / 2, area.y + area.height - labelSize)), {
      size: labelSize,
      colour: palette.quiet,
      align: 'right',
    })
  }
  drawScale(canvas, area, ceiling)
}

function drawTime(canvas: Canvas, lanes: Area[], area: Area, seconds: number): void {
  if (seconds <= 0) return
  const bottom = area.y + area.height
  for (const { seconds: at, label } of timeTicks(seconds, Math.max(2, area.width / 90))) {
    const x = area.x + Math.min(area.width - 1, Math.round((at / seconds) * area.width))
    for (const lane of lanes) canvas.rect(x, lane.y, 1, lane.height, palette.text, 0.07)
    canvas.rect(x, area.y, 1, area.height, palette.text, 0.07)
    canvas.rect(x, bottom, 1, 5, palette.quiet)
    canvas.text(label, x, bottom + 10, { size: labelSize, colour: palette.quiet, align: 'centre' })
  }
}

/** The text, shortened with an ellipsis until it is at most `width` pixels wide. */
function shorten(canvas: Canvas, text: string, size: number, width: number): string {
  if (canvas.measure(text, size) <= width) return text
  const characters = [...text]
  while (characters.length > 0 && canvas.measure(`${characters.join('')}…`, size) > width) characters.pop()
  return `${characters.join('')}…`
}

/**
 * Draws waveform (peak and RMS of every channel) and spectrogram (logarithmic frequency axis) of a sound.
 * Returns a PNG file.
 */
export function drawPicture(options: PictureOptions): Buffer {
  const { title, subtitle = '', channels, sampleRate, width = 1200, height = 600 } = options
  const canvas = new Canvas(width, height, palette.background)
  const { lanes, spectrum } = layout(width, height, channels.length)
  const right = width - 24
  canvas.text(subtitle, right, 24, { size: 10, colour: palette.quiet, align: 'right' })
  const room = right - canvas.measure(subtitle, 10) - 40 - spectrum.x
  canvas.text(shorten(canvas, title, 13, room), spectrum.x, 21, { size: 13, colour: palette.text, weight: 2 })
  const names = channels.length === 1 ? ['mono'] : channels.length === 2 ? ['L', 'R'] : []
  const ceiling = laneCeilingDb(channels)
  channels.forEach((signal, i) => {
    const lane = lanes[i]
    if (lane) drawLane(canvas, lane, signal, ceiling, names[i] ?? `${i + 1}`)
  })
  drawSpectrum(canvas, spectrum, channels, sampleRate)
  drawTime(canvas, lanes, spectrum, (channels[0]?.length ?? 0) / sampleRate)
  canvas.text('dBFS', spectrum.x + spectrum.width + 10, spectrum.y - 14, { size: labelSize, colour: palette.quiet })
  canvas.text('Hz', spectrum.x - 8, spectrum.y - 14, { size: labelSize, colour: palette.quiet, align: 'right' })
  return canvas.png()
}
