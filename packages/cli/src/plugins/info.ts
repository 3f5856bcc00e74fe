import type { Descriptor } from '@arranger/engine'
import { CliError } from '../failure.ts'
import { output, type Palette, paletteFor } from '../terminal.ts'
import { nearest, table } from '../text.ts'
import { catalogue, type Entry } from './catalogue.ts'

type Port = Descriptor['ports'][number]
type ConfigParam = Descriptor['config_params'][number]

/** Shows one plugin. @throws CliError `not_found` */
export async function info(id: string, { plugin = [], json }: { plugin?: string[]; json?: boolean }): Promise<void> {
  const { entries, unlisted } = await catalogue(plugin)
  const found = entries.find(({ descriptor }) => descriptor.id === id)
  if (!found) {
    const near = nearest(
      id,
      entries.map(({ descriptor }) => descriptor.id),
    )
    const hidden = unlisted.map(({ path }) => path).join(', ')
    throw new CliError(
      'not_found',
      `There is no plugin '${id}'${near ? `; nearest is '${near}'` : ''}`,
      hidden
        ? `it may be in ${hidden}: name it with --plugin`
        : "'arranger plugins list' shows the plugins that are there",
    )
  }
  if (json) {
    const { descriptor, ...from } = found
    return output(`${JSON.stringify({ status: 'ok', ...descriptor, ...from }, null, 2)}\n`)
  }
  await output(`${linesOf(found, paletteFor(process.stdout)).join('\n')}\n`)
}

const signalOf = ({ type, channel_count: channels }: Port) =>
  type === 'audio'
    ? `audio, ${channels} channels`
    : ({ audio_mono: 'audio, mono', audio_stereo: 'audio, stereo' }[type as string] ?? type)

/** Default and range of a parameter: `5 Hz  0.1..20`, or its choices. */
function rangeOf({ default: value, min, max, unit, choices, hint }: Port): string[] {
  if (choices.length > 0) return [choices[value - min] ?? String(value), choices.join(' | ')]
  if (hint === 'toggle') return [value === 0 ? 'off' : 'on', 'off | on']
  return [`${value}${unit && ` ${unit}`}`, `${min}..${max}`]
}

function configOf({ default: value, min, max, choices, type, file_filter: filter }: ConfigParam): string[] {
  const range = choices.length > 0 ? choices.join(' | ') : filter || (min < max ? `${min}..${max}` : '')
  return [value === '' ? '–' : String(value), `${type}${range && ` ${range}`}`]
}

/** A heading and its rows; nothing when there are no rows. */
function section(title: string, rows: string[][], { bold }: Palette): string[] {
  return rows.length === 0
    ? []
    : ['', bold(title), ...table(rows.map(([first, ...rest]) => [`  ${first}`, ...rest])).split('\n')]
}

function linesOf({ descriptor, library, origin, package: name }: Entry, palette: Palette): string[] {
  const { id, display_name, category, version, doc, author, license, url, ports, config_params: config } = descriptor
  const facts = [category, `version ${version}`, author, license, url].filter((fact) => fact !== '')
  const isParam = ({ type, role }: Port) => type === 'control' && role === 'input'
  const of = (...roles: string[]) => ports.filter((port) => !isParam(port) && roles.includes(port.role))
  const signals = (shown: Port[]) => shown.map((port) => [port.id, signalOf(port), port.doc])
  return [
    `${palette.bold(id)}  ${display_name}`,
    ...(doc ? [doc] : []),
    palette.dim(facts.join(', ')),
    palette.dim(`${library ?? 'part of the engine'} (${name ?? origin})`),
    ...section('Inputs', signals(of('input', 'sidechain')), palette),
    ...section('Outputs', signals(of('output')), palette),
    ...section(
      'Parameters',
      ports.filter(isParam).map((port) => [port.id, ...rangeOf(port), port.doc]),
      palette,
    ),
    ...section(
      'Configuration',
      config.map((param) => [param.id, ...configOf(param), param.doc]),
      palette,
    ),
    ...section(
      'Monitors',
      of('monitor').map((port) => [port.id, port.unit, port.doc]),
      palette,
    ),
  ]
}
