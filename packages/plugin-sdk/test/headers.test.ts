// SPDX-License-Identifier: MIT
// Each public header compiles alone, in every standard that it promises, without a warning.
import { readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { expect, test } from 'vitest'
import { includeDir } from '../src/index.ts'
import { cCompiler, cxxCompiler, run } from './toolchain.ts'

const warnings = ['-Wall', '-Wextra', '-Wdouble-promotion', '-pedantic', '-Werror']
const cxxHeaders = readdirSync(includeDir, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.hpp') && !path.includes('/detail/'))
  .sort()

function compile(compiler: string, language: string, standard: string, header: string, flags: string[] = []) {
  // Twice, because a header without its guard is found only then.
  const input = `#include <${header}>\n#include <${header}>\n`
  const args = ['-x', language, `-std=${standard}`, ...warnings, ...flags, '-I', includeDir, '-fsyntax-only', '-']
  expect(run(compiler, args, { input })).toEqual({ code: 0, output: '' })
}

test.each(['c11', 'c17'])('plugin.h is %s', (standard) => {
  compile(cCompiler, 'c', standard, 'arranger/plugin.h')
})

test.each(['c++17', 'c++20', 'c++23'])('plugin.h is %s', (standard) => {
  compile(cxxCompiler, 'c++', standard, 'arranger/plugin.h')
})

test('there are C++ headers to compile', () => {
  expect(cxxHeaders.map((path) => relative('arranger', path))).toContain('plugin.hpp')
})

test.each(cxxHeaders)('%s is C++20 and C++23', (header) => {
  compile(cxxCompiler, 'c++', 'c++20', header)
  compile(cxxCompiler, 'c++', 'c++23', header)
})

test.each(cxxHeaders)('%s needs neither exceptions nor RTTI', (header) => {
  compile(cxxCompiler, 'c++', 'c++20', header, ['-fno-exceptions', '-fno-rtti'])
})

test('the stamp and the entry can be defined in strict C and C++', () => {
  const input = '#include <arranger/plugin.h>\nARR_DEFINE_STAMP();\n'
  for (const [compiler, language, standard] of [
    [cCompiler, 'c', 'c11'],
    [cxxCompiler, 'c++', 'c++20'],
  ] as const) {
    const args = ['-x', language, `-std=${standard}`, ...warnings, '-I', includeDir, '-fsyntax-only', '-']
    expect(run(compiler, args, { input })).toEqual({ code: 0, output: '' })
  }
})
