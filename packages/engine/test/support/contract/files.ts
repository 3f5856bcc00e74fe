// The files that documented examples name, made or copied: a library, a SoundFont, a sound.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fixture } from '../native.ts'
import { soundFont } from './sound-font.ts'

const makers: Record<string, (path: string) => void> = {
  '.so': (path) => copyFileSync(fixture('impulse.so'), path),
  '.sf2': (path) => writeFileSync(path, soundFont()),
  '.wav': (path) => writeFileSync(path, silence(4410)),
}

/** Makes originals for all names in a folder, and gives their paths. Throws for a kind of file that it cannot make. */
export function originalsOf(names: Iterable<string>, folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true })
  const entries = [...new Set(names)].map((name) => {
    const make = makers[extname(name)]
    if (!make) throw new Error(`An example names the file ${name}, and nothing here can stand for it`)
    const path = join(folder, name)
    make(path)
    return [name, path]
  })
  return Object.fromEntries(entries)
}

/** A WAV file of 16-bit mono. */
function silence(frames: number): Buffer {
  const [rate, size] = [44_100, frames * 2]
  const file = Buffer.alloc(44 + size)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(36 + size, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20) // PCM
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(rate, 24)
  file.writeUInt32LE(rate * 2, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(size, 40)
  return file
}
