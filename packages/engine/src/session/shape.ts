import { nearestHint } from '../nearest.ts'

/** The keywords of JSON Schema that {@link Shape}s write. */
export type JsonSchema = Record<string, unknown>

/** Where a value is not what it should be: a JSON Pointer from the value on, and a sentence. */
export interface Mismatch {
  path: string
  message: string
}

/**
 * What a value must be, said once: as a check and as JSON Schema (draft 2020-12). `T` only ties a shape to a TypeScript
 * type, so that a field that is missing on either side does not compile.
 */
export interface Shape<T> {
  readonly schema: JsonSchema
  /** The first thing that is wrong, or undefined. */
  check(value: unknown): Mismatch | undefined
  /** Never there at run time. */
  readonly type?: T
}

type Fields<T> = { readonly [K in keyof T]-?: Shape<Exclude<T[K], undefined>> }
type RequiredKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T]

function mismatch(expected: string, value: unknown): Mismatch {
  const received = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 40)
  // JSON would call NaN and the infinities null.
  const shown = typeof value === 'number' ? String(value) : received
  return { path: '', message: `Expected ${expected} but received ${shown}` }
}

/** A key as a part of a JSON Pointer (RFC 6901). */
export function pointer(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function within(key: string | number, wrong: Mismatch): Mismatch {
  return { path: pointer(key) + wrong.path, message: wrong.message }
}

/** Adds a description to the schema. */
export function described<T>(shape: Shape<T>, description: string): Shape<T> {
  return { ...shape, schema: { description, ...shape.schema } }
}

export interface NumberLimits {
  min?: number
  max?: number
  /** Exclusive. */
  above?: number
  integer?: boolean
}

/** A finite number. */
export function number({ min, max, above, integer = false }: NumberLimits = {}): Shape<number> {
  const kind = integer ? 'a whole number' : 'a number'
  const low = above === undefined ? (min === undefined ? '' : ` from ${min}`) : ` above ${above}`
  const high = max === undefined ? '' : `${low ? '' : ' up'} to ${max}`
  const expected = kind + low + high
  const schema: JsonSchema = { type: integer ? 'integer' : 'number' }
  if (min !== undefined) schema.minimum = min
  if (max !== undefined) schema.maximum = max
  if (above !== undefined) schema.exclusiveMinimum = above
  const right = (value: unknown): boolean =>
    typeof value === 'number' &&
    (integer ? Number.isInteger(value) : Number.isFinite(value)) &&
    value >= (min ?? -Infinity) &&
    value <= (max ?? Infinity) &&
    value > (above ?? -Infinity)
  return { schema, check: (value) => (right(value) ? undefined : mismatch(expected, value)) }
}

/** One of some values. */
export function oneOf<const V extends string | number>(...values: V[]): Shape<V> {
  const expected = `one of ${values.join(', ')}`
  const known: readonly unknown[] = values
  return {
    schema: { enum: values },
    check(value) {
      if (known.includes(value)) return undefined
      const wrong = mismatch(expected, value)
      if (typeof value === 'string') wrong.message += nearestHint(value, values.map(String))
      return wrong
    },
  }
}

/** A text of at least `minLength` characters; `pattern` is a regular expression for the whole of it, `means` says it in words. */
export function text(minLength = 0, pattern?: { matches: RegExp; means: string }): Shape<string> {
  const schema: JsonSchema = { type: 'string' }
  if (minLength > 0) schema.minLength = minLength
  if (pattern) schema.pattern = pattern.matches.source
  const expected = pattern?.means ?? (minLength > 0 ? 'a text that is not empty' : 'a text')
  const right = (value: unknown) =>
    typeof value === 'string' && value.length >= minLength && (pattern?.matches.test(value) ?? true)
  return { schema, check: (value) => (right(value) ? undefined : mismatch(expected, value)) }
}

export const flag: Shape<boolean> = {
  schema: { type: 'boolean' },
  check: (value) => (typeof value === 'boolean' ? undefined : mismatch('true or false', value)),
}

export function list<T>(item: Shape<T>): Shape<T[]> {
  return {
    schema: { type: 'array', items: item.schema },
    check(value) {
      if (!Array.isArray(value)) return mismatch('a list', value)
      for (let index = 0; index < value.length; index++) {
        const wrong = item.check(value[index])
        if (wrong) return within(index, wrong)
      }
      return undefined
    },
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object of any keys. */
export function record<T>(item: Shape<T>): Shape<Record<string, T>> {
  return {
    schema: { type: 'object', additionalProperties: item.schema },
    check(value) {
      if (!isObject(value)) return mismatch('an object', value)
      for (const key of Object.keys(value)) {
        const wrong = item.check(value[key])
        if (wrong) return within(key, wrong)
      }
      return undefined
    },
  }
}

/** An object of the fields given and, unless `open`, no others. A field that is undefined counts as left out. */
export function object<T>(fields: Fields<T>, required: readonly RequiredKeys<T>[], open = false): Shape<T> {
  const shapes: Record<string, Shape<unknown>> = fields
  const names = Object.keys(shapes)
  const properties = Object.fromEntries(names.map((name) => [name, shapes[name]?.schema]))
  const schema: JsonSchema = { type: 'object', properties }
  if (required.length > 0) schema.required = required
  if (!open) schema.additionalProperties = false
  return {
    schema,
    check(value) {
      if (!isObject(value)) return mismatch('an object', value)
      for (const key of Object.keys(value)) {
        const item = value[key]
        if (item === undefined) continue
        const shape = Object.hasOwn(shapes, key) ? shapes[key] : undefined
        if (!shape && open) continue
        const wrong = shape ? shape.check(item) : { path: '', message: unknownField(key, names) }
        if (wrong) return within(key, wrong)
      }
      for (const name of required) {
        if (value[name as string] === undefined)
          return within(name as string, shapes[name as string]?.check(undefined) ?? mismatch('a value', undefined))
      }
      return undefined
    },
  }
}

function unknownField(key: string, names: readonly string[]): string {
  return `Expected one of the fields ${names.join(', ')} but received '${key}'${nearestHint(key, names)}`
}

/** One of two shapes, told apart by the JavaScript type of the first. */
export function either<A, B>(type: 'string' | 'number', first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return {
    schema: { anyOf: [first.schema, second.schema] },
    check: (value) => (typeof value === type ? first.check(value) : second.check(value)),
  }
}
