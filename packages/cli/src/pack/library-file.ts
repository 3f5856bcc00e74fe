// SPDX-License-Identifier: MIT
import { readElf } from './elf.ts'
import { readMachO } from './mach-o.ts'
import { readPe } from './pe.ts'

/** What the bytes of a shared library tell, without opening it. */
export interface LibraryFile {
  format: 'elf' | 'mach-o' | 'pe'
  /** Node's names of the processors that it has code for; another one by its number. */
  machines: string[]
  /** Names that other code can see, without the underscore that macOS puts before them; sorted. */
  exports: string[]
  /** ELF: what the file asks of libraries of the system, the highest version of each name: `GLIBC` is `2.34`. */
  versions: Record<string, string>
  /** ELF: the C library that it is linked with. Null when it is linked with none, and so works with any. */
  libc: 'glibc' | 'musl' | null
  /** Mach-O: the oldest macOS that it is for. */
  minimumSystem: string | null
  /** Names of libraries that it is linked with. */
  needed: string[]
}

/** What a reader of one format finds; the rest is said by the format. */
export type Found = Pick<LibraryFile, 'format' | 'machines' | 'exports' | 'needed'> & Partial<LibraryFile>

/**
 * Reads a shared library of any system. Only what the file says of itself: whether it is complete is for the engine to find.
 * @throws RangeError when the file ends where it says that something is.
 * @returns Nothing when it is no shared library.
 */
export function readLibraryFile(bytes: Buffer): LibraryFile | undefined {
  const found = readElf(bytes) ?? readMachO(bytes) ?? readPe(bytes)
  if (!found) return undefined
  return {
    versions: {},
    libc: null,
    minimumSystem: null,
    ...found,
    exports: [...new Set(found.exports)].sort(),
  }
}

/** The text that begins somewhere and ends with a zero. */
export function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at)
  if (at >= bytes.length || end < 0) throw new RangeError(`The file ends before its text at byte ${at}`)
  return bytes.toString('utf8', at, end)
}
