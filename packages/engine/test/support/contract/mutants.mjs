// @ts-check
// Requests that are nearly right: examples and made-up requests, with something changed, and texts with some characters
// damaged.
import { fromJson, Literal, Members, objects, places, print, removeAt, replaceAt, valueAt } from './tree.mjs'

/** @typedef {import('./tree.mjs').Tree} Tree */
/** @typedef {import('./tree.mjs').Place} Place */
/** @typedef {import('./grammar.mjs').Grammar} Grammar */
/** @typedef {import('./grammar.mjs').Schema} Schema */
/**
 * @typedef {object} Command
 * @property {string} doc
 * @property {Schema} request
 * @property {Schema} reply
 * @property {{ request: unknown, needs: unknown[], files: string[] }[]} examples
 */

/**
 * What would only take long: a render's length is kept at or below these, or out of range. A length of 0, to the last event,
 * is as long as an earlier request made the schedule; the documented examples have it.
 * @type {Record<string, Record<string, number>>}
 */
const bounds = { render: { duration_beats: 0.25, tail_seconds: 0.1, sample_rate: 96_000 } }
const mayNotBeZero = new Set(['duration_beats'])

const ids = [0, 'a', null, [1], { b: [true, {}] }, '', '__proto__', -1.5]

/** @param {Tree | undefined} value */
const numberOf = (value) =>
  value instanceof Literal ? Number(value.text) : typeof value === 'number' ? value : Number.NaN

/** Holds requests, also those inside of others, within their bounds. @param {Tree} tree @param {Record<string, Command>} commands */
export function tame(tree, commands) {
  for (const object of objects(tree)) {
    const name = object.get('cmd')
    if (typeof name !== 'string' || !Object.hasOwn(bounds, name)) continue
    for (const [field, most] of Object.entries(bounds[name] ?? {})) {
      const value = numberOf(object.get(field))
      const { maximum = Infinity } = commands[name]?.request.properties?.[field] ?? {}
      const isMissing = object.get(field) === undefined || value === 0
      if ((isMissing && mayNotBeZero.has(field)) || (value > most && value <= maximum)) object.set(field, most)
    }
  }
}

/** @typedef {(grammar: Grammar, root: Members, place: Place) => void} Change */

/** Something other in a value's place. @type {Change[]} */
const changes = [
  (grammar, _, place) => replaceAt(place, grammar.any()),
  (grammar, _, place) => replaceAt(place, grammar.oddNumber()),
  (grammar, _, place) => replaceAt(place, grammar.oddText()),
  (_, __, place) => replaceAt(place, String(numberOf(valueAt(place)))),
  (_, __, place) => removeAt(place),
  (_, __, place) => replaceAt(place, [valueAt(place)]),
  // Another value that is right somewhere in the same request.
  (grammar, root, place) => replaceAt(place, fromJson(JSON.parse(jsonOf(valueAt(grammar.random.pick(places(root))))))),
  (grammar, root) =>
    grammar.random.pick(objects(root)).list.push([grammar.random.pick(grammar.vocabulary.keys()), grammar.any()]),
  (grammar, root) => grammar.random.pick(objects(root)).list.push([String(grammar.oddText()), grammar.any()]),
  // Once more what is there.
  (_, __, { container, index }) => {
    if (Array.isArray(container)) container.push(/** @type {Tree} */ (container[index]))
    else container.list.push(/** @type {[string, Tree]} */ (container.list[index]))
  },
  // A slip of the pen in a key or a text.
  (grammar, _, place) => {
    const { container, index } = place
    const entry = container instanceof Members ? container.list[index] : undefined
    if (entry && grammar.random.chance(0.5)) entry[0] = misspelled(grammar, entry[0])
    else replaceAt(place, misspelled(grammar, String(valueAt(place))))
  },
]

/** Seldom, for they are large. @type {Change[]} */
const excesses = [
  (grammar, _, place) => replaceAt(place, 'y'.repeat(10 ** (3 + grammar.random.below(3)))),
  (grammar, _, place) => replaceAt(place, nested(grammar.random.pick([50, 1000, 1100, 20_000]))),
  (_, __, { container, index }) => {
    if (!Array.isArray(container)) return
    for (let count = 0; count < 300; count++) container.push(/** @type {Tree} */ (container[index]))
  },
  // Were each key compared with all before it, this would take longer than a reply may.
  ({ random }, root) => {
    const { list } = random.pick(objects(root))
    for (let count = 0; count < 30_000; count++) list.push([`p${count}`, 1])
  },
]

/** Text without numbers that JavaScript reads otherwise. @param {Tree} tree */
function jsonOf(tree) {
  const text = print(tree)
  return text.length < 1000 ? text : 'null'
}

/** @param {number} depth */
const nested = (depth) => new Literal('['.repeat(depth) + ']'.repeat(depth))

/** @param {Grammar} grammar @param {string} word */
function misspelled({ random }, word) {
  const at = random.below(word.length + 1)
  return random.pick([
    word.slice(0, at) + word.slice(at + 1),
    `${word.slice(0, at)}x${word.slice(at)}`,
    word.slice(0, at) +
      word
        .slice(at, at + 2)
        .split('')
        .reverse()
        .join('') +
      word.slice(at + 2),
    word.toUpperCase(),
    ` ${word}`,
  ])
}

export class Mutants {
  /** @param {Record<string, Command>} commands @param {Grammar} grammar */
  constructor(commands, grammar) {
    this.commands = commands
    this.names = Object.keys(commands)
    this.grammar = grammar
  }

  /** The text of a request that begins as one of this command. @param {string} name @returns {string} */
  make(name) {
    const { random } = this.grammar
    const root = this.#request(name)
    if (random.chance(0.2)) return this.#damaged(print(root))
    // The command itself stays, so that the request gets as far as its command.
    const open = () =>
      places(root).filter(({ container, index }) => container !== root || root.list[index]?.[0] !== 'cmd')
    for (let count = random.pick([0, 1, 1, 1, 2, 3]); count > 0 && open().length > 0; count--)
      random.pick(random.chance(0.03) ? excesses : changes)(this.grammar, root, random.pick(open()))
    tame(root, this.commands)
    return print(root)
  }

  /** A request that may well be right. @param {string} name @returns {Members} */
  #request(name) {
    const { random } = this.grammar
    const { request, examples } = /** @type {Command} */ (this.commands[name])
    const root =
      examples.length > 0 && random.chance(0.4)
        ? /** @type {Members} */ (fromJson(random.pick(examples).request))
        : new Members([['cmd', name], ...this.grammar.object(request).list])
    if (random.chance(0.3)) root.set('id', fromJson(random.pick(ids)))
    tame(root, this.commands)
    return root
  }

  /** @param {string} text */
  #damaged(text) {
    let damaged = text
    for (let count = 1 + this.grammar.random.below(3); count > 0; count--) damaged = this.#damagedOnce(damaged)
    return this.#takesLong(damaged) ? text : damaged
  }

  /** @param {string} text */
  #damagedOnce(text) {
    const { random } = this.grammar
    const [one, other] = [random.below(text.length + 1), random.below(text.length + 1)]
    const [from, to] = [Math.min(one, other), Math.max(one, other)]
    const sign = random.pick([
      ...'{}[],:"\\/0123456789.-+eE \n\t',
      '\u0000',
      '\u001f',
      '\u007f',
      '\ud83c',
      '\uffff',
      'null',
    ])
    return random.pick([
      text.slice(0, from),
      text.slice(0, from) + text.slice(from + 1),
      text.slice(0, from) + sign + text.slice(from),
      text.slice(0, from) + sign + text.slice(from + 1),
      text.slice(0, from) + text.slice(to),
      text.slice(0, to) + text.slice(from),
      text + sign,
      sign + text,
    ])
  }

  /** A damaged number may be a long render. @param {string} text */
  #takesLong(text) {
    try {
      const tree = fromJson(JSON.parse(text))
      const before = print(tree)
      tame(tree, this.commands)
      return print(tree) !== before
    } catch {
      return false
    }
  }
}
