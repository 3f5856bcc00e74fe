// @ts-check
// The reference of the SDK as pages: one for each struct and function of the C ABI, one for each idea of the C++ layer.
import { readHeader } from './doxygen.mjs'
import { escaped, table } from './markdown.mjs'
import { badges, lineOf, proseOf } from './symbol-text.mjs'

/** @typedef {import('./symbols.mjs').Symbol} Symbol */
/** @typedef {{ path: string, title: string, text: string }} Page */
/** @typedef {(name: string) => string | undefined} Find The address of a symbol. */

const abi = 'arranger/plugin.h'

/** Headers that are one idea with others. @type {Record<string, string>} */
const sharedPages = {
  adapter: 'plugin',
  port_base: 'ports',
  control_ports: 'ports',
  audio_ports: 'ports',
  event_ports: 'ports',
  curve: 'ports',
}

/** @param {string} header @returns {string} the path of the page of a C++ header */
function pageOf(header) {
  const name = header.replace(/^.*\//, '').replace(/\.hpp$/, '')
  return `${header.startsWith('arranger/dsp/') ? 'dsp' : 'cpp'}/${sharedPages[name] ?? name}`.replaceAll('_', '-')
}

const isType = (/** @type {Symbol} */ { kind }) => kind === 'struct' || kind === 'class'

/** In the ABI an enum has no name: it is what its typedef's values are, or bits whose names begin alike. @param {Symbol[]} symbols */
function enumsOf(symbols) {
  return symbols.flatMap((symbol, index) => {
    if (symbol.kind !== 'enum') return []
    const above = symbols[index - 1]
    const named = above?.kind === 'typedef' && above.line === symbol.line - 1 ? above : undefined
    const prefix = symbol.members[0]?.name.replace(/_[A-Z]+$/, '') ?? ''
    return [
      { name: named?.name ?? `${prefix}_…`, id: named?.name ?? prefix, head: named ?? symbol, values: symbol.members },
    ]
  })
}

/** Where each symbol is, by every name that a comment may use. @param {Symbol[]} symbols @returns {Map<string, string>} */
export function addresses(symbols) {
  /** @type {Map<string, string>} */
  const found = new Map()
  const c = symbols.filter(({ header }) => header === abi)
  for (const symbol of c.filter((one) => isType(one) || one.kind === 'function')) {
    found.set(symbol.name, `/c/${symbol.name}`)
    for (const member of symbol.members) found.set(`${symbol.name}.${member.name}`, `/c/${symbol.name}#${member.name}`)
  }
  for (const { id, values } of enumsOf(c)) {
    found.set(id, `/c/enumerations#${id}`)
    for (const { name } of values) found.set(name, `/c/enumerations#${name}`)
  }
  for (const { name, kind, doc } of c) if (kind === 'define' && doc) found.set(name, `/c/macros#${name}`)
  for (const symbol of symbols.filter(({ header }) => header !== abi)) {
    const page = `/${pageOf(symbol.header)}`
    found.set(symbol.name, `${page}#${symbol.name}`)
    for (const member of symbol.members) found.set(`${symbol.name}::${member.name}`, `${page}#${idOf(symbol, member)}`)
  }
  return found
}

/** Ids hold letters, digits, `_` and `-`. @param {Symbol} symbol @param {Symbol} member */
const idOf = (symbol, member) =>
  `${symbol.name}-${member.name}`
    .replace(/[^\w-]+/g, (signs) => [...signs].map((sign) => sign.charCodeAt(0).toString(16)).join(''))
    .replace(/-$/, '')

const fence = (/** @type {string} */ code, language = 'cpp') => `\`\`\`${language}\n${code}\n\`\`\``

/** @param {string} signature @param {Find} find the type of a field, as a link where it is one of ours */
function typeCell(signature, find) {
  const type = signature
    .replace(/\s*=.*$/, '')
    .replace(/\w+(\[\w+\])?$/, '$1')
    .trim()
  const own = type.match(/(?:arr_\w+|[A-Z]\w+)/)?.[0]
  const address = own && find(own)
  return address ? `[\`${type}\`](${address})` : `\`${type}\``
}

/** What stands before the code of a header: its idea, without the licence. @param {string} header */
function introduction(header) {
  const lines = readHeader(header).split('\n')
  const end = lines.findIndex((line) => line.startsWith('#'))
  const text = lines
    .slice(0, end)
    .map((line) => line.replace(/^(\/\/|\/\*| \*\/?)( |$)/, ''))
    .join('\n')
  return text
    .replace(/^.*SPDX-License-Identifier: MIT\n/, '')
    .replace(/\[(audio|control)\]/g, '`$1`')
    .replace(/file\n-/, 'file:\n\n-')
    .trim()
}

/** @param {Symbol} struct @param {Find} find */
function structPage(struct, find) {
  const isFunction = (/** @type {Symbol} */ { signature }) => signature.includes('(*')
  const fields = struct.members.filter((member) => !isFunction(member))
  const rows = fields.map((field) => [
    `<a id="${field.name}"></a>\`${field.name}\``,
    typeCell(field.signature, find),
    lineOf(field.doc, find),
  ])
  const functions = struct.members
    .filter(isFunction)
    .flatMap((one) => [
      `## ${struct.name}.${one.name} {#${one.name}}`,
      badges(one),
      fence(`${one.signature};`, 'c'),
      proseOf(one.doc, find),
    ])
  return [
    `# ${struct.name}`,
    badges(struct),
    proseOf(struct.doc, find),
    ...(rows.length > 0 ? [table(['Field', 'Type', 'Meaning'], rows)] : []),
    ...functions,
  ]
}

/** @param {Symbol[]} symbols @param {Find} find @returns {Page[]} */
function abiPages(symbols, find) {
  const enums = enumsOf(symbols)
  const types = symbols.filter(isType)
  const functions = symbols.filter(({ kind }) => kind === 'function')
  const macros = symbols.filter(({ kind, doc }) => kind === 'define' && doc)
  const page = (/** @type {string} */ name, /** @type {string[]} */ lines) => ({
    path: `c/${name}`,
    title: name,
    text: lines.filter(Boolean).join('\n\n'),
  })
  const index = [
    '# The plugin ABI in C',
    proseOf(introduction(abi), find),
    fence('#include <arranger/plugin.h>', 'c'),
    table(
      ['Function', 'What it does'],
      functions.map(({ name, doc }) => [`[\`${name}\`](/c/${name})`, lineOf(doc, find)]),
    ),
    table(
      ['Struct', 'What it is'],
      types.map(({ name, doc }) => [`[\`${name}\`](/c/${name})`, lineOf(doc, find)]),
    ),
    table(
      ['Enumeration', 'What it says'],
      enums.map(({ id, name, head }) => [`[\`${name}\`](/c/enumerations#${id})`, lineOf(head.doc, find)]),
    ),
  ]
  return [
    { ...page('index', index), title: 'Overview' },
    ...functions.map((one) =>
      page(one.name, [`# ${one.name}`, badges(one), fence(`${one.signature};`, 'c'), proseOf(one.doc, find)]),
    ),
    ...types.map((one) => page(one.name, structPage(one, find))),
    {
      ...page('enumerations', [
        '# Enumerations',
        ...enums.flatMap(({ id, name, head, values }) => [
          `## ${name} {#${id}}`,
          proseOf(head.doc, find),
          table(
            ['Value', '', 'Meaning'],
            values.map((value) => [
              `<a id="${value.name}"></a>\`${value.name}\``,
              value.signature.replace(/^.*= ?/, ''),
              lineOf(value.doc, find),
            ]),
          ),
        ]),
      ]),
      title: 'Enumerations',
    },
    {
      ...page('macros', [
        '# Macros',
        ...macros.flatMap((one) => [
          `## ${one.name} {#${one.name}}`,
          fence(one.signature, 'c'),
          proseOf(one.doc, find),
        ]),
      ]),
      title: 'Macros',
    },
  ]
}

/** Declarations under one comment are one section, and each has its place in it. @param {Symbol[]} members @returns {Symbol[][]} */
function underOneComment(members) {
  /** @type {Symbol[][]} */
  const groups = []
  for (const member of members) {
    if (member.shared && groups.length > 0) groups.at(-1)?.push(member)
    else groups.push([member])
  }
  return groups
}

/** @param {Symbol} symbol @param {Find} find */
function valuesTable(symbol, find) {
  return table(
    ['Value', 'Meaning'],
    symbol.members.map((value) => [`<a id="${idOf(symbol, value)}"></a>\`${value.name}\``, lineOf(value.doc, find)]),
  )
}

/** @param {Symbol} owner @param {Find} find */
function memberSections(owner, find) {
  const seen = new Set()
  const idOnce = (/** @type {Symbol} */ member) => {
    const id = idOf(owner, member)
    const isNew = !seen.has(id)
    seen.add(id)
    return isNew ? id : ''
  }
  return underOneComment(owner.members.filter(({ kind }) => kind !== 'variable')).flatMap((group) => {
    const [head, ...others] = group
    if (!head) return []
    const id = idOnce(head)
    const names = [...new Set(group.map(({ name }) => name))].join(', ')
    const places = others
      .map(idOnce)
      .filter(Boolean)
      .map((one) => `<a id="${one}"></a>`)
    return [
      `### ${escaped(`${owner.name}::${names}`)}${id ? ` {#${id}}` : ''}`,
      [...places, badges(head)].join(''),
      fence(group.map(({ signature, kind }) => `${signature}${kind === 'enum' ? '' : ';'}`).join('\n')),
      proseOf(head.doc, find),
      ...(head.kind === 'enum' ? [valuesTable(head, find)] : []),
    ]
  })
}

/** @param {Symbol} symbol @param {Find} find */
function typeSections(symbol, find) {
  const fields = symbol.members.filter(({ kind }) => kind === 'variable')
  const rows = fields.map((field) => [
    `<a id="${idOf(symbol, field)}"></a>\`${field.name}\``,
    typeCell(field.signature, find),
    field.signature.match(/ = ?(.+)$/)?.[1] ? `\`${field.signature.match(/ = ?(.+)$/)?.[1]}\`` : '',
    lineOf(field.doc, find),
  ])
  return [
    `## ${symbol.name} {#${symbol.name}}`,
    badges(symbol),
    fence(symbol.signature),
    proseOf(symbol.doc, find),
    ...(symbol.kind === 'enum' ? [valuesTable(symbol, find)] : []),
    ...(rows.length > 0 ? [table(['Member', 'Type', 'Default', 'Meaning'], rows)] : []),
    ...(symbol.kind === 'enum' ? [] : memberSections(symbol, find)),
  ]
}

/** @param {Symbol[]} symbols @param {Find} find */
function freeSections(symbols, find) {
  return underOneComment(symbols).flatMap((group) => {
    const [head, ...others] = group
    if (!head) return []
    const places = others.filter(({ name }) => name !== head.name).map(({ name }) => `<a id="${name}"></a>`)
    return [
      `## ${[...new Set(group.map(({ name }) => name))].join(', ')} {#${head.name}}`,
      [...places, badges(head)].join(''),
      fence(
        group
          .map(({ signature, kind }) => (kind === 'define' || kind === 'concept' ? signature : `${signature};`))
          .join('\n'),
      ),
      proseOf(head.doc, find),
    ]
  })
}

/** @param {string} path @param {Symbol[]} symbols @param {Find} find @returns {Page} */
function cppPage(path, symbols, find) {
  const name = path.replace(/^.*\//, '')
  const public_ = symbols[0]?.header.replace(/detail\/.*/, `${name === 'ports' ? 'port' : name}.hpp`) ?? ''
  const header = name === 'plugin' ? 'arranger/plugin.hpp' : name === 'config' ? 'arranger/port.hpp' : public_
  const isSection = (/** @type {Symbol} */ one) => isType(one) || one.kind === 'enum'
  const own = symbols.filter(isSection).flatMap((one) => typeSections(one, find))
  return {
    path,
    title: name,
    text: [
      `# ${header.replace('arranger/', '')}${name === 'config' ? ': config' : ''}`,
      proseOf(introduction(header), find),
      fence(`#include <${header}>`),
      ...own,
      ...freeSections(
        symbols.filter((one) => !isSection(one)),
        find,
      ),
    ]
      .filter(Boolean)
      .join('\n\n'),
  }
}

/** @param {Symbol[]} symbols @param {Find} find @returns {Page[]} */
export function headerPages(symbols, find) {
  const cpp = symbols.filter(({ header, kind, doc }) => header !== abi && (kind !== 'define' || doc))
  const paths = [...new Set(cpp.map(({ header }) => pageOf(header)))]
  return [
    ...abiPages(
      symbols.filter(({ header }) => header === abi),
      find,
    ),
    ...paths.map((path) =>
      cppPage(
        path,
        cpp.filter(({ header }) => pageOf(header) === path),
        find,
      ),
    ),
  ]
}
