// @ts-check
// What values mean something: those that the documented examples and the engine's own replies have under each key. With them
// a made-up request names nodes, ports and files that are there, and gets past the first check.
import { fromJson, Members } from './tree.mjs'

/** @typedef {import('./tree.mjs').Tree} Tree */

/** What could lead out of the folder in which the requests run. @param {unknown} value */
const leadsElsewhere = (value) => typeof value === 'string' && /^[/\\~]|\.\.|^\w:/.test(value)

/** The kinds of key that name the same things: from_node, to_node and node_id all name nodes. */
const kinds = ['node', 'port', 'param', 'plugin', 'library', 'event', 'device']

/** @param {string} key */
function kindOf(key) {
  return kinds.find((kind) => key.includes(kind)) ?? key
}

export class Vocabulary {
  /** @type {Map<string, Map<string, Tree>>} */
  #values = new Map()

  /** @param {string} key @param {unknown} value */
  add(key, value) {
    if (leadsElsewhere(value)) return
    const kind = kindOf(key)
    const known = this.#values.get(kind) ?? new Map()
    this.#values.set(kind, known)
    const text = JSON.stringify(value)
    if (known.size < 200 && text.length < 20_000) known.set(text, fromJson(value))
  }

  /** Takes all that stands in a document, by key. @param {unknown} document @param {string} [key] */
  learn(document, key) {
    if (Array.isArray(document)) {
      for (const item of document) this.learn(item, key)
    } else if (typeof document === 'object' && document !== null) {
      for (const [name, value] of Object.entries(document)) {
        this.add(name, value)
        this.add('keys', name)
        this.learn(value, name)
      }
    } else if (key !== undefined) {
      this.add(key, document)
    }
  }

  /** Values that are known under a key, or under keys of its kind. @param {string} key @returns {Tree[]} */
  of(key) {
    return [...(this.#values.get(kindOf(key))?.values() ?? [])].map(copy)
  }

  /** Names that objects have. @returns {string[]} */
  keys() {
    return /** @type {string[]} */ (this.of('keys'))
  }
}

/** @param {Tree} tree @returns {Tree} */
function copy(tree) {
  if (Array.isArray(tree)) return tree.map(copy)
  if (tree instanceof Members) return new Members(tree.list.map(([key, value]) => [key, copy(value)]))
  return tree
}
