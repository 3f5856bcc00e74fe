// @ts-check
// JSON as a tree that can also hold what JavaScript's values cannot: keys given twice, and numbers as they are spelled.

/** An object; its keys may be anything and may repeat. */
export class Members {
  /** @param {[string, Tree][]} list */
  constructor(list) {
    this.list = list
  }
  /** @param {string} key @returns {Tree | undefined} */
  get(key) {
    return this.list.find(([name]) => name === key)?.[1]
  }
  /** @param {string} key @param {Tree} value */
  set(key, value) {
    const entry = this.list.find(([name]) => name === key)
    if (entry) entry[1] = value
    else this.list.push([key, value])
  }
}

/** Text that stands in the JSON as it is. */
export class Literal {
  /** @param {string} text */
  constructor(text) {
    this.text = text
  }
}

/** @typedef {null | boolean | number | string | Literal | Members | Tree[]} Tree */

/** @param {unknown} value Of JSON.parse. @returns {Tree} */
export function fromJson(value) {
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value === 'object' && value !== null)
    return new Members(Object.entries(value).map(([key, item]) => [key, fromJson(item)]))
  return /** @type {Tree} */ (value)
}

/** @param {Tree} tree @returns {string} */
export function print(tree) {
  if (tree instanceof Literal) return tree.text
  if (Array.isArray(tree)) return `[${tree.map(print).join(',')}]`
  if (tree instanceof Members)
    return `{${tree.list.map(([key, value]) => `${JSON.stringify(key)}:${print(value)}`).join(',')}}`
  return JSON.stringify(tree)
}

/** A value in its container, to be replaced or taken out. @typedef {{ container: Members | Tree[], index: number }} Place */

/** Every value below the root. @param {Tree} tree @returns {Place[]} */
export function places(tree) {
  if (tree instanceof Members)
    return tree.list.flatMap(([, value], index) => [{ container: tree, index }, ...places(value)])
  if (Array.isArray(tree)) return tree.flatMap((value, index) => [{ container: tree, index }, ...places(value)])
  return []
}

/** All objects of a tree, the root among them. @param {Tree} tree @returns {Members[]} */
export function objects(tree) {
  if (tree instanceof Members) return [tree, ...tree.list.flatMap(([, value]) => objects(value))]
  return Array.isArray(tree) ? tree.flatMap(objects) : []
}

/** @param {Place} place @returns {Tree} */
export function valueAt({ container, index }) {
  return /** @type {Tree} */ (container instanceof Members ? container.list[index]?.[1] : container[index])
}

/** @param {Place} place @param {Tree} value */
export function replaceAt({ container, index }, value) {
  if (container instanceof Members) {
    const entry = container.list[index]
    if (entry) entry[1] = value
  } else {
    container[index] = value
  }
}

/** @param {Place} place */
export function removeAt({ container, index }) {
  const list = container instanceof Members ? container.list : container
  list.splice(index, 1)
}
