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
