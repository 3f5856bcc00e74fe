import type { Command } from 'commander'
import { CliError } from '../failure.ts'
import { output, paletteFor } from '../terminal.ts'
import { table } from '../text.ts'

export function configure(command: Command): void {
  command
    .command('list', { isDefault: true })
    .description('list every plugin with its library')
    .option('--plugin <library>', 'load this plugin library first; may be given several times', collect)
    .option('--json', 'print all descriptors as JSON')
    .action((flags: { plugin?: string[]; json?: boolean }) => list(flags))
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

async function list({ plugin = [], json }: { plugin?: string[]; json?: boolean }): Promise<void> {
  const { listPlugins } = await import('@arranger/engine')
  const { loadedLibraries, loadLibrary } = await import('../libraries.ts')
  for (const library of plugin) loadLibrary(library)
  const plugins = listPlugins()
  if (plugins.length === 0)
    throw new CliError('not_found', 'No plugin is loaded', "'arranger doctor' shows what is missing")
  const libraryOf = new Map(
    loadedLibraries().libraries.flatMap(({ path, plugin_ids: ids }) => ids.map((id) => [id, path] as const)),
  )
  if (json) {
    const entries = plugins.map((descriptor) => ({ ...descriptor, library: libraryOf.get(descriptor.id) ?? null }))
    return output(`${JSON.stringify({ status: 'ok', plugins: entries }, null, 2)}\n`)
  }
  const rows = plugins.map(({ id, display_name, category, version }) => [
    id,
    String(display_name),
    String(category),
    String(version),
    libraryOf.get(id) ?? '–',
  ])
  const [head = '', ...body] = table([['ID', 'NAME', 'CATEGORY', 'VERSION', 'LIBRARY'], ...rows]).split('\n')
  await output(`${[paletteFor(process.stdout).bold(head), ...body].join('\n')}\n`)
}
