import type { ConfigParam, Descriptor, Port } from '@arranger/plugin-sdk'

const quote = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
const key = (id: string) => (/^[A-Za-z_$][\w$]*$/.test(id) ? id : quote(id))

/** Text of a plugin in a comment: it may hold anything. */
function comment(parts: readonly string[], indent: string): string {
  const text = parts
    .filter((part) => part !== '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .replaceAll('*/', '*\\/')
  return text === '' ? '' : `${indent}/** ${text} */\n`
}

const sentence = (text: string) => text.replace(/([^.!?])$/, '$1.')

interface Member {
  id: string
  type: string
  notes: string[]
}

function paramMember({ id, doc, min, max, default: value, unit, choices }: Port): Member {
  const named = choices.length > 0 ? `${choices.map((choice, index) => `${min + index} ${choice}`).join(', ')}.` : ''
  const range = named || `${min}..${max}${unit && ` ${unit}`}.`
  return { id, type: 'number', notes: [sentence(doc), range, `Default ${value}.`] }
}

function configMember({ id, doc, type, min, max, default: value, choices, file_filter: filter }: ConfigParam): Member {
  const types = { string: 'string', filepath: 'string', integer: 'number', float: 'number', bool: '0 | 1' } as const
  const printed = type === 'categorical' ? choices.map(quote).join(' | ') || 'string' : types[type]
  const range = min < max && printed === 'number' ? `${min}..${max}.` : filter && `${filter}.`
  return { id, type: printed, notes: [sentence(doc), range, value === '' ? '' : `Default ${value}.`] }
}

const portMember = ({ id, doc, type }: Port): Member => ({ id, type: quote(type), notes: [doc] })

/** Ports that differ in their number only: how many there are is the configuration's to say. */
function counted(members: readonly Member[]): (Member & { counted: boolean })[] {
  const first = new Map<string, Member & { counted: boolean }>()
  for (const member of members) {
    const id = member.id.replace(/_\d+$/, '_$' + '{number}')
    if (!first.has(id)) first.set(id, { ...member, id, counted: id !== member.id })
  }
  return [...first.values()]
}

function section(name: string, members: readonly Member[], numbered: boolean): string {
  if (members.length === 0) return `    ${name}: Record<never, never>\n`
  const printed = (numbered ? counted(members) : members.map((member) => ({ ...member, counted: false }))).map(
    ({ id, type, notes, counted }) =>
      `${comment(notes, '      ')}      ${counted ? `[id: \`${id}\`]` : key(id)}: ${type}\n`,
  )
  return `    ${name}: {\n${printed.join('')}    }\n`
}

function pluginMember({ id, display_name, doc, ports, config_params: config }: Descriptor): string {
  const isParam = ({ type, role }: Port) => type === 'control' && role === 'input'
  const numbered = config.some(({ type }) => type === 'integer')
  const inputs = ports.filter((port) => !isParam(port) && (port.role === 'input' || port.role === 'sidechain'))
  return [
    comment([sentence(display_name), doc], '  '),
    `  ${quote(id)}: {\n`,
    section('params', ports.filter(isParam).map(paramMember), numbered),
    section('config', config.map(configMember), false),
    section('inputs', inputs.map(portMember), numbered),
    section('outputs', ports.filter(({ role }) => role === 'output').map(portMember), numbered),
    '  }\n',
  ].join('')
}

/** The members of an interface that has the type of each plugin under its id, sorted by id. */
export function pluginMembers(plugins: readonly Descriptor[]): string {
  return [...plugins]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(pluginMember)
    .join('')
}

/**
 * The text of a TypeScript file by which `engine.add` and the like know these plugins: their ids, ports and parameters. It
 * extends the interface `PluginTypes` of this package, and is part of every program that has it among its files.
 */
export function pluginDeclarations(plugins: readonly Descriptor[]): string {
  const members = pluginMembers(plugins).replace(/^(?=.)/gm, '  ')
  return [
    "// Written by 'arranger types'. Do not edit.\n",
    "import '@arranger/engine'\n\n",
    "declare module '@arranger/engine' {\n  interface PluginTypes {\n",
    members,
    '  }\n}\n',
  ].join('')
}
