// @ts-check
// The pages of the gallery as Markdown.
import { escaped, table } from './markdown.mjs'
import { taperPlot } from './taper.mjs'

/** @typedef {import('@arranger/plugin-sdk').Descriptor} Descriptor */
/** @typedef {Descriptor['ports'][number]} Port */
/** @typedef {import('./gallery.mjs').Entry} Entry */

/** Dots break addresses. @param {Descriptor} descriptor */
export const pageName = ({ id }) => id.replaceAll('.', '-')

/** @param {number} value @param {string} unit */
const withUnit = (value, unit) => `${Number(value.toPrecision(6))}${unit === '' ? '' : ` ${unit}`}`

/** @param {number} frames of 48 kHz */
const inSeconds = (frames) => `${Number((frames / 48000).toPrecision(3))} s`

/** @param {Port} port */
const isParameter = ({ type, role }) => type === 'control' && role === 'input'

/** @param {Port} port */
function defaultOf(port) {
  const { choices, min, default: value, hint, unit } = port
  const choice = choices[Math.round(value - min)]
  if (choice !== undefined) return escaped(choice)
  if (hint === 'toggle') return value >= 0.5 ? 'on' : 'off'
  return withUnit(value, unit)
}

/** @param {Port} port */
function rangeOf({ choices, min, max, step, hint, unit }) {
  if (choices.length > 0) return choices.map((choice) => escaped(choice)).join(', ')
  if (hint === 'toggle') return 'off, on'
  const whole = hint === 'integer' ? ', whole' : step > 0 ? `, in steps of ${step}` : ''
  return `${withUnit(min, '')} to ${withUnit(max, unit)}${whole}`
}

/** @param {Port} port */
const moves = (port) =>
  [
    port.smoothing_ms > 0 ? `${port.smoothing_ms} ms` : 'at once',
    ...(port.flags.includes('expensive') ? ['expensive'] : []),
  ].join(', ')

/** @param {Port[]} ports */
function parameterTable(ports) {
  const rows = ports.map((port) => {
    const plain = port.choices.length > 0 || port.hint === 'toggle'
    const cells = [`\`${port.id}\``, rangeOf(port), defaultOf(port), plain ? '' : taperPlot(port), moves(port)]
    return [...cells, escaped(port.doc)]
  })
  return table(['Parameter', 'Range', 'Default', 'Taper', 'Smoothed', 'Meaning'], rows)
}

/** @param {Port} port */
const kindOf = ({ type, channel_count, value_count, hint }) =>
  `${type.replace('_', ' ')}${type === 'audio' ? `, ${channel_count} channels` : ''}${value_count > 1 ? `, ${value_count} values` : ''}${hint === 'graph_editor' ? ', a curve' : ''}`

/** @param {Port[]} ports */
const portTable = (ports) =>
  table(
    ['Port', 'Direction', 'Type', 'Meaning'],
    ports.map((port) => [`\`${port.id}\``, port.role, kindOf(port), escaped(port.doc)]),
  )

/** @param {Descriptor} descriptor */
const configTable = ({ config_params }) =>
  table(
    ['Config value', 'Type', 'Default', 'Meaning'],
    config_params.map(({ id, type, default: value, doc }) => [
      `\`${id}\``,
      type,
      value === '' ? 'none' : escaped(String(value)),
      escaped(doc),
    ]),
  )

/** @param {Descriptor} descriptor */
const migrationTable = ({ migrations }) =>
  table(
    ['Before version', 'Was', 'Is', 'Value'],
    migrations.map(({ before_version, old_id, new_id, scale, offset }) => [
      String(before_version),
      `\`${old_id}\``,
      `\`${new_id}\``,
      `${scale === 1 ? 'as it was' : `${scale} times`}${offset === 0 ? '' : `, plus ${offset}`}`,
    ]),
  )

/** @param {Entry} entry */
function facts({ descriptor, activated, costUs }) {
  const { category, version, license, author, event_grid, block_tolerance } = descriptor
  const rows = [
    ['Category', category],
    ['Version of parameters and state', String(version)],
    ['Licence', escaped(license)],
    ...(author === '' ? [] : [['Author', escaped(author)]]),
    ...(activated && activated.failure === ''
      ? [
          ['Latency at 48 kHz', `${activated.latency_frames} frames`],
          ['Longest tail at 48 kHz', activated.tail_frames < 0 ? 'without end' : inSeconds(activated.tail_frames)],
        ]
      : []),
    ['Events take effect', event_grid > 1 ? `on multiples of ${event_grid} frames` : 'on their frame'],
    ['Cut of blocks', block_tolerance > 0 ? `within ${block_tolerance}` : 'the same bits'],
    ...(costUs === undefined
      ? []
      : [
          [
            'Processor time for 512 frames, when this page was made',
            costUs < 0.1 ? 'less than 0.1 µs' : `${costUs.toFixed(costUs < 10 ? 1 : 0)} µs`,
          ],
        ]),
  ]
  return table(['', ''], rows)
}

/** @param {Entry} entry */
export function galleryPage(entry) {
  const { descriptor, playable } = entry
  const { id, display_name, doc, ports } = descriptor
  const name = pageName(descriptor)
  const parameters = ports.filter(isParameter)
  const others = ports.filter((port) => !isParameter(port))
  const parts = [
    `# ${escaped(display_name)}`,
    `\`${id}\`. ${escaped(doc)}`,
    `<audio controls preload="none" src="/plugins/${name}.flac"></audio>`,
    `![Waveform and spectrogram of what is heard](/plugins/${name}.png)`,
    ...(playable ? [`<PluginPlayer scene="/plugins/${name}.json" />`] : []),
    facts(entry),
    ...(parameters.length > 0 ? ['## Parameters', parameterTable(parameters)] : []),
    ...(others.length > 0 ? ['## Ports', portTable(others)] : []),
    ...(descriptor.config_params.length > 0 ? ['## Config values', configTable(descriptor)] : []),
    ...(descriptor.migrations.length > 0 ? ['## Migrations', migrationTable(descriptor)] : []),
  ]
  return parts.join('\n\n')
}

/** @param {Entry[]} entries */
export function galleryIndex(entries) {
  const rows = (/** @type {boolean} */ example) =>
    table(
      ['Plugin', 'Id', 'What it does'],
      entries
        .filter((entry) => entry.example === example)
        .map(({ descriptor }) => [
          `[${escaped(descriptor.display_name)}](/plugins/${pageName(descriptor)})`,
          `\`${descriptor.id}\``,
          escaped(descriptor.doc),
        ]),
    )
  return [
    '# Plugins',
    'All of it comes from the libraries: what they say of themselves, and what the engine renders with them. A synth, drums and chords are played through an effect; what makes or changes notes and what makes control signals is heard driving `builtin.synth`.',
    '## Built-in',
    rows(false),
    '## Examples of the SDK',
    rows(true),
  ].join('\n\n')
}
