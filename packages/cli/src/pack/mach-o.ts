// SPDX-License-Identifier: MIT
// Mach-O 64, thin and universal, after Apple's <mach-o/loader.h>, <mach-o/nlist.h> and <mach-o/fat.h>.
import { type Found, textAt } from './library-file.ts'
import { isNewer } from './versions.ts'

const machineNames: Record<number, string> = { 16777223: 'x64', 16777228: 'arm64' }
const headerSize = 32
const symbolSize = 16
const commands = { symbols: 0x2, library: 0xc, minimum: 0x24, build: 0x32, weak: 0x80000018, reexport: 0x8000001f }
const libraryCommands: number[] = [commands.library, commands.weak, commands.reexport]

/** 0x000b0100 is 11.1: two bytes, one, one. */
const versionOf = (packed: number) =>
  `${packed >>> 16}.${(packed >>> 8) & 0xff}${packed & 0xff ? `.${packed & 0xff}` : ''}`

/** External, defined in a section, and neither private nor a debugging entry. */
function exportsOf(bytes: Buffer, at: number): string[] {
  const [symbols, count, strings] = [8, 12, 16].map((field) => bytes.readUInt32LE(at + field)) as [
    number,
    number,
    number,
  ]
  const names: string[] = []
  for (let symbol = symbols; symbol < symbols + count * symbolSize; symbol += symbolSize) {
    const type = bytes.readUInt8(symbol + 4)
    if ((type & 0xf0) !== 0 || (type & 0x01) === 0 || (type & 0x0e) !== 0x0e) continue
    names.push(textAt(bytes, strings + bytes.readUInt32LE(symbol)).replace(/^_/, ''))
  }
  return names
}

function readThin(bytes: Buffer): Found | undefined {
  const isLibrary = bytes.readUInt32LE(0) === 0xfeedfacf && [6, 8].includes(bytes.readUInt32LE(12))
  if (!isLibrary) return undefined
  const machine = bytes.readUInt32LE(4)
  const found: Found = {
    format: 'mach-o',
    machines: [machineNames[machine] ?? `machine ${machine}`],
    exports: [],
    needed: [],
  }
  let at = headerSize
  for (let count = bytes.readUInt32LE(16); count > 0; --count) {
    const command = bytes.readUInt32LE(at)
    if (command === commands.symbols) found.exports = exportsOf(bytes, at)
    if (libraryCommands.includes(command)) found.needed.push(textAt(bytes, at + bytes.readUInt32LE(at + 8)))
    if (command === commands.minimum) found.minimumSystem = versionOf(bytes.readUInt32LE(at + 8))
    if (command === commands.build) found.minimumSystem = versionOf(bytes.readUInt32LE(at + 12))
    at += bytes.readUInt32LE(at + 4)
  }
  return found
}

/** The parts of a universal file, one for each processor. */
function slicesOf(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.readUInt32BE(4) }, (_, index) => {
    const at = 8 + index * 20
    const offset = bytes.readUInt32BE(at + 8)
    return bytes.subarray(offset, offset + bytes.readUInt32BE(at + 12))
  })
}

const latest = (a: string, b: string) => (isNewer(b, a) ? b : a)

export function readMachO(bytes: Buffer): Found | undefined {
  if (bytes.length < headerSize) return undefined
  if (bytes.readUInt32BE(0) !== 0xcafebabe) return readThin(bytes)
  const parts = slicesOf(bytes).map(readThin)
  const good = parts.filter((part) => part !== undefined)
  if (good.length === 0 || good.length < parts.length) return undefined
  const systems = good.flatMap(({ minimumSystem }) => minimumSystem ?? [])
  return {
    format: 'mach-o',
    machines: good.flatMap(({ machines }) => machines),
    exports: good.flatMap(({ exports }) => exports),
    needed: [...new Set(good.flatMap(({ needed }) => needed))],
    minimumSystem: systems.length > 0 ? systems.reduce(latest) : null,
  }
}
