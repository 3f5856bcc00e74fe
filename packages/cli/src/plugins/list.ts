import { CliError } from '../failure.ts'
import { output, paletteFor, say } from '../terminal.ts'
import { plural, table } from '../text.ts'
import { catalogue } from './catalogue.ts'

export async function list({ plugin = [], json }: { plugin?: string[]; json?: boolean }): Promise<void> {
  const { entries, unlisted } = await catalogue(plugin)
  if (entries.length === 0)
    throw new CliError('not_found', 'No plugin is loaded', "'arranger doctor' shows what is missing")
  if (json) {
    const plugins = entries.map(({ descriptor, ...from }) => ({ ...descriptor, ...from }))
    const paths = unlisted.map(({ path, origin, sidecar }) => ({ path, origin, sidecar: sidecar.state }))
    return output(`${JSON.stringify({ status: 'ok', plugins, unlisted: paths }, null, 2)}\n`)
  }
  const rows = entries.map(({ descriptor, library, origin, package: name }) => [
    descriptor.id,
    descriptor.display_name,
    descriptor.category,
    String(descriptor.version),
    name ?? origin,
    library ?? '–',
  ])
  const [head = '', ...body] = table([['ID', 'NAME', 'CATEGORY', 'VERSION', 'FROM', 'LIBRARY'], ...rows]).split('\n')
  await output(`${[paletteFor(process.stdout).bold(head), ...body].join('\n')}\n`)
  if (unlisted.length === 0) return
  const { warn, dim } = paletteFor(process.stderr)
  say(`${warn('!')} ${plural(unlisted.length, 'library', 'libraries')} must be opened to be listed:`)
  for (const { path } of unlisted) say(`  ${path}`)
  say(dim("  'arranger plugins doctor' opens them; --plugin lists one"))
}
