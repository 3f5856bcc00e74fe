import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fixture } from '../../engine/test/support/native.ts'
import { readLibraryFile } from '../src/pack/library-file.ts'
import { isNewer } from '../src/pack/versions.ts'
import { macArm64, macUniversal, windowsX64 } from './foreign-libraries.ts'

const onLinux = process.platform === 'linux'
const exports = ['arranger_plugin_stamp', 'register_plugin']

describe('a library as a file', () => {
  it('of macOS says its processors, what it exports and the oldest system it is for', () => {
    const one = { format: 'mach-o', machines: ['arm64'], exports, minimumSystem: '11.3', needed: [] }
    expect(readLibraryFile(macArm64)).toMatchObject(one)
    // Of several parts, what all of them need.
    expect(readLibraryFile(macUniversal())).toMatchObject({ ...one, machines: ['x64', 'arm64'] })
  })

  it('of Windows says what it exports and which libraries it is linked with', () => {
    const found = { format: 'pe', machines: ['x64'], exports, needed: ['VCRUNTIME140D.dll'] }
    expect(readLibraryFile(windowsX64)).toMatchObject(found)
  })

  it.runIf(onLinux)('of Linux says the same as binutils', () => {
    const path = fixture('faulty_exports_more.so')
    const found = readLibraryFile(readFileSync(path))
    expect(found).toMatchObject({ format: 'elf', machines: [process.arch], libc: 'glibc' })
    expect(found?.exports).toEqual([...exports, 'one_more_export'].sort())
    const { stdout } = spawnSync('readelf', ['--version-info', '--wide', path], { encoding: 'utf8' })
    const versions = [...stdout.matchAll(/Name: GLIBC_(\d[\d.]*)/g)].map(([, version]) => version as string)
    expect(versions.length).toBeGreaterThan(0)
    expect(found?.versions.GLIBC).toBe(versions.reduce((a, b) => (isNewer(b, a) ? b : a)))
  })

  it('is none when it is something else, and ends with its error when it is cut off', () => {
    expect(readLibraryFile(Buffer.from('#!/bin/sh\n'.repeat(20)))).toBeUndefined()
    expect(readLibraryFile(Buffer.alloc(0))).toBeUndefined()
    const whole = [macArm64, macUniversal(), windowsX64, ...(onLinux ? [readFileSync(fixture('test_gain.so'))] : [])]
    for (const file of whole) {
      let complete = 0
      for (let length = 0; length < file.length; length += Math.max(1, length >> 6)) {
        try {
          if (readLibraryFile(file.subarray(0, length))) ++complete
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }
      expect(complete).toBeLessThan(200)
    }
  })
})

it('versions of libraries are compared by their numbers', () => {
  expect(isNewer('2.10', '2.9')).toBe(true)
  expect(isNewer('2.4', '2.31')).toBe(false)
  expect(isNewer('2.2.5', '2.2')).toBe(true)
  expect(isNewer('2.31', '2.31')).toBe(false)
})
