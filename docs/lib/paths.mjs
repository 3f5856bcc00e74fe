// @ts-check
// Where the site is made. VitePress reads `pages`, all of it made or copied, and writes the site to `site`.
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const docs = resolve(dirname(fileURLToPath(import.meta.url)), '..')
export const root = dirname(docs)
export const build = join(docs, 'build')
export const pages = join(build, 'pages')
export const site = join(docs, 'dist')
