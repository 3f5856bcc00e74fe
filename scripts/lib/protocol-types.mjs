// @ts-check
// Prints the TypeScript of the JSON contract from its JSON Schemas. Understands the part of JSON Schema that describe uses:
// type (one or several), properties, required, additionalProperties, items, enum, const, oneOf, anyOf, $ref to $defs.

/**
 * @typedef {object} Schema
 * @property {string | string[]} [type]
 * @property {string} [title]
 * @property {string} [description]
 * @property {string} [unit]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {boolean | Schema} [additionalProperties]
 * @property {Schema} [items]
 * @property {unknown[]} [enum]
 * @property {unknown} [const]
 * @property {Schema[]} [oneOf]
 * @property {Schema[]} [anyOf]
 * @property {string} [$ref]
 * @property {unknown} [default]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {number} [exclusiveMinimum]
 * @property {number} [exclusiveMaximum]
 */
/**
 * @typedef {object} Description
 * @property {Record<string, Command>} commands
 * @property {Record<string, Schema & {doc?: string}>} [events]
 * @property {Display} display
 * @property {{code: string, cause: string, remedy: string}[]} errors
 * @property {Schema} [error_reply]
 * @property {Record<string, Schema>} [$defs]
 */
/** @typedef {{scope_offset: number, cells: Record<string, {type: string, offset: number, doc: string}>}} Display */
/**
 * @typedef {object} Command
 * @property {string} [noun]
 * @property {string} [doc]
 * @property {boolean} [concurrent]
 * @property {Schema} request
 * @property {Schema} reply
 * @property {{doc: string, request: unknown, needs: unknown[], files: string[], otherwise?: string}[]} [examples]
 */

/** @param {string} name set_graph → SetGraph */
export function pascal(name) {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
}

/** @param {unknown} value */
function literal(value) {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value)
}

/** @param {string} text */
function quote(text) {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** @param {string} key */
function propertyName(key) {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key)
}

/** @param {string | undefined} text @param {string} indent */
function comment(text, indent) {
  if (!text) return ''
  const lines = text.replaceAll('*/', '*\\/').split('\n')
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`
}

/** What a comment says of a field beyond its type. @param {Schema} schema */
function note(schema) {
  const parts = schema.description ? [schema.description.replace(/([^.!?])$/, '$1.')] : []
  if (schema.unit) parts.push(`Unit: ${schema.unit}.`)
  const numbers = schema.anyOf?.find(({ type }) => type === 'number') ?? schema
  const low = numbers.minimum ?? numbers.exclusiveMinimum
  const high = numbers.maximum ?? numbers.exclusiveMaximum
  if (low !== undefined && high !== undefined) parts.push(`Range ${low}..${high}.`)
  else if (low !== undefined) parts.push(`At least ${low}.`)
  else if (high !== undefined) parts.push(`At most ${high}.`)
  if (schema.default !== undefined) parts.push(`Default ${JSON.stringify(schema.default)}.`)
  return parts.join(' ')
}

/** @param {string} type @param {Schema} schema @param {string} indent @returns {string} */
function printSingle(type, schema, indent) {
  switch (type) {
    case 'object':
      return printObject(schema, indent)
    case 'array': {
      const item = schema.items ? printType(schema.items, indent) : 'unknown'
      return item.startsWith('{') || !item.includes(' | ') ? `${item}[]` : `(${item})[]`
    }
    case 'integer':
      return 'number'
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return type
    default:
      throw new Error(`A schema has the unknown type ${type}`)
  }
}

/** @param {Schema} schema @param {string} indent @returns {string} */
function printObject(schema, indent) {
  const { properties = {}, additionalProperties } = schema
  if (properties.attachment) return 'NumberArray' // the array itself, which the connection sends beside the request
  const inner = `${indent}  `
  const rest = typeof additionalProperties === 'object' ? printType(additionalProperties, indent) : 'unknown'
  const names = Object.keys(properties)
  if (names.length === 0) return additionalProperties === false ? 'Record<string, never>' : `Record<string, ${rest}>`
  const lines = names.map((name) => printProperty(name, properties[name] ?? {}, schema, inner))
  // With named fields beside it an index signature must admit them all; a closed object needs none.
  if (additionalProperties === true || typeof additionalProperties === 'object')
    lines.push(`${inner}[key: string]: unknown\n`)
  return `{\n${lines.join('')}${indent}}`
}

/** Null in place of a field that may be left out says the same; TypeScript leaves it out. @param {Schema} schema @returns {Schema} */
function withoutNull({ type, enum: values, ...rest }) {
  const types = Array.isArray(type) ? type.filter((one) => one !== 'null') : type
  return {
    ...rest,
    ...(types && { type: types }),
    ...(values && { enum: values.filter((value) => value !== null) }),
  }
}

/** @param {string} name @param {Schema} schema @param {Schema} parent @param {string} indent */
function printProperty(name, schema, parent, indent) {
  const required = parent.required?.includes(name)
  const optional = required ? '' : '?'
  const type = printType(required ? schema : withoutNull(schema), indent)
  return `${comment(note(schema), indent)}${indent}${propertyName(name)}${optional}: ${type}\n`
}

/** One schema as a TypeScript type. @param {Schema} schema @param {string} [indent] @returns {string} */
export function printType(schema, indent = '') {
  if (schema.$ref) return pascal(schema.$ref.split('/').pop() ?? '')
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum) return schema.enum.map(literal).join(' | ')
  const choices = schema.oneOf ?? schema.anyOf
  if (choices) return [...new Set(choices.map((choice) => printType(choice, indent)))].join(' | ')
  if (Array.isArray(schema.type)) {
    return [...new Set(schema.type.map((type) => printSingle(type, schema, indent)))].join(' | ')
  }
  if (schema.type) return printSingle(schema.type, schema, indent)
  return schema.properties ? printObject(schema, indent) : 'unknown'
}

/** @param {string} name @param {Schema} schema @param {string | undefined} doc */
function declare(name, schema, doc) {
  const type = printType(schema)
  const body =
    type.startsWith('{') && type.endsWith('}') ? `export interface ${name} ${type}` : `export type ${name} = ${type}`
  return `${comment(doc ?? schema.description, '')}${body}\n`
}

/** A request as clients write it: with its command, and an id if they like. @param {string} command @param {Schema} schema @returns {Schema} */
function requestOf(command, schema) {
  const { cmd, id, ...properties } = schema.properties ?? {}
  const required = (schema.required ?? []).filter((name) => name !== 'cmd' && name !== 'id')
  return {
    type: 'object',
    properties: {
      cmd: { const: command },
      id: { description: 'Any JSON value; the reply repeats it.' },
      ...properties,
    },
    required: ['cmd', ...required],
    additionalProperties: false,
  }
}

/** @param {Schema} schema @returns {Schema} */
function replyOf(schema) {
  const { status, id, ...properties } = schema.properties ?? {}
  const required = (schema.required ?? []).filter((name) => name !== 'status' && name !== 'id')
  return {
    type: 'object',
    properties: { status: { const: 'ok' }, id: { description: "The request's id." }, ...properties },
    required: ['status', ...required],
    additionalProperties: false,
  }
}

/** The whole file. @param {Description} description */
export function printProtocol(description) {
  const parts = ["// Generated by scripts/generate-protocol.mjs from the engine's describe. Do not edit.\n"]
  parts.push("import type { NumberArray } from '../arrays.ts'\n")
  for (const [name, schema] of Object.entries(description.$defs ?? {}))
    parts.push(declare(pascal(name), schema, undefined))
  const commands = Object.entries(description.commands)
  for (const [command, { doc, request, reply }] of commands) {
    parts.push(declare(`${pascal(command)}Request`, requestOf(command, request), doc))
    parts.push(declare(`${pascal(command)}Reply`, replyOf(reply), `What \`${command}\` replies.`))
  }
  const rows = commands.map(([name]) => `  ${name}: { request: ${pascal(name)}Request; reply: ${pascal(name)}Reply }\n`)
  parts.push(
    `/** Every command: what it takes and what it replies. */\nexport interface Commands {\n${rows.join('')}}\n`,
  )
  parts.push('/** The name of a command. */\nexport type CommandName = keyof Commands\n')
  parts.push(...printEvents(description.events ?? {}))
  const codes = description.errors.map(
    ({ code, cause, remedy }) => `  /** ${cause} ${remedy} */\n  ${code}: '${code}'\n`,
  )
  parts.push(
    `/** The engine's error codes: cause and remedy of each. */\nexport interface ErrorCatalogue {\n${codes.join('')}}\n`,
  )
  parts.push("/** One of the engine's error codes. */\nexport type ErrorCode = keyof ErrorCatalogue\n")
  return parts.join('\n')
}

/** Where everything is in the memory of a display. @param {Display} display */
export function printDisplay({ scope_offset, cells }) {
  const rows = Object.entries(cells).map(
    ([name, { type, offset, doc }]) => `${comment(doc, '  ')}  ${name}: { type: ${quote(type)}, offset: ${offset} },\n`,
  )
  return [
    "// Generated by scripts/generate-protocol.mjs from the engine's describe. Do not edit.\n",
    '/** Where the scope begins, in bytes: f32, all of left, then all of right. */',
    `export const displayScopeOffset = ${scope_offset}\n`,
    `/** The cells before it; offsets in bytes. */\nexport const displayCells = {\n${rows.join('')}} as const\n`,
  ].join('\n')
}

/** @param {Record<string, Schema & {doc?: string}>} events */
function printEvents(events) {
  const names = Object.keys(events)
  const declarations = names.map((name) => {
    const schema = events[name] ?? {}
    const { event, ...properties } = schema.properties ?? {}
    const required = ['event', ...(schema.required ?? []).filter((field) => field !== 'event')]
    const full = {
      type: 'object',
      properties: { event: { const: name }, ...properties },
      required,
      additionalProperties: false,
    }
    return declare(`${pascal(name)}Event`, full, schema.doc ?? schema.description)
  })
  const rows = names.map((name) => `  ${name}: ${pascal(name)}Event\n`)
  return [
    ...declarations,
    `/** Every event that \`subscribe\` can ask for. */\nexport interface Events {\n${rows.join('')}}\n`,
  ]
}
