// @ts-check
// Step: one thing has a name in C, in C++, in TypeScript and in JSON. Each of its places shows the others; a place that is not there is
// an error.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { slug } from './markdown.mjs'
import { pages } from './paths.mjs'

const engine = '/ts/@arranger/engine'
const sdk = '/ts/@arranger/plugin-sdk'

/** Each line is one thing. The words before the first `#` are a page, what follows is the id of a heading in it. */
const same = [
  [
    '/c/register_plugin',
    '/cpp/plugin#ARRANGER_PLUGIN',
    `${engine}/functions/loadPluginLibrary`,
    '/commands/load_plugin',
  ],
  [`${engine}/classes/Engine#loadpluginlibrary`, '/commands/load_plugin', '/c/register_plugin'],
  ['/c/arr_descriptor', '/cpp/plugin#PluginInfo', `${sdk}/interfaces/Descriptor`, '/commands/list_registered_plugins'],
  ['/c/arr_port', '/cpp/ports#Port', `${sdk}/interfaces/Port`],
  ['/c/arr_config_param', '/cpp/config#Config', `${sdk}/interfaces/ConfigParam`, '/commands/set_node_config'],
  ['/c/arr_migration', '/cpp/plugin#Migration', `${sdk}/interfaces/Migration`],
  ['/c/arr_plugin', '/cpp/plugin#Plugin', `${engine}/interfaces/PluginNode`],
  ['/c/arr_state', '/cpp/state#StateWriter', '/commands/get_state', '/commands/set_state'],
  ['/c/arr_snapshot', '/cpp/kept#Kept', `${engine}/classes/Engine#reloadpluginlibrary`, '/commands/reload_plugin'],
  ['/c/arr_event', '/cpp/types#Note', '/commands/note_on', '/commands/send_event'],
  ['/c/arr_transport', '/cpp/block#Block', `${engine}/classes/Engine#position`, '/commands/get_position'],
  ['/c/arr_activation', '/cpp/types#Activation'],
  ['/c/arr_curve', '/cpp/ports#CurvePoint'],
  ['/cpp/ports#Param', `${engine}/interfaces/Parameter`, '/commands/set_param'],
  ['/cpp/ports#Monitor', '/commands/get_node_data'],
  ['/c/enumerations#arr_category', '/cpp/types#Category', `${sdk}/type-aliases/Category`],
  ['/c/enumerations#arr_port_type', `${sdk}/type-aliases/PortType`],
  ['/c/enumerations#arr_port_role', `${sdk}/type-aliases/PortRole`],
  ['/c/enumerations#arr_port_hint', '/cpp/types#Hint', `${sdk}/type-aliases/PortHint`],
  ['/c/enumerations#arr_unit', '/cpp/types#Unit', `${sdk}/type-aliases/Unit`],
  ['/c/enumerations#arr_taper', '/cpp/types#Taper', `${sdk}/type-aliases/Taper`],
  ['/c/enumerations#arr_graph_type', '/cpp/types#GraphType', `${sdk}/type-aliases/GraphType`],
  ['/c/enumerations#arr_config_type', '/cpp/types#ConfigType', `${sdk}/type-aliases/ConfigType`],
  ['/c/enumerations#arr_event_type', `${sdk}/type-aliases/EventType`],
  ['/c/enumerations#arr_status', `${sdk}/type-aliases/Status`],
  ['/c/enumerations#arr_process_status', `${sdk}/type-aliases/ProcessStatus`],
  [`${engine}/classes/Engine#play`, '/commands/play'],
  [`${engine}/classes/Engine#stop`, '/commands/stop'],
  [`${engine}/classes/Engine#seek`, '/commands/seek'],
  [`${engine}/classes/Engine#setloop`, '/commands/set_loop'],
  [`${engine}/classes/Engine#render`, '/commands/render'],
  [`${engine}/classes/Engine#listlibraries`, '/commands/list_libraries'],
  [`${engine}/classes/Engine#loadpluginlibraries`, '/commands/load_plugins'],
  [`${engine}/classes/Engine#unloadpluginlibrary`, '/commands/unload_plugin'],
  [`${engine}/classes/Engine#watchpluginlibrary`, '/commands/watch_library'],
  [`${engine}/classes/Engine#load`, '/commands/set_graph', '/commands/set_schedule'],
]

/** The types of a command's fields are called after it. @returns {string[][]} */
function commandTypes() {
  const names = readdirSync(join(pages, 'commands')).map((file) => file.replace(/\.md$/, ''))
  return names.flatMap((name) => {
    const type = name.replace(/(?:^|_)(\w)/g, (_, letter) => letter.toUpperCase())
    const ends = ['Request', 'Reply'].map((end) => `${engine}/interfaces/${type}${end}`)
    const present = ends.filter((address) => existsSync(join(pages, `${address}.md`)))
    return present.map((address) => [`/commands/${name}`, address])
  })
}

/** @param {string} address */
function languageOf(address) {
  if (address.startsWith('/c/')) return 'C'
  if (/^\/(cpp|dsp)\//.test(address)) return 'C++'
  return address.startsWith('/ts/') ? 'TypeScript' : 'Command'
}

/** A page with the headings in it that others lead to. */
class Target {
  /** @param {string} address */
  constructor(address) {
    const [page = '', id] = address.split('#')
    this.address = address
    this.file = join(pages, `${page}.md`)
    if (!existsSync(this.file)) throw new Error(`cross-links.mjs names ${address}, and there is no such page`)
    this.lines = readFileSync(this.file, 'utf8').split('\n')
    this.line = this.lines.findIndex((line) => /^#+ /.test(line) && (id === undefined || idOf(line) === id))
    if (this.line < 0) throw new Error(`cross-links.mjs names ${address}, and the page has no such heading`)
  }

  get name() {
    const heading =
      this.lines[this.line]
        ?.replace(/^#+ /, '')
        .replace(/ \{#.*\}$/, '')
        .replace(/\\/g, '') ?? ''
    const owner = this.address.match(/classes\/(\w+)#/)?.[1]
    return owner ? `${owner}.${heading}` : heading
  }

  /** @param {Target[]} others */
  show(others) {
    const links = new Map(others.map((other) => [languageOf(other.address), new Set()]))
    for (const other of others) links.get(languageOf(other.address))?.add(`[\`${other.name}\`](${other.address})`)
    const words = [...links].map(([language, all]) => `${language}: ${[...all].join(', ')}`)
    this.lines.splice(this.line + 1, 0, '', `<div class="same">\n\n${words.join(' · ')}\n\n</div>`)
    writeFileSync(this.file, this.lines.join('\n'))
  }
}

/** @param {string} heading */
const idOf = (heading) => heading.match(/\{#(.+)\}$/)?.[1] ?? slug(heading.replace(/^#+ /, '').replace(/\\/g, ''))

export async function crossLinksStep() {
  /** @type {Map<string, Set<string>>} */
  const others = new Map()
  for (const row of [...same, ...commandTypes()])
    for (const address of row) {
      const all = others.get(address) ?? new Set()
      for (const other of row) if (other !== address) all.add(other)
      others.set(address, all)
    }
  for (const [address, all] of others) new Target(address).show([...all].map((one) => new Target(one)))
  return `${others.size} places`
}
