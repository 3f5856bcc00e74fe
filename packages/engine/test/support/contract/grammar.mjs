// @ts-check
// Values made from JSON Schemas: mostly right, often at a boundary, sometimes hostile.
import { Literal, Members } from './tree.mjs'

/** @typedef {import('./tree.mjs').Tree} Tree */
/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {import('./vocabulary.mjs').Vocabulary} Vocabulary */
/**
 * @typedef {object} Schema
 * @property {string | string[]} [type]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {boolean | Schema} [additionalProperties]
 * @property {Schema} [items]
 * @property {unknown[]} [enum]
 * @property {Schema[]} [anyOf]
 * @property {unknown} [default]
 * @property {number} [minimum]
 * @property {number} [maximum]
 */

/** Numbers that JSON can spell, and that are seldom meant. */
const oddNumbers = [
  ...['0', '-0', '-0.0', '1', '-1', '0.5', '1.0', '1e0', '1E+2', '2147483647', '2147483648', '-2147483649'],
  ...['4294967296', '9007199254740992', '9007199254740993', '-9007199254740993', '9223372036854775808'],
  ...['18446744073709551616', '123456789012345678901234567890', '1e17', '1e18', '1e308', '-1e308', '1e309', '1e400'],
  ...['-1e400', '5e-324', '1e-400', '0.1', '127.5', '128', '-0.0001', '16384', '3.4028236e38'],
]

/** Texts that are names of nothing, or of the wrong thing. Letters and signs of all lengths in UTF-8. */
const oddTexts = [
  ...['', ' ', '~', 'a/b', 'm~n', '~0~1', '"', '\\', '\n', '\t\r', 'é', '日本語', '🎵', '\u0000', 'a\u0000b'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'true', '0', '-1', 'NaN', '%s%n', '{}', '$ref'],
  ...['\u202e', '\ufeff', '\uffff', '\ud800', '\udc00', '\ud83c', 'x'.repeat(300), 'é'.repeat(5000), 'cmd', 'id'],
]

export class Grammar {
  /** @param {Random} random @param {Vocabulary} vocabulary */
  constructor(random, vocabulary) {
    this.random = random
    this.vocabulary = vocabulary
  }

  /** A value for a field. @param {Schema} schema @param {string} key The field's name. @param {number} [depth] @returns {Tree} */
  value(schema, key, depth = 0) {
    const { random } = this
    if (schema.anyOf) return this.value(random.pick(schema.anyOf), key, depth)
    if (schema.enum) return /** @type {Tree} */ (random.chance(0.95) ? random.pick(schema.enum) : this.text(key))
    const types = [schema.type ?? []].flat()
    const type =
      types.length > 1 && types.includes('null') ? this.#notNull(types) : random.pick(types.length ? types : [''])
    switch (type) {
      case 'object':
        return this.object(schema, depth)
      case 'array':
        return this.#list(schema.items ?? {}, key, depth)
      case 'string':
        return this.text(key)
      case 'boolean':
        return random.chance(0.5)
      case 'null':
        return null
      case 'number':
      case 'integer':
        return this.number(schema, key)
      default:
        return this.#known(key, () => true) ?? this.any()
    }
  }

  /** @param {string[]} types */
  #notNull(types) {
    return this.random.chance(0.05) ? 'null' : this.random.pick(types.filter((type) => type !== 'null'))
  }

  /** A value that is known under this key. @param {string} key @param {(value: Tree) => boolean} fits @returns {Tree | undefined} */
  #known(key, fits) {
    if (!this.random.chance(0.8)) return undefined
    const values = this.vocabulary.of(key).filter(fits)
    return values.length > 0 ? this.random.pick(values) : undefined
  }

  /** @param {Schema} schema @param {number} [depth] @returns {Members} */
  object({ properties = {}, required = [], additionalProperties }, depth = 0) {
    const { random } = this
    const chosen = Object.entries(properties).filter(([key]) => required.includes(key) || random.chance(0.4))
    const members = new Members(chosen.map(([key, schema]) => [key, this.value(schema, key, depth + 1)]))
    if (typeof additionalProperties === 'object') {
      for (let count = random.below(4); count > 0; count--) {
        const key = random.pick(this.vocabulary.keys())
        members.set(key, this.value(additionalProperties, key, depth + 1))
      }
    }
    return members
  }

  /** @param {Schema} items @param {string} key @param {number} depth */
  #list(items, key, depth) {
    const known = depth < 2 && items.properties ? this.#known(key, Array.isArray) : undefined
    if (known !== undefined) return known
    return Array.from({ length: this.random.below(depth > 2 ? 2 : 4) }, () => this.value(items, key, depth + 1))
  }

  /** @param {string} key @returns {string} */
  text(key) {
    const known = this.#known(key, (value) => typeof value === 'string')
    if (typeof known === 'string') return known
    return this.random.chance(0.5) ? this.random.pick(this.vocabulary.keys()) : this.random.pick(oddTexts)
  }

  /** @param {Schema} schema @param {string} key @returns {Tree} */
  number({ type, minimum, maximum, default: standard }, key) {
    const { random } = this
    const known = this.#known(key, (value) => typeof value === 'number')
    if (known !== undefined && random.chance(0.5)) return known
    const low = minimum ?? -2
    const high = maximum ?? Math.max(low, 2)
    const whole = [type].flat().includes('integer')
    const within = low + random.next() * Math.min(high - low, 1000)
    const choices = [whole ? Math.round(within) : within, whole ? Math.round(within) : within, low, high]
    if (random.chance(0.15)) return this.oddNumber()
    if (random.chance(0.15)) return random.pick([low - 1, high + 1, low - 1e-9, high * 1.0000001, low + 0.5])
    return typeof standard === 'number' ? random.pick([...choices, standard]) : random.pick(choices)
  }

  oddNumber() {
    return new Literal(this.random.pick(oddNumbers))
  }

  oddText() {
    return this.random.pick(oddTexts)
  }

  /** Any JSON at all. @param {number} [depth] @returns {Tree} */
  any(depth = 0) {
    const { random } = this
    const kind = random.below(depth > 3 ? 5 : 7)
    if (kind === 0) return null
    if (kind === 1) return random.chance(0.5)
    if (kind === 2) return this.oddNumber()
    if (kind < 5) return random.chance(0.5) ? this.oddText() : random.pick(this.vocabulary.keys())
    const values = Array.from({ length: random.below(4) }, () => this.any(depth + 1))
    return kind === 5 ? values : new Members(values.map((value) => [random.pick(this.vocabulary.keys()), value]))
  }
}
