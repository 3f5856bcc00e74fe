// @ts-check
// What a declaration says without a comment of its own, and the check that all others have one.
/** @typedef {import('./symbols.mjs').Symbol} Symbol */

/** Of any struct of the ABI. @type {Record<string, string>} */
const alike = {
  struct_size: 'The size of this struct as its writer knows it, in bytes: `sizeof`.',
  reserved: 'Zero.',
}

/** @param {Symbol[]} symbols @returns {Map<string, string>} the comments of types and constants by their names */
function commentsByName(symbols) {
  const found = new Map(symbols.map(({ name, doc }) => [name, doc]))
  for (const [index, symbol] of symbols.entries()) {
    if (symbol.kind !== 'enum') continue
    for (const { name, doc } of symbol.members) found.set(name, doc)
    // The ABI's enums stand right below their typedefs.
    const above = symbols[index - 1]
    if (!symbol.doc && above?.kind === 'typedef') symbol.doc = above.doc
    const first = symbol.members[0]?.signature.match(/= (ARR_\w+)$/)?.[1]
    if (symbol.doc || !first) continue
    const original = symbols.find(({ members }) => members.some(({ name }) => name === first))
    symbol.doc = original?.doc ?? ''
    found.set(symbol.name, symbol.doc)
  }
  return found
}

/** Fills in the comments that follow from others: constants given another name, fields whose type says it all. @param {Symbol[]} symbols */
export function inferComments(symbols) {
  const comments = commentsByName(symbols)
  const infer = (/** @type {Symbol} */ symbol, /** @type {Symbol} */ owner) => {
    if (symbol.doc) return
    const constant = symbol.kind === 'enumerator' ? symbol.signature.match(/= (\w+)$/)?.[1] : undefined
    const type = symbol.kind === 'variable' ? symbol.signature.match(/^(?:arr_\w+|[A-Z]\w+)(?= \w+)/)?.[0] : undefined
    // A constructor makes what its class is.
    if (symbol.name === owner.name) symbol.doc = `Makes a ${owner.name}.`
    else symbol.doc = alike[symbol.name] ?? comments.get(constant ?? type ?? '') ?? ''
  }
  for (const symbol of symbols)
    for (const member of symbol.members) {
      infer(member, symbol)
      for (const value of member.members) infer(value, member)
    }
}

/** @param {Symbol[]} symbols @returns {string[]} what has no comment, each with its place */
export function undocumented(symbols) {
  /** @type {(symbol: Symbol, scope?: string) => string[]} */
  const see = (symbol, scope = '') => [
    ...(symbol.doc ? [] : [`${symbol.header}:${symbol.line}: ${scope}${symbol.name} has no comment`]),
    ...symbol.members.flatMap((member) => see(member, `${scope}${symbol.name}::`)),
  ]
  return symbols.flatMap((symbol) => see(symbol))
}
