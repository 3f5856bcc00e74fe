// SPDX-License-Identifier: MIT
import { type Command, InvalidArgumentError } from 'commander'
import { exitCodes } from '../failure.ts'
import { output, paletteFor } from '../terminal.ts'

interface Flags {
  out?: string
  build?: boolean
  glibc?: string
  glibcxx?: string
  json?: boolean
}

function version(text: string): string {
  if (!/^\d+(\.\d+)+$/.test(text)) throw new InvalidArgumentError('Expected a version such as 2.31.')
  return text
}

export function configure(command: Command): void {
  command
    .argument('[directory]', 'the folder of the plugin, with its package.json', '.')
    .option('--out <directory>', 'where the tarballs go (default: build/packages of the plugin)')
    .option('--build', 'build for release with CMake first (default: when there is a CMakeLists.txt)')
    .option('--no-build', 'pack what lies there')
    .option('--glibc <version>', 'refuse a library that needs a newer C library, such as 2.31', version)
    .option('--glibcxx <version>', 'refuse one that needs a newer C++ library, such as 3.4.28', version)
    .option('--json', 'print checks and packages as JSON')
    .addHelpText(
      'after',
      '\nThe libraries of other platforms are packed, too, when they lie where "arranger" in package.json says.',
    )
    .action((directory: string, flags: Flags) => run(directory, flags))
}

async function run(directory: string, { json, ...options }: Flags): Promise<void> {
  const { pack } = await import('../pack/pack.ts')
  const result = await pack(directory, options)
  if (json) {
    const [fault] = result.checks.filter(({ verdict }) => verdict === 'failed')
    const why = fault && { code: fault.code, message: `${fault.of}: ${fault.found}` }
    await output(`${JSON.stringify({ ...result, ...why }, null, 2)}\n`)
  } else {
    const { linesOf } = await import('../pack/report.ts')
    await output(`${linesOf(result, paletteFor(process.stdout)).join('\n')}\n`)
  }
  if (result.status === 'error') process.exitCode = exitCodes.pluginInvalid
}
