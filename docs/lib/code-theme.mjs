// @ts-check
// The colours of code, as variables of the page's style sheet: one pass over the code serves light and dark.

const scopes = {
  comment: ['comment', 'punctuation.definition.comment'],
  keyword: ['keyword', 'storage', 'keyword.control', 'punctuation.definition.directive'],
  string: ['string', 'string.quoted', 'punctuation.definition.string', 'constant.other.symbol'],
  number: ['constant', 'constant.numeric', 'constant.language', 'support.constant'],
  function: ['entity.name.function', 'support.function', 'meta.function-call entity.name'],
  type: [
    'entity.name.type',
    'support.type',
    'entity.name.class',
    'entity.name.tag',
    'support.class',
    'storage.type.primitive',
  ],
  name: ['variable.parameter', 'support.type.property-name', 'entity.other.attribute-name', 'entity.name.section'],
}

export const codeTheme = {
  name: 'arranger',
  type: /** @type {const} */ ('light'),
  colors: { 'editor.foreground': 'var(--code-text)', 'editor.background': 'var(--vp-code-block-bg)' },
  fg: 'var(--code-text)',
  bg: 'var(--vp-code-block-bg)',
  settings: Object.entries(scopes).map(([name, scope]) => ({ scope, settings: { foreground: `var(--code-${name})` } })),
}

/** The same piece of code is coloured once, not for each page and each of its two renderings. @param {any} markdown */
export function colourOnce({ options }) {
  const colour = options.highlight
  /** @type {Map<string, string>} */
  const known = new Map()
  options.highlight = (/** @type {string[]} */ ...piece) => {
    const key = piece.join('\0')
    const found = known.get(key) ?? colour(...piece)
    known.set(key, found)
    return found
  }
}
