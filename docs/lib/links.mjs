// @ts-check
// Step: every link of the finished site leads to something: a page, a place in it, a file. VitePress itself looks at pages only.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { site } from './paths.mjs'

/** TypeDoc has checked its own. */
const others = /^typedoc\//

/** @param {string} file @returns {string} its address */
const addressOf = (file) => `/${file.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, '')}`

const decoded = (/** @type {string} */ text) => decodeURIComponent(text.replace(/&amp;/g, '&'))

export async function linksStep() {
  const files = readdirSync(site, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'))
  const pages = files.filter((name) => name.endsWith('.html') && !others.test(name))
  const texts = new Map(pages.map((name) => [addressOf(name), readFileSync(join(site, name), 'utf8')]))
  const ids = new Map(
    [...texts].map(([address, text]) => [
      address,
      new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => decoded(id ?? ''))),
    ]),
  )
  const faults = new Set()
  let count = 0
  for (const [address, text] of texts) {
    for (const [, tag, link = ''] of text.matchAll(/<(\w+)\b[^>]*? (?:href|src)="([^"]*)"/g)) {
      if (link === '' || link.startsWith('data:')) continue
      if (/^(https?:)?\/\//.test(link)) {
        // A link may leave the site; what a page is made of may not.
        if (tag !== 'a') faults.add(`${address} loads ${link}`)
        continue
      }
      count += 1
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? address : posix.resolve(dirname(`${address}x`), decoded(path)).replace(/\.html$/, '')
      const known = ids.get(target) ?? ids.get(`${target}/`)
      if (known ? anchor && !known.has(decoded(anchor)) : !isFile(target)) faults.add(`${address} links to ${link}`)
    }
  }
  if (faults.size > 0) throw new Error(`Dead links:\n${[...faults].join('\n')}`)
  return `${count} links on ${texts.size} pages`
}

/** @param {string} target */
function isFile(target) {
  const file = join(site, target)
  return existsSync(file) && (statSync(file).isFile() || existsSync(join(file, 'index.html')))
}
