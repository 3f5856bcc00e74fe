// @ts-check
// How the search cuts text into words. VitePress sends both functions to the browser as text, so each stands for itself.

/** `set_graph` and `loadPluginLibrary` are words, and so are their parts. @param {string} text */
export function tokenize(text) {
  return text.split(/[^\p{L}\p{N}_]+/u).flatMap((word) => {
    const parts = word.split(/_+|(?<=[a-z0-9])(?=[A-Z])/).filter(Boolean)
    return parts.length > 1 ? [word, ...parts] : parts
  })
}

/** A page that is called as what is looked for comes first. @param {string} id @param {string} term */
export function boostDocument(id, term) {
  const name = id.toLowerCase().replace(/^.*[/#-]/, '')
  return name === term.toLowerCase() ? 20 : 1
}
