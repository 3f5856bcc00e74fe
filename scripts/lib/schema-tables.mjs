// @ts-check
// JSON Schemas as tables in Markdown: a row per field, the fields of nested records under their full names.

/** @typedef {import('./protocol-types.mjs').Schema} Schema */
/** @typedef {Record<string, string>} Row Cells by column. */

const columns = ['Field', 'Type', 'Default', 'Range', 'Unit', 'Meaning']
const alwaysThere = new Set(['Field', 'Type', 'Meaning'])

/** What would end a cell, or begin HTML or a template. @param {string} text */
const escaped = (text) => text.replace(/[|<{}*_[\]\\]/g, (sign) => `\\${sign}`).replaceAll('\n', ' ')
/** @param {string} text */
const code = (text) => `\`${text.replaceAll('|', '\\|')}\``

/** @param {Schema} schema @returns {string} A type in words: `number`, `"wav" or "flac"`, `list of objects`. */
export function typeInWords(schema) {
  const { items, additionalProperties: values, properties = {}, anyOf } = schema
  if (anyOf) return anyOf.map(typeInWords).join(' or ')
  const words = schema.enum?.filter((value) => value !== null)
  if (words) return words.map((value) => code(JSON.stringify(value))).join(', ')
  const types = [schema.type ?? 'any JSON value'].flat().filter((type) => type !== 'null')
  if (types[0] === 'array') return `list of ${plural(typeInWords(items ?? {}))}`
  if (types[0] === 'object' && typeof values === 'object' && Object.keys(properties).length === 0)
    return `object of ${plural(typeInWords(values))} by name`
  return types.map((type) => (type === 'integer' ? 'whole number' : type)).join(' or ')
}

/** @param {string} type */
const plural = (type) => (/^[a-z ]+$/.test(type) ? type.replace(/(?<=[a-z])(?= or |$)/g, 's') : type)

/** A billion as 1e9. @param {number} value */
const short = (value) => (Math.abs(value) >= 1e6 ? value.toExponential().replace('e+', 'e') : String(value))

/** @param {Schema} schema @returns {string} */
function range({ minimum, maximum, items, anyOf }) {
  if (anyOf) return anyOf.map(range).filter(Boolean).join(', ')
  if (minimum === undefined && maximum === undefined) return items && !items.properties ? range(items) : ''
  if (maximum === undefined) return `≥ ${short(minimum ?? 0)}`
  return minimum === undefined ? `≤ ${short(maximum)}` : `${short(minimum)}..${short(maximum)}`
}

/** @param {Schema} schema @param {boolean} isRequired */
function standard(schema, isRequired) {
  if (isRequired) return '**required**'
  return schema.default === undefined ? 'none' : code(JSON.stringify(schema.default))
}

/** The record that a field holds, one or many, and how its fields are named. @param {string} name @param {Schema} schema @returns {[string, Schema] | undefined} */
function recordIn(name, schema) {
  if (schema.properties) return [`${name}.`, schema]
  if (schema.items) return recordIn(`${name}[]`, schema.items)
  if (typeof schema.additionalProperties === 'object') return recordIn(`${name}.*`, schema.additionalProperties)
}

/**
 * @param {Schema} schema Of an object. @param {boolean} isRequest Then what may be left out has a default.
 * @param {string} [prefix] @returns {Row[]}
 */
export function fieldRows({ properties = {}, required = [] }, isRequest, prefix = '') {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const isRequired = required.includes(name)
    const row = {
      Field: code(prefix + name),
      Type: typeInWords(schema),
      Default: isRequest ? standard(schema, isRequired) : '',
      Range: range(schema),
      Unit: schema.unit ?? '',
      Meaning: escaped(schema.description ?? '') + (isRequest || isRequired ? '' : ' May be missing.'),
    }
    const [inner, record] = recordIn(prefix + name, schema) ?? []
    return [row, ...(record ? fieldRows(record, isRequest, inner) : [])]
  })
}

/** A table of the columns that say something. @param {Row[]} rows */
export function table(rows) {
  const shown = columns.filter((column) => alwaysThere.has(column) || rows.some((row) => row[column]))
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [
    line(shown),
    line(shown.map(() => '---')),
    ...rows.map((row) => line(shown.map((column) => row[column] ?? ''))),
  ]
}
