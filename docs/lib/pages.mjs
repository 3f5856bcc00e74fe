// @ts-check
// Step: the pages that people wrote. They stay where the repository has them; their links are turned into those of the site, and a
// link to a file that is no page becomes its text.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { titleOf } from './markdown.mjs'
import { root } from './paths.mjs'

/** @typedef {{ from: string, to: string, text: string, title: string, order: number }} Page */

/** Pages that are no folder's, by their places in the repository. @type {Record<string, string>} */
const single = {
  'docs/index.md': 'index',
  'docs/reference/server.md': 'reference/server',
  'docs/reference/validate.md': 'reference/validate',
  'docs/reference/errors.md': 'reference/errors',
  'ARCHITECTURE.md': 'design/architecture',
  'CONTRIBUTING.md': 'design/contributing',
  'docs/performance.md': 'design/performance',
}

/** Folders of which every page is shown. */
const folders = ['guide', 'design']

/** @returns {Page[]} */
export function writtenPages() {
  const listed = folders.flatMap((folder) => {
    const path = join(root, 'docs', folder)
    const names = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('.md')) : []
    return names.map(
      (name) => /** @type {[string, string]} */ ([`docs/${folder}/${name}`, `${folder}/${name.slice(0, -3)}`]),
    )
  })
  return [...Object.entries(single), ...listed].map(([from, to]) => {
    const text = readFileSync(join(root, from), 'utf8')
    // A page says in its front matter where in the list it stands.
    const order = Number(text.match(/^---\n[\s\S]*?^order: (\d+)$/m)?.[1] ?? 1000)
    return { from, to, text, title: titleOf(text, to), order }
  })
}

/** Where a link of a page leads in the site. @param {string} from @param {string} link @returns {string | undefined} */
export function siteLink(from, link) {
  if (/^(https?:|mailto:|\/)/.test(link)) return link
  const [path = '', anchor = ''] = link.split('#')
  const target = path === '' ? from : posix.normalize(posix.join(dirname(from), path))
  if (target === 'docs/reference/commands.md') return commandLink(anchor)
  const listed = folders.find((folder) => dirname(target) === `docs/${folder}` && target.endsWith('.md'))
  const page = single[target] ?? (listed ? `${listed}/${posix.basename(target, '.md')}` : undefined)
  if (path === '') return `#${anchor}`
  return page === undefined ? undefined : `/${page === 'index' ? '' : page}${anchor ? `#${anchor}` : ''}`
}

/** @param {string} anchor of commands.md, which the site shows as a page for each command */
function commandLink(anchor) {
  if (anchor === '' || / |-commands$/.test(anchor)) return `/commands/${anchor ? `#${anchor}` : ''}`
  if (anchor === 'push-events' || anchor.endsWith('-event') || anchor === 'errors') return `/commands/events#${anchor}`
  return `/commands/${anchor}`
}

/** @param {string} text */
const inCode = (text) => text.split(/(^```[\s\S]*?^```|`[^`\n]*`)/m)

/** @param {string} from @param {string} text */
export function withSiteLinks(from, text) {
  return inCode(text)
    .join('\u0000')
    .replace(/(!?)\[([^\]]*)\]\(([^)\s]+)\)/g, (whole, image, label, link) => {
      if (image) return link.endsWith('.svg') ? drawing(join(root, dirname(from), link)) : whole
      const target = siteLink(from, link.replaceAll('\u0000', ''))
      return target === undefined ? label : `[${label}](${target})`
    })
    .replaceAll('\u0000', '')
}

/** A drawing stands in the page itself, so that it takes the page's colours. @param {string} path */
function drawing(path) {
  return `<figure class="drawing">\n${readFileSync(path, 'utf8').trim()}\n</figure>`
}

/** @param {import('./site.mjs').Site} site */
export async function pagesStep(site) {
  const all = writtenPages()
  for (const { from, to, text } of all) site.page(to, withSiteLinks(from, text))
  const list = (/** @type {string} */ folder) =>
    all
      .filter(({ to }) => dirname(to) === folder)
      .sort((a, b) => a.order - b.order || a.title.localeCompare(b.title))
      .map(({ to, title }) => ({ text: title, link: `/${to.replace(/index$/, '')}` }))
  site.sidebar('/guide/', [{ text: 'Guide', items: list('guide') }])
  site.sidebar('/design/', [{ text: 'Design', items: list('design') }])
  return `${all.length} pages`
}
