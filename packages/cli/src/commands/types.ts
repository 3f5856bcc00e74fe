import { readFileSync, writeFileSync } from 'node:fs'
import type { Descriptor, PluginCandidate } from '@arranger/engine'
import type { Command } from 'commander'
import { CliError, exitCodes } from '../failure.ts'
import { output, paletteFor, say } from '../terminal.ts'
import { plural, shortPath } from '../text.ts'

interface Flags {
  output: string
  check?: boolean
}

export function configure(command: Command): void {
  command
    .argument('[library...]', 'plugin libraries, or folders of them; without one, every library that is found')
    .option('-o, --output <file>', 'where the types go, such as plugins.d.ts; - is standard output', '-')
    .option('--check', 'write nothing; fail when the file is not what would be written')
    .action((libraries: string[], flags: Flags) => types(libraries, flags))
}

/** The plugins of one library, from the library itself: types that are out of date would be worse than none. */
async function pluginsOf({ path, problem }: PluginCandidate): Promise<Descriptor[]> {
  if (problem) throw new CliError(problem.code, problem.message, undefined, exitCodes.pluginInvalid)
  const { listPlugins } = await import('@arranger/engine')
  const { loadLibrary } = await import('../libraries.ts')
  const ids = loadLibrary(path)
  return listPlugins().filter(({ id }) => ids.includes(id))
}

/** The libraries that are meant, in the order of the search. */
async function librariesFor(paths: readonly string[]): Promise<PluginCandidate[]> {
  const { discoverPlugins } = await import('@arranger/engine')
  const { candidates, searched } = await discoverPlugins({ pluginPaths: paths })
  const missing = searched.find(({ origin, exists }) => origin === 'option' && !exists)
  if (missing) throw new CliError('not_found', `There is no plugin library ${missing.path}`)
  const meant = candidates.filter(({ origin }) => paths.length === 0 || origin === 'option')
  return meant.filter(({ shadowedBy }) => shadowedBy === undefined)
}

async function types(paths: readonly string[], { output: file, check }: Flags): Promise<void> {
  if (check && file === '-') throw new CliError('usage', 'Expected -o FILE with --check but received none')
  const { pluginDeclarations } = await import('@arranger/engine')
  const plugins: Descriptor[] = []
  for (const library of await librariesFor(paths)) plugins.push(...(await pluginsOf(library)))
  if (plugins.length === 0)
    throw new CliError('not_found', 'No plugin library was found', "'arranger plugins doctor' shows where was looked")
  const text = pluginDeclarations(plugins)
  if (file === '-') return output(text)
  const { good, bold } = paletteFor(process.stderr)
  const said = `${bold(shortPath(file))}  ${plural(plugins.length, 'plugin')}`
  if (!check) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    const again = ['arranger types', ...paths, '-o', file].join(' ')
    throw new CliError('failed', `${file} is not what these libraries say`, again)
  }
  say(`${good('✔')} ${said}`)
}
