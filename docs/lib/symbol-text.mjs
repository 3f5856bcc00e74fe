// @ts-check
// A symbol's comment as Markdown: names become links, thread tags become badges.
import { escaped } from './markdown.mjs'

/** @typedef {import('./symbols.mjs').Symbol} Symbol */

const tags = /\[(audio|control|any)\]/g
const titles = {
  audio: 'Runs on the processing thread',
  control: 'Runs on any thread but the processing one, one call at a time for an instance',
  any: 'Runs on any thread',
}

/** @param {string} kind @param {string} text @param {string} title */
const badge = (kind, text, title) => `<span class="tag ${kind}" title="${title}">${text}</span>`

/** The threads and the real-time rule of a symbol. @param {Symbol} symbol */
export function badges({ doc, ours, kind }) {
  const named = new Set([...doc.matchAll(tags)].map(([, name]) => name))
  if (/\bany thread\b/i.test(doc)) named.add('any')
  // `unlike other [control] functions also while process runs`: from there it may be called at any time.
  const threads = /** @type {const} */ (['audio', 'control', 'any']).filter((name) => named.has(name))
  const safe = named.has('audio') || /real-time safe/i.test(doc)
  const isCalled = ours && kind !== 'struct'
  return [
    ...threads.map((name) => badge(name, name, titles[name])),
    ...(safe
      ? [
          isCalled
            ? badge(
                'real-time',
                'must be real-time safe',
                'What a plugin writes here allocates, locks and waits for nothing',
              )
            : badge('real-time', 'real-time safe', 'Allocates, locks and waits for nothing'),
        ]
      : []),
  ].join(' ')
}

/** @param {string} text */
const withoutTags = (text) =>
  text
    // At the start of a comment or a sentence it says nothing that the badge does not.
    .replace(
      /(^|\. )\[(?:audio|control|any)\](?:, | and |\s|$)(\w?)/g,
      (_, before, letter) => before + letter.toUpperCase(),
    )
    .replace(tags, '`$1`')

/**
 * @param {string} doc
 * @param {(name: string) => string | undefined} find the address of a symbol
 */
export function proseOf(doc, find) {
  const linked = (/** @type {string} */ code) => {
    const address = find(code.replace(/\(\)$/, ''))
    return address ? `[\`${code}\`](${address})` : `\`${code}\``
  }
  const bare = (/** @type {string} */ text) =>
    text.replace(/(?<![`\w.])((?:arr|ARR)_\w+(?:\.\w+)?|Plugin::\w+|PluginInfo::\w+|Hint::\w+)(?!\w|`)/g, (name) =>
      find(name) ? `\`${name}\`` : name,
    )
  const out = []
  let isCode = false
  let isList = false
  for (const line of withoutTags(doc).split('\n')) {
    if (/^\s*- /.test(line)) isList = true
    else if (line.trim() === '') isList = false
    const code = /^ {2,}\S/.test(line) && !isList
    if (code !== isCode) out.push(code ? '\n```cpp' : '```\n')
    isCode = code
    out.push(code ? line.slice(2) : escaped(bare(line), linked))
  }
  if (isCode) out.push('```')
  return out.join('\n')
}

/** On one line, for a table. @param {string} doc @param {(name: string) => string | undefined} find */
export const lineOf = (doc, find) => proseOf(doc.replace(/\n\s*/g, ' '), find).trim()
