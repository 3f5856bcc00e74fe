import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { WriteStream } from 'node:tty'

type Output = NodeJS.WriteStream | WriteStream

/** Whether a stream takes colours: NO_COLOR says no, FORCE_COLOR says yes, else a terminal does. */
export function hasColour(stream: Output, environment: NodeJS.ProcessEnv = process.env): boolean {
  if (environment.NO_COLOR) return false
  const forced = environment.FORCE_COLOR
  if (forced !== undefined && forced !== '0') return true
  return stream.isTTY === true && environment.TERM !== 'dumb'
}

type Paint = (text: string) => string

/** The colours of one stream; on a stream without colours they change nothing. */
export interface Palette {
  bold: Paint
  dim: Paint
  good: Paint
  bad: Paint
  warn: Paint
  accent: Paint
}

export function paletteFor(stream: Output): Palette {
  const colour = hasColour(stream)
  const paint =
    (on: number, off: number): Paint =>
    (text) =>
      colour && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    good: paint(32, 39),
    bad: paint(31, 39),
    warn: paint(33, 39),
    accent: paint(36, 39),
  }
}

/** Talk goes to standard error, so that standard output holds nothing but data. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Columns of the terminal that a stream is, 80 if it is none. */
export function columnsOf(stream: Output): number {
  return stream.isTTY ? Math.max(20, stream.columns || 80) : 80
}

/** Writes data to standard output and waits until it is taken. */
export function output(data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => (error ? reject(error) : resolve()))
  })
}

/** Copies a file to standard output, which stays open. */
export function outputFile(path: string): Promise<void> {
  return pipeline(createReadStream(path), process.stdout, { end: false })
}

/** A line on standard error that is drawn over itself; on anything but a terminal it does not appear. */
export class ProgressLine {
  private readonly shown = process.stderr.isTTY === true && process.env.TERM !== 'dumb'

  update(text: string): void {
    if (this.shown) process.stderr.write(`\r\u001b[2K${text}`)
  }

  /** Removes the line. */
  clear(): void {
    if (this.shown) process.stderr.write('\r\u001b[2K')
  }
}
