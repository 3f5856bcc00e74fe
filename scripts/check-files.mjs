// @ts-check
// One idea each: source files stay under 400 lines. What is committed speaks of the project alone: no path of one
// machine, no registry host. C and C++ name their licence in the first line.
import { projectFiles, read, report } from './lib/tracked.mjs'

const longest = 400

/** Files that may be longer, each with its reason. @type {Record<string, string>} */
const mayBeLonger = {
  'packages/plugin-sdk/include/arranger/plugin.h': 'the ABI is one header, so that one file is the truth',
}

const source = /\.(c|h|cpp|hpp|ts|cts|mjs|cmake)$|(^|\/)CMakeLists\.txt$/
const native = /\.(c|h|cpp|hpp)$/
const generated = /(^|\/)generated\//
const binary = /\.(mid|sf2|png|wav|flac|so|dylib|dll|node|ico|gz|tgz)$/

/** Spelled in pieces, so that this file passes its own check. */
const unwanted = [
  {
    what: 'a path of one machine',
    // The server's address of old is the same on all.
    pattern: new RegExp(
      `(?<![\\w./-])/(${['wo' + 'rk', 'ro' + 'ot', 'ho' + 'me', 'Us' + 'ers', 'tm' + 'p'].join('|')})/(?!audio_server\\.sock)\\w`,
    ),
  },
  {
    what: 'a registry host',
    pattern: new RegExp(
      ['registry\\.np' + 'mjs', 'deb\\.deb' + 'ian', 'art' + 'ifactory', 'nodeso' + 'urce'].join('|'),
      'i',
    ),
  },
]

const faults = []
const files = await projectFiles()
for (const path of files) {
  if (binary.test(path) || path === 'pnpm-lock.yaml') continue
  const lines = read(path).split('\n')
  if (source.test(path) && !generated.test(path) && lines.length > longest + 1 && !mayBeLonger[path])
    faults.push(`${path}: ${lines.length - 1} lines, more than ${longest}`)
  if (native.test(path) && !lines[0]?.includes('SPDX-License-Identifier: MIT'))
    faults.push(`${path}:1: expected // SPDX-License-Identifier: MIT`)
  for (const { what, pattern } of unwanted) {
    const index = lines.findIndex((line) => pattern.test(line))
    if (index >= 0) faults.push(`${path}:${index + 1}: names ${what}: ${lines[index]?.trim().slice(0, 100)}`)
  }
}
const lock = read('pnpm-lock.yaml').match(/https?:\/\/[^\s'"}]+/)
if (lock) faults.push(`pnpm-lock.yaml: names a host: ${lock[0]}`)
for (const path of Object.keys(mayBeLonger))
  if (!files.includes(path)) faults.push(`${path} may be longer, but is not there`)
report(faults, `${files.length} files`)
