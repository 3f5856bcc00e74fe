// @ts-check
// How the search reads pages and cuts text into words. VitePress sends `tokenize` and `boostDocument` to the browser as text, so each
// stands for itself.

/** `set_graph` and `loadPluginLibrary` are words, and so are their parts. @param {string} text */
export function tokenize(text) {
  return text.split(/[^\p{L}\p{N}_]+/u).flatMap((word) => {
    const parts = word.split(/_+|(?<=[a-z0-9])(?=[A-Z])/).filter(Boolean)
    return parts.length > 1 ? [word, ...parts] : parts
  })
}

/** What is called as what is looked for comes first; the guide before the reference, and the types of fields last. @param {string} id @param {string} term */
export function boostDocument(id, term) {
  const name = id.toLowerCase().replace(/^.*[/#-]/, '')
  const isFields = /^\/ts\/.*\/(interfaces|type-aliases|variables)\//.test(id)
  return (name === term.toLowerCase() ? 20 : 1) * (id.startsWith('/guide/') ? 2 : 1) * (isFields ? 0.3 : 1)
}

/** A page as the search reads it: colours of code would cost more time than all else. @param {string} source @param {any} env @param {any} markdown */
export function renderForSearch(source, env, markdown) {
  const highlight = markdown.options.highlight
  markdown.options.highlight = (/** @type {string} */ code) =>
    `<pre><code>${markdown.utils.escapeHtml(code)}</code></pre>`
  const html = markdown.render(source, env)
  markdown.options.highlight = highlight
  return html
}
