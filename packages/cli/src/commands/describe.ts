import type { Command } from 'commander'
import { CliError } from '../failure.ts'
import { output, type Palette, paletteFor } from '../terminal.ts'
import { nearest, table } from '../text.ts'

export function configure(command: Command): void {
  command
    .argument('[command]', 'one command of the engine, such as set_graph; without it, everything is printed as JSON')
    .option('--json', 'print the JSON Schemas of the command in place of a summary')
    .action((name: string | undefined, { json }: { json?: boolean }) => describe(name, json === true))
}

/** The part of JSON Schema that the engine's `describe` uses. */
interface Schema {
  type?: string | string[]
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: unknown[]
  const?: unknown
  oneOf?: Schema[]
  anyOf?: Schema[]
  $ref?: string
  default?: unknown
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

interface CommandDescription {
  doc?: string
  request: Schema
  reply: Schema
  examples?: { doc: string; request: unknown; needs: unknown[]; files: string[] }[]
}

async function describe(name: string | undefined, json: boolean): Promise<void> {
  const { ask } = await import('../ask.ts')
  const reply = ask('describe')
  if (name === undefined) return output(`${JSON.stringify(reply, null, 2)}\n`)
  const commands = reply.commands as Record<string, CommandDescription>
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!found) {
    const near = nearest(name, Object.keys(commands))
    throw new CliError(
      'not_found',
      `The engine has no command '${name}'${near ? `; nearest is '${near}'` : ''}`,
      `it has ${Object.keys(commands).join(', ')}`,
    )
  }
  if (json) return output(`${JSON.stringify({ status: 'ok', command: name, ...found }, null, 2)}\n`)
  await output(`${summaryOf(name, found, paletteFor(process.stdout)).join('\n')}\n`)
}

/** A type in a few words: `string`, `number 1..999`, `"wav" | "flac"`, `[Node]`. */
export function typeOf(schema: Schema): string {
  const { $ref, enum: values, items, oneOf, anyOf } = schema
  if ($ref) return $ref.split('/').pop() ?? 'any'
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ')
  const choices = oneOf ?? anyOf
  if (choices) return choices.map(typeOf).join(' | ')
  if (schema.type === 'array') return `[${items ? typeOf(items) : 'any'}]`
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any')
  return [type, rangeOf(schema)].filter(Boolean).join(' ')
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const low = minimum ?? exclusiveMinimum
  const high = maximum ?? exclusiveMaximum
  if (low === undefined && high === undefined) return ''
  if (high === undefined) return exclusiveMinimum === undefined ? `≥ ${low}` : `> ${low}`
  if (low === undefined) return exclusiveMaximum === undefined ? `≤ ${high}` : `< ${high}`
  return `${low}..${high}${exclusiveMinimum === undefined && exclusiveMaximum === undefined ? '' : ' (exclusive)'}`
}

/** One row a field: name, type, default, meaning. The fields of objects follow, indented. */
function rowsOf({ properties = {}, required = [] }: Schema, hidden: readonly string[], indent = '  '): string[][] {
  return Object.entries(properties)
    .filter(([field]) => !hidden.includes(field))
    .flatMap(([field, schema]) => {
      const { default: value, description = '', items } = schema
      const optional = required.includes(field) ? '' : 'optional'
      const row = [
        indent + field,
        typeOf(schema),
        value === undefined ? optional : `= ${JSON.stringify(value)}`,
        description,
      ]
      return [row, ...rowsOf(items ?? schema, [], `${indent}  `)]
    })
}

function fieldsOf(schema: Schema, hidden: readonly string[]): string[] {
  const rows = rowsOf(schema, hidden)
  return rows.length === 0 ? ['  –'] : table(rows).split('\n')
}

function summaryOf(
  name: string,
  { doc, request, reply, examples = [] }: CommandDescription,
  { bold, dim }: Palette,
): string[] {
  return [
    `${bold(name)}${doc ? `  ${doc}` : ''}`,
    '',
    bold('Request'),
    ...fieldsOf(request, ['cmd', 'id']),
    '',
    bold('Reply'),
    ...fieldsOf(reply, ['status', 'id']),
    '',
    ...examples.flatMap(({ doc, request, needs, files }) => [
      `${bold('Example')}${doc ? `  ${doc}` : ''}`,
      ...files.map((file) => dim(`  with the file ${file}`)),
      ...needs.map((need) => dim(`  ${JSON.stringify(need)}`)),
      `  ${JSON.stringify(request)}`,
      '',
    ]),
    dim('Every request may carry an id, which its reply repeats.'),
  ]
}
