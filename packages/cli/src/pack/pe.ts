// SPDX-License-Identifier: MIT
// PE32+, after Microsoft's "PE Format".
import { type Found, textAt } from './library-file.ts'

const machineNames: Record<number, string> = { 34404: 'x64', 43620: 'arm64' }
const sectionSize = 40
const importSize = 20

interface Section {
  address: number
  size: number
  offset: number
}

/** Where the file holds what will be at an address. */
function offsetOf(address: number, sections: readonly Section[]): number {
  const section = sections.find((one) => address >= one.address && address < one.address + one.size)
  if (!section) throw new RangeError(`No section of the file has the address ${address}`)
  return section.offset + (address - section.address)
}

export function readPe(bytes: Buffer): Found | undefined {
  if (bytes.length < 64 || bytes.toString('latin1', 0, 2) !== 'MZ') return undefined
  const header = bytes.readUInt32LE(60)
  if (bytes.toString('latin1', header, header + 4) !== 'PE\0\0') return undefined
  const optional = header + 24
  const isLibrary = (bytes.readUInt16LE(header + 22) & 0x2000) !== 0 && bytes.readUInt16LE(optional) === 0x20b
  if (!isLibrary) return undefined
  const machine = bytes.readUInt16LE(header + 4)
  const first = optional + bytes.readUInt16LE(header + 20)
  const sections = Array.from({ length: bytes.readUInt16LE(header + 6) }, (_, index) => {
    const [size, address, , offset] = [8, 12, 16, 20].map((field) =>
      bytes.readUInt32LE(first + index * sectionSize + field),
    ) as [number, number, number, number]
    return { address, size, offset }
  })
  /** Where one of the tables is that the header lists; nothing when the file has none. */
  const table = (index: number) => {
    const has = bytes.readUInt32LE(optional + 108) > index && bytes.readUInt32LE(optional + 112 + index * 8) !== 0
    return has ? offsetOf(bytes.readUInt32LE(optional + 112 + index * 8), sections) : undefined
  }
  const textOf = (address: number) => textAt(bytes, offsetOf(address, sections))
  return {
    format: 'pe',
    machines: [machineNames[machine] ?? `machine ${machine}`],
    exports: exportsOf(bytes, table(0), sections).map(textOf),
    needed: importsOf(bytes, table(1)).map(textOf),
  }
}

/** Addresses of the names. */
function exportsOf(bytes: Buffer, table: number | undefined, sections: readonly Section[]): number[] {
  const count = table === undefined ? 0 : bytes.readUInt32LE(table + 24)
  if (table === undefined || count === 0) return []
  const names = offsetOf(bytes.readUInt32LE(table + 32), sections)
  return Array.from({ length: count }, (_, index) => bytes.readUInt32LE(names + index * 4))
}

/** Addresses of the names of libraries, to the entry that has none. */
function importsOf(bytes: Buffer, table: number | undefined): number[] {
  const names: number[] = []
  for (let at = table; at !== undefined && bytes.readUInt32LE(at + 12) !== 0; at += importSize)
    names.push(bytes.readUInt32LE(at + 12))
  return names
}
