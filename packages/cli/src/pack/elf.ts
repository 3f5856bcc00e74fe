// SPDX-License-Identifier: MIT
// ELF64, little-endian, after the System V ABI (generic, chapters 4 and 5) and the Linux Standard Base (symbol versions).
import { type Found, textAt } from './library-file.ts'
import { isNewer } from './versions.ts'

const machineNames: Record<number, string> = { 62: 'x64', 183: 'arm64' }
const sectionSize = 64
const symbolSize = 24
const sectionTypes = { dynamic: 6, symbols: 11, needs: 0x6ffffffe }

interface Section {
  type: number
  offset: number
  size: number
  link: number
}

function sectionsOf(bytes: Buffer): Section[] {
  const first = Number(bytes.readBigUInt64LE(40))
  return Array.from({ length: bytes.readUInt16LE(60) }, (_, index) => {
    const at = first + index * sectionSize
    const [offset, size] = [24, 32].map((field) => Number(bytes.readBigUInt64LE(at + field))) as [number, number]
    return { type: bytes.readUInt32LE(at + 4), offset, size, link: bytes.readUInt32LE(at + 40) }
  })
}

/** Global, weak or unique, defined here, and not hidden. */
function exportsOf(bytes: Buffer, { offset, size }: Section, strings: number): string[] {
  const names: string[] = []
  for (let at = offset; at + symbolSize <= offset + size; at += symbolSize) {
    const isLocal = bytes.readUInt8(at + 4) >> 4 === 0
    const visibility = bytes.readUInt8(at + 5) & 3
    const isDefined = bytes.readUInt16LE(at + 6) !== 0
    if (!isLocal && isDefined && (visibility === 0 || visibility === 3))
      names.push(textAt(bytes, strings + bytes.readUInt32LE(at)))
  }
  return names
}

/** The highest version of each name: of GLIBC_2.17 and GLIBC_2.34 the latter. Names without a number say nothing. */
function versionsOf(bytes: Buffer, { offset }: Section, strings: number): Record<string, string> {
  const highest: Record<string, string> = {}
  let next: number
  for (let at = offset; ; at += next) {
    let auxiliary = at + bytes.readUInt32LE(at + 8)
    for (let count = bytes.readUInt16LE(at + 2); count > 0; --count) {
      const asked = textAt(bytes, strings + bytes.readUInt32LE(auxiliary + 8))
      // Packed relocations, which have a name instead of a number, came with 2.36.
      const text = asked === 'GLIBC_ABI_DT_RELR' ? 'GLIBC_2.36' : asked
      const [, name, version] = /^(\w+)_(\d+(?:\.\d+)*)$/.exec(text) ?? []
      if (name && version && isNewer(version, highest[name] ?? '0')) highest[name] = version
      auxiliary += bytes.readUInt32LE(auxiliary + 12)
    }
    next = bytes.readUInt32LE(at + 12)
    if (next === 0) return highest
  }
}

function neededOf(bytes: Buffer, { offset, size }: Section, strings: number): string[] {
  const names: string[] = []
  for (let at = offset; at + 16 <= offset + size; at += 16)
    if (bytes.readBigUInt64LE(at) === 1n) names.push(textAt(bytes, strings + Number(bytes.readBigUInt64LE(at + 8))))
  return names
}

export function readElf(bytes: Buffer): Found | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined
  const isShared64 = bytes.readUInt8(4) === 2 && bytes.readUInt8(5) === 1 && bytes.readUInt16LE(16) === 3
  if (!isShared64) return undefined
  const sections = sectionsOf(bytes)
  const read = <T>(type: number, from: (bytes: Buffer, section: Section, strings: number) => T): T | undefined => {
    const section = sections.find((one) => one.type === type)
    const strings = section && sections[section.link]
    return section && strings && from(bytes, section, strings.offset)
  }
  const needed = read(sectionTypes.dynamic, neededOf) ?? []
  const machine = bytes.readUInt16LE(18)
  return {
    format: 'elf',
    machines: [machineNames[machine] ?? `machine ${machine}`],
    exports: read(sectionTypes.symbols, exportsOf) ?? [],
    versions: read(sectionTypes.needs, versionsOf) ?? {},
    libc: needed.some((name) => name.includes('musl')) ? 'musl' : needed.includes('libc.so.6') ? 'glibc' : null,
    needed,
  }
}
