// @ts-check
// The site over the pages that build.mjs has made. Nothing in it asks another host.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { codeTheme, colourOnce } from '../lib/code-theme.mjs'
import { slug } from '../lib/markdown.mjs'
import { build, docs, pages, root, site } from '../lib/paths.mjs'
import { boostDocument, renderForSearch, tokenize } from '../lib/search.mjs'

const { version } = JSON.parse(readFileSync(join(root, 'packages/engine/package.json'), 'utf8'))
const sidebar = JSON.parse(readFileSync(join(build, 'sidebars.json'), 'utf8'))
/** The first page of a list. @param {string} prefix */
const firstOf = (prefix) => sidebar[prefix]?.[0]?.items?.[0]?.link

export default defineConfig({
  title: 'Arranger',
  description: 'An audio engine in C++ inside Node.js, with plugins that load while it plays',
  lang: 'en',
  srcDir: join('build', 'pages'),
  outDir: site,
  cacheDir: join(build, 'cache'),
  cleanUrls: true,
  metaChunk: true,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    theme: codeTheme,
    config: colourOnce,
    // Braces are code here; an id is all that a heading may be given.
    attrs: { allowedAttributes: ['id'] },
    anchor: { slugify: slug },
    toc: { slugify: slug },
    headers: { slugify: slug },
  },
  themeConfig: {
    nav: [
      ...(firstOf('/guide/') ? [{ text: 'Guide', link: firstOf('/guide/'), activeMatch: '^/guide/' }] : []),
      ...(firstOf('/plugins/') ? [{ text: 'Plugins', link: firstOf('/plugins/'), activeMatch: '^/plugins/' }] : []),
      { text: 'C and C++', link: '/c/', activeMatch: '^/(c|cpp|dsp)/' },
      ...(sidebar['/ts/'] ? [{ text: 'TypeScript', link: '/ts/', activeMatch: '^/ts/' }] : []),
      { text: 'Commands', link: '/commands/', activeMatch: '^/(commands|reference)/' },
      { text: 'Design', link: '/design/architecture', activeMatch: '^/design/' },
      {
        text: `v${version}`,
        items: [
          { text: 'What was decided', link: '/design/decisions' },
          { text: 'How to contribute', link: '/design/contributing' },
        ],
      },
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: {
        detailedView: true,
        _render: renderForSearch,
        miniSearch: {
          options: { tokenize },
          searchOptions: {
            combineWith: 'AND',
            fuzzy: 0.1,
            prefix: true,
            boost: { title: 8, titles: 1, text: 1 },
            boostDocument,
          },
        },
      },
    },
    docFooter: { prev: false, next: false },
  },
  vite: {
    publicDir: join(pages, 'public'),
    logLevel: 'warn',
    build: { reportCompressedSize: false, chunkSizeWarningLimit: 4000 },
    server: { fs: { allow: [docs, root] } },
  },
})
