// @ts-check
// What the SDK's headers declare, as a list of symbols with their members, from Doxygen's XML. Of the comments there is one rule:
// a comment stands for all declarations that follow it without an empty line, up to the next comment.
import { doxygenXml, readHeader } from './doxygen.mjs'

/**
 * @typedef {object} Symbol
 * @property {string} name as it is written in its scope
 * @property {string} full with its namespaces
 * @property {'struct' | 'class' | 'function' | 'variable' | 'typedef' | 'enum' | 'enumerator' | 'define' | 'concept'} kind
 * @property {string} header `arranger/plugin.h`
 * @property {number} line
 * @property {number} end the last line of its declaration
 * @property {string} doc its own comment, Markdown, or that of the declaration above it
 * @property {boolean} shared whether the comment is that of the declaration above
 * @property {string} signature
 * @property {boolean} ours whether plugins write it (a virtual function, a function pointer) and the engine calls it
 * @property {Symbol[]} members
 */

/** Classes whose protected members are for those who derive from them. */
const derivedFrom = new Set(['arranger::Plugin'])

const tagOf = (/** @type {any} */ node) => Object.keys(node).find((key) => key !== ':@') ?? ''
const children = (/** @type {any} */ node) => (Array.isArray(node) ? node : (node?.[tagOf(node)] ?? []))
const attributes = (/** @type {any} */ node) => node?.[':@'] ?? {}
const all = (/** @type {any} */ node, /** @type {string} */ tag) =>
  children(node).filter((/** @type {any} */ child) => tag in child)
const first = (/** @type {any} */ node, /** @type {string} */ tag) => all(node, tag)[0]

/** @param {any} node @returns {string} */
function text(node) {
  if (!node) return ''
  if ('#text' in node) return String(node['#text'])
  return children(node).map(text).join('')
}

/** @param {any} node @returns {string} the verbatim texts of a description */
function verbatims(node) {
  if (!node || '#text' in node) return ''
  if ('verbatim' in node) return `${text(node).trim()}\n`
  return children(node).map(verbatims).join('')
}

/** @param {any} node */
const docOf = (node) =>
  ['briefdescription', 'detaileddescription']
    .map((tag) => verbatims(first(node, tag)))
    .join('')
    .trim()

/** @param {any} node */
function place(node) {
  const at = attributes(first(node, 'location'))
  const line = Number(at.line)
  return { header: at.file ?? '', line, end: Math.max(line, Number(at.bodyend ?? 0)) }
}

/** @param {any} node */
function templateOf(node) {
  const params = first(node, 'templateparamlist')
  if (!params) return ''
  const list = all(params, 'param').map((/** @type {any} */ one) => {
    const type = text(first(one, 'type'))
    const name = text(first(one, 'declname'))
    return name && !type.endsWith(name) ? `${type} ${name}` : type
  })
  return `template <${list.join(', ')}>\n`
}

const tidy = (/** @type {string} */ code) =>
  code
    .replace(/\s+/g, ' ')
    .replace(/ ?([*&]+) ?(?=[A-Za-z_,)>]|$)/g, ' $1')
    .replace(/\( \*/g, '(*')
    .replace(/= ?0$/, '= 0')
    .trim()

/** @param {any} node @param {string} kind */
function signatureOf(node, kind) {
  const name = text(first(node, 'name'))
  if (kind === 'define') {
    const params = all(node, 'param').map((/** @type {any} */ one) => text(first(one, 'defname')))
    const value = text(first(node, 'initializer'))
    if (params.length > 0) return `#define ${name}(${params.join(', ')})`
    return `#define ${name} ${value.includes('\n') ? '' : value}`.trim()
  }
  if (kind === 'enum') return `enum ${attributes(node).strong === 'yes' ? 'class ' : ''}${name}`
  const type = text(first(node, 'type'))
  const args = text(first(node, 'argsstring'))
  if (kind === 'typedef')
    return type.startsWith('struct') ? '' : tidy(text(first(node, 'definition')).replace(/arranger::(dsp::)?/g, ''))
  const { virt, static: isStatic, explicit } = attributes(node)
  const words = [
    virt && virt !== 'non-virtual' ? 'virtual ' : '',
    isStatic === 'yes' ? 'static ' : '',
    explicit === 'yes' ? 'explicit ' : '',
  ]
  const start = type === '' || type.endsWith('(*') ? type : `${type} `
  const initial = kind === 'variable' && !args ? text(first(node, 'initializer')) : ''
  const value = initial.length > 60 || initial.includes('\n') ? '' : ` ${initial}`
  return templateOf(node) + tidy(words.join('') + start + name + args + value)
}

/** @param {any} node @returns {Symbol} */
function memberOf(node) {
  const { kind } = attributes(node)
  const type = text(first(node, 'type'))
  const { virt } = attributes(node)
  const where = place(node)
  return {
    name: text(first(node, 'name')),
    full: text(first(node, 'qualifiedname')) || text(first(node, 'name')),
    kind,
    ...where,
    doc: docOf(node),
    shared: false,
    signature: signatureOf(node, kind),
    ours: type.endsWith('(*') || (virt !== undefined && virt !== 'non-virtual'),
    members: all(node, 'enumvalue').map((/** @type {any} */ value) => ({
      name: text(first(value, 'name')),
      full: text(first(value, 'name')),
      kind: 'enumerator',
      ...where,
      doc: docOf(value),
      shared: false,
      signature: `${text(first(value, 'name'))} ${text(first(value, 'initializer'))}`.trim(),
      ours: false,
      members: [],
    })),
  }
}

/** Copies and destructors say nothing that a reader needs. @param {Symbol} member */
const isPlumbing = ({ name, signature }) =>
  name.startsWith('~') ||
  /=\s*(delete|default)$/.test(signature) ||
  /\boverride\b/.test(signature) ||
  name.startsWith('each_kept')

/** @param {any} compound @param {RegExp} kinds */
const members = (compound, kinds) =>
  all(compound, 'sectiondef')
    .filter((/** @type {any} */ section) => kinds.test(attributes(section).kind))
    .flatMap((/** @type {any} */ section) => all(section, 'memberdef'))
    .map(memberOf)
    .filter((/** @type {Symbol} */ member) => !isPlumbing(member))

/** @param {any} compound @returns {Symbol} */
function classOf(compound) {
  const { kind } = attributes(compound)
  const full = text(first(compound, 'compoundname')).replace(/\s*<.*/, '')
  const bases = all(compound, 'basecompoundref')
    .map(text)
    .filter((/** @type {string} */ base) => !base.includes('detail'))
    .map((/** @type {string} */ base) => base.replace('arranger::', ''))
  const name = full.split('::').at(-1) ?? full
  const isShown = derivedFrom.has(full) ? /^(public|protected|user)/ : /^(public|user)/
  return {
    name,
    full,
    kind,
    ...place(compound),
    doc: docOf(compound),
    shared: false,
    signature: `${templateOf(compound)}${kind} ${name}${bases.length > 0 ? ` : public ${bases.join(', ')}` : ''}`,
    ours: false,
    members: sorted(members(compound, isShown)),
  }
}

/** Several declarations on one line have one comment. @param {Symbol[]} symbols */
function shareOnLines(symbols) {
  const docs = new Map(symbols.filter(({ doc }) => doc).map(({ header, line, doc }) => [`${header}:${line}`, doc]))
  for (const symbol of symbols) symbol.doc ||= docs.get(`${symbol.header}:${symbol.line}`) ?? ''
}

/** By their places; one without a comment takes that above the declarations before it. @param {Symbol[]} symbols */
function sorted(symbols) {
  symbols.sort((a, b) => a.header.localeCompare(b.header) || a.line - b.line)
  shareOnLines(symbols)
  for (const [index, symbol] of symbols.entries()) {
    const above = symbols[index - 1]
    if (symbol.doc || !above?.doc || above.header !== symbol.header) continue
    const lines = readHeader(symbol.header).split('\n')
    const between = lines.slice(above.end, symbol.line)
    // A comment behind a declaration is of that one alone.
    const isBehind = /\/\/|\/\*\*</.test(lines[above.end - 1] ?? '') && !above.shared && above.line === above.end
    if (!isBehind && between.every((line) => line.trim() !== ''))
      Object.assign(symbol, { doc: above.doc, shared: true })
  }
  return symbols
}

/** @returns {Promise<Symbol[]>} all that is public, by header and line */
export async function symbols() {
  const documents = await doxygenXml()
  const compounds = documents.flatMap((document) => all(first(document, 'doxygen'), 'compounddef'))
  const isPublic = (/** @type {any} */ one) =>
    attributes(one).prot !== 'private' &&
    attributes(one).prot !== 'protected' &&
    !/\bdetail\b/.test(text(first(one, 'compoundname')))
  const found = compounds.filter(isPublic).flatMap((/** @type {any} */ compound) => {
    const { kind } = attributes(compound)
    if (kind === 'struct' || kind === 'class') return [classOf(compound)]
    if (kind === 'namespace' || kind === 'file') return members(compound, /./)
    if (kind === 'concept') return [conceptOf(compound)]
    return []
  })
  return sorted([
    ...new Map(
      found
        .filter(isForUse)
        .map((symbol) => [`${symbol.header}:${symbol.line}:${symbol.name}:${symbol.signature}`, symbol]),
    ).values(),
  ])
}

/** Macros of the headers behind the headers are their own, but for those that say what they are for. @param {Symbol} symbol */
const isForUse = ({ kind, header, doc }) => kind !== 'define' || doc !== '' || !header.includes('/detail/')

/** @param {any} compound @returns {Symbol} */
function conceptOf(compound) {
  const full = text(first(compound, 'compoundname'))
  return {
    name: full.split('::').at(-1) ?? full,
    full,
    kind: 'concept',
    ...place(compound),
    doc: docOf(compound),
    shared: false,
    signature: text(first(compound, 'initializer')).trim(),
    ours: false,
    members: [],
  }
}
