// SPDX-License-Identifier: MIT
// Prints where the arranger-describe of the engine is that the project in the current directory has installed: beside the
// native library of the platform package, else of the local build. Nothing when there is none.
const { existsSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')

const program = process.platform === 'win32' ? 'arranger-describe.exe' : 'arranger-describe'

/** @param {string} from @param {string} name */
function packageFolder(from, name) {
  try {
    return dirname(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`))
  } catch {
    return undefined
  }
}

const engine = packageFolder(process.cwd(), '@arranger/engine')
const platform = engine && packageFolder(engine, `@arranger/engine-${process.platform}-${process.arch}`)
const folders = [platform, engine && join(engine, '../../build/release/bin')]
const found = folders.map((folder) => folder && join(folder, program)).find((file) => file && existsSync(file))
process.stdout.write(found ?? '')
