// SPDX-License-Identifier: MIT
// @ts-check
/**
 * Writes what follows from the plugin ABI: `node scripts/generate-abi.mjs [--check]`.
 *
 * Reads packages/plugin-sdk/include/arranger/plugin.h and writes the TypeScript descriptor types of the SDK and the
 * engine's tables of JSON names. With --check nothing is written; the exit code is 1 when a file is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {{ cName: string, value: number, name: string, doc: string }} Enumerator
 * @typedef {{ cName: string, tsName: string, doc: string, isFlags: boolean, enumerators: Enumerator[] }} Enum
 * @typedef {{ type: string, name: string, doc: string }} Field
 * @typedef {{ cName: string, doc: string, fields: Field[] }} Struct
 * @typedef {{ version: { major: number, minor: number, sdk: string }, enums: Enum[], structs: Struct[] }} Abi
 */

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const headerPath = 'packages/plugin-sdk/include/arranger/plugin.h'
const maxLineWidth = 120

/** The structs that a descriptor in JSON is made of. */
const jsonStructs = new Map([
  ['arr_port', 'Port'],
  ['arr_config_param', 'ConfigParam'],
  ['arr_migration', 'Migration'],
  ['arr_descriptor', 'Descriptor'],
])

/** Sentences for fields whose name says all in C, where the struct is in view. */
const fieldDocs = new Map([
  ['id', 'Unique among its kind in the plugin.'],
  ['display_name', 'For people.'],
  ['doc', 'One or two sentences; empty when there are none.'],
  ['author', 'Who made it; empty when unknown.'],
  ['url', 'Where to read more; empty when there is none.'],
  ['category', 'What the plugin is for.'],
  ['arr_port.type', 'What travels through it.'],
  ['arr_config_param.type', 'The type of its value.'],
  ['role', 'Its direction, and what it is for.'],
  ['hint', "What a parameter's values mean, and the widget that suits it."],
  ['unit', 'Unit of its values.'],
  ['taper', "The curve between a knob's travel and the value."],
  ['graph_type', 'The curve that a graph_editor port edits.'],
  ['choices', 'Names of the values it can have; empty when it is not a choice.'],
  ['ports', 'All ports, in the order of declaration.'],
  ['config_params', 'Values that decide ports or resources, in the order of declaration.'],
  ['migrations', 'Parameters that were renamed or rescaled.'],
  ['old_id', 'The parameter as it was.'],
  ['new_id', 'The parameter as it is.'],
  ['scale', 'Factor from old to new.'],
  ['offset', 'Added after scaling.'],
  ['max', 'Of a number type: greatest value, inclusive.'],
])

/** Reads the header's enums, structs and version. @param {string} text @returns {Abi} */
function parseHeader(text) {
  const number = (/** @type {string} */ name) => {
    const match = new RegExp(`#define ${name} (0x[0-9a-fA-F]+|\\d+)u`).exec(text)
    if (!match) throw new Error(`${headerPath}: no #define ${name}`)
    return Number(match[1])
  }
  const sdk = number('ARR_SDK_VERSION')
  const version = {
    major: number('ARR_ABI_MAJOR'),
    minor: number('ARR_ABI_MINOR'),
    sdk: `${sdk >> 16}.${(sdk >> 8) & 255}.${sdk & 255}`,
  }
  return { version, enums: parseEnums(text), structs: parseStructs(text) }
}

/** @param {string} text @returns {Enum[]} */
function parseEnums(text) {
  const pattern = /\/\*\* ([^\n]*) \*\/\n(?:typedef \w+ (arr_\w+);\n)?enum \{\n([\s\S]*?)\n\};/g
  return [...text.matchAll(pattern)].map(([, doc, typedef, body]) => {
    const enumerators = body.split('\n').map((line) => parseEnumerator(line))
    const isFlags = typedef === undefined
    const cName = typedef ?? commonPrefix(enumerators.map((e) => e.cName))
    const base = pascalCase(cName.toLowerCase().replace(/^arr_/, ''))
    return { cName, tsName: isFlags && !base.endsWith('Flag') ? `${base}Flag` : base, doc, isFlags, enumerators }
  })
}

/** @param {string} line @returns {Enumerator} */
function parseEnumerator(line) {
  const match = /^ {2}(ARR_\w+) = (\d+),? *\/\*\*< "([^"]*)"(?:: (.*?))? \*\/$/.exec(line)
  if (!match) throw new Error(`${headerPath}: not an enumerator with its quoted JSON name: ${line}`)
  return { cName: match[1], value: Number(match[2]), name: match[3], doc: match[4] ?? '' }
}

/** @param {string[]} names `ARR_PORT_FLAG_A`, `ARR_PORT_FLAG_B` -> `ARR_PORT_FLAG` */
function commonPrefix(names) {
  const words = names.map((name) => name.split('_'))
  const length = words[0].findIndex((word, i) => words.some((other) => other[i] !== word))
  return words[0].slice(0, length).join('_')
}

/** @param {string} text @returns {Struct[]} */
function parseStructs(text) {
  const pattern = /\/\*\* ([^\n]*) \*\/\ntypedef struct (arr_\w+) \{\n([\s\S]*?)\n\} \2;/g
  return [...text.matchAll(pattern)].map(([, doc, cName, body]) => ({ cName, doc, fields: parseFields(body) }))
}

/** @param {string} body @returns {Field[]} Data members; functions are no part of a descriptor. */
function parseFields(body) {
  const pattern = /^ {2}((?:const )?(?:struct )?\w+ (?:\*const \*|\*)?)(\w+)(?:\[\d+\])?; *(?:\/\*\*< (.*?) \*\/)?$/gm
  return [...body.matchAll(pattern)].map(([, type, name, doc]) => ({ type: type.trim(), name, doc: doc ?? '' }))
}

/** @param {string} name */
const pascalCase = (name) => name.replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase())
/** @param {string} name */
const camelCase = (name) => name[0].toLowerCase() + name.slice(1)
/** @param {string} text */
const sentence = (text) => text[0].toUpperCase() + text.slice(1)
/** @param {string} text */
const snakeCase = (text) => text.replace(/[A-Z]/g, (letter, i) => (i ? '_' : '') + letter.toLowerCase())

/** The fields of a struct as they are in JSON. @param {Struct} struct @param {Enum[]} enums @returns {Field[]} */
function jsonFields(struct, enums) {
  const names = new Set(struct.fields.map((field) => field.name))
  const isCount = (/** @type {string} */ name) => name.endsWith('_count') && names.has(name.replace(/_count$/, 's'))
  return struct.fields
    .filter(({ name }) => !['struct_size', 'reserved', 'default_number'].includes(name) && !isCount(name))
    .map((field) => ({ ...jsonField(field, enums), doc: fieldDoc(struct, field) }))
}

/** @param {Field} field @param {Enum[]} enums @returns {{ name: string, type: string }} */
function jsonField({ type, name, doc }, enums) {
  if (name === 'default_text') return { name: 'default', type: 'string | number' }
  if (name === 'default_value') return { name: 'default', type: 'number' }
  if (name === 'flags') return { name, type: 'PortFlag[]' }
  if (type === 'const char *const *') return { name, type: 'string[]' }
  if (type === 'const char *') return { name, type: 'string' }
  const element = /^const (arr_\w+) \*const \*$/.exec(type)
  if (element) return { name, type: `${jsonStructs.get(element[1])}[]` }
  const named = enums.find((e) => e.cName === type)
  if (named) return { name, type: named.tsName }
  if (type === 'int32_t' && doc.startsWith('1: ')) return { name, type: 'boolean' }
  if (['double', 'int32_t', 'uint32_t'].includes(type)) return { name, type: 'number' }
  throw new Error(`${headerPath}: no JSON type for '${type} ${name}'`)
}

/** @param {Struct} struct @param {Field} field */
function fieldDoc(struct, { name, doc }) {
  if (name === 'default_text') return 'Text or a number, as the type says; a bool is 0 or 1.'
  if (name === 'flags') return 'What may be done with a parameter, and how it is shown.'
  if (name === 'choices') return /** @type {string} */ (fieldDocs.get(name))
  const own = doc.replace(/^1: /, 'True: ').replace(/,? or NULL\b/, '; empty when there is none')
  const text =
    own.replace(/NULL = none/, 'empty = none') || fieldDocs.get(`${struct.cName}.${name}`) || fieldDocs.get(name)
  if (!text) throw new Error(`${headerPath}: the field '${name}' of a descriptor has no doc comment`)
  return sentence(text)
}

/** @param {Abi} abi The SDK's src/generated/abi.ts. */
function typescriptText({ version, enums, structs }) {
  const lines = [
    '// SPDX-License-Identifier: MIT',
    '// Generated from include/arranger/plugin.h by scripts/generate-abi.mjs; edit the header.',
    '',
    '/** The ABI that the headers of this package describe: a library of another major version is refused. */',
    `export const abiVersion = { major: ${version.major}, minor: ${version.minor} } as const`,
    '',
    '/** Version of the SDK, as it stands in the stamp of every library built with it. */',
    `export const sdkVersion = '${version.sdk}'`,
  ]
  for (const e of enums) lines.push('', ...enumLines(e))
  for (const [cName, tsName] of jsonStructs) {
    const struct = structs.find((s) => s.cName === cName)
    if (!struct) throw new Error(`${headerPath}: no struct ${cName}`)
    lines.push('', `/** ${struct.doc.replace(/ The engine copies it.*/, '')} */`, `export interface ${tsName} {`)
    for (const { name, type, doc } of jsonFields(struct, enums)) lines.push(`  /** ${doc} */`, `  ${name}: ${type}`)
    lines.push('}')
  }
  return `${lines.join('\n')}\n`
}

/** @param {Enum} e @returns {string[]} A union of the names, and their values in C. */
function enumLines({ tsName, doc, enumerators }) {
  const key = (/** @type {string} */ name) => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`)
  const names = enumerators.map((e) => `'${e.name}'`)
  const oneLine = `export type ${tsName} = ${names.join(' | ')}`
  const union =
    oneLine.length <= maxLineWidth ? [oneLine] : [`export type ${tsName} =`, ...names.map((n) => `  | ${n}`)]
  const lines = [`/** ${doc} */`, ...union, '', `/** The values of {@link ${tsName}} in C. */`]
  lines.push(`export const ${camelCase(tsName)}Values = {`)
  for (const e of enumerators) {
    if (e.doc) lines.push(`  /** ${sentence(e.doc)} */`)
    lines.push(`  ${key(e.name)}: ${e.value},`)
  }
  return [...lines, `} as const satisfies Record<${tsName}, number>`]
}

/** @param {Abi} abi The engine's core/plugin/abi_names.hpp. */
function cppText({ enums }) {
  const lines = [
    '// SPDX-License-Identifier: MIT',
    '// Generated from arranger/plugin.h by scripts/generate-abi.mjs; edit the header.',
    '// The JSON names of the values of the ABI.',
    '#pragma once',
    '',
    '#include <arranger/plugin.h>',
    '',
    '#include <array>',
    '#include <cstdint>',
    '#include <optional>',
    '#include <span>',
    '#include <string_view>',
    '',
    'namespace arranger::abi {',
    '',
    'struct Name {',
    '  std::int32_t value;',
    '  std::string_view name;',
    '};',
    '',
    '// The name of a value, or empty where the table has none.',
    'constexpr std::string_view name_of(std::span<const Name> names, std::int64_t value) {',
    '  for (const Name &entry : names)',
    '    if (entry.value == value) return entry.name;',
    '  return {};',
    '}',
    '',
    '// The value of a name.',
    'constexpr std::optional<std::int32_t> value_of(std::span<const Name> names, std::string_view name) {',
    '  for (const Name &entry : names)',
    '    if (entry.name == name) return entry.value;',
    '  return std::nullopt;',
    '}',
  ]
  for (const { tsName, doc, enumerators } of enums) {
    lines.push('', `// ${doc.replaceAll('`', '')}`)
    lines.push(`inline constexpr std::array<Name, ${enumerators.length}> ${snakeCase(tsName)}_names{{`)
    for (const e of enumerators) lines.push(`    {${e.cName}, "${e.name}"},`)
    lines.push('}};')
  }
  return `${[...lines, '', '}  // namespace arranger::abi'].join('\n')}\n`
}

/** @param {string} path @returns {string | null} */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

const abi = parseHeader(readFileSync(join(root, headerPath), 'utf8'))
const outputs = [
  { path: join(root, 'packages/plugin-sdk/src/generated/abi.ts'), text: typescriptText(abi) },
  { path: join(root, 'packages/engine/core/plugin/abi_names.hpp'), text: cppText(abi) },
]
const stale = outputs.filter(({ path, text }) => readIfThere(path) !== text)
for (const { path, text } of stale) {
  const name = relative(root, path)
  if (process.argv.includes('--check')) console.error(`${name} is stale: run node scripts/generate-abi.mjs`)
  else {
    writeFileSync(path, text)
    console.log(`wrote ${name}`)
  }
}
if (process.argv.includes('--check') && stale.length > 0) process.exitCode = 1
