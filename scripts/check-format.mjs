// @ts-check
// C++ as .clang-format has it. `--write` brings it into shape. Examples and templates are laid out by hand, to be read.
import { join } from 'node:path'
import { root, tryRun } from './lib/run.mjs'
import { projectFiles, report } from './lib/tracked.mjs'

const files = (await projectFiles()).filter(
  (path) => /\.(cpp|hpp)$/.test(path) && !/^examples\/|\/templates\/|abi_names\.hpp$/.test(path),
)
const clangFormat = join(root, 'node_modules/clang-format-node/build/cli.js')
const mode = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '-Werror']
const { code, output } = await tryRun(process.execPath, [
  clangFormat,
  ...mode,
  ...files.map((path) => join(root, path)),
])
const faults = output.split('\n').filter((line) => line.includes('error:'))
if (code !== 0 && faults.length === 0) faults.push(`clang-format: ${code} ${output.slice(0, 300)}`)
report(faults, `${files.length} files`)
