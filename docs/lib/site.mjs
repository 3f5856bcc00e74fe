// @ts-check
// What the steps of the build write to: pages, files beside them, and the lists of pages that the site's menus show.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, pages } from './paths.mjs'

/** @typedef {{ text: string, link?: string, items?: Item[], collapsed?: boolean }} Item A line of a sidebar. */

export class Site {
  /** @type {Record<string, Item[]>} */
  sidebars = {}
  count = 0

  constructor() {
    rmSync(build, { recursive: true, force: true })
    mkdirSync(pages, { recursive: true })
  }

  /** A page, Markdown, at `guide/first-sound`, without an ending. @param {string} path @param {string} text */
  page(path, text) {
    const file = join(pages, `${path}.md`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text.endsWith('\n') ? text : `${text}\n`)
    this.count += 1
  }

  /** A file that is served as it is at `/path`: a picture, a sound. @param {string} path @param {string | Uint8Array} content */
  file(path, content) {
    const file = join(pages, 'public', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }

  /** A folder whose files are served as they are. @param {string} path @param {string} from */
  folder(path, from) {
    cpSync(from, join(pages, 'public', path), { recursive: true })
  }

  /** The list beside all pages whose addresses begin with `prefix`. @param {string} prefix @param {Item[]} items */
  sidebar(prefix, items) {
    this.sidebars[prefix] = [...(this.sidebars[prefix] ?? []), ...items]
  }

  /** For .vitepress/config.mjs. */
  finish() {
    writeFileSync(join(build, 'sidebars.json'), JSON.stringify(this.sidebars, null, 2))
  }
}
