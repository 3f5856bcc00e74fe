// @ts-check
// Builds the documentation's site, docs/dist, from what is in the repository and needs no network:
//   pnpm run docs:build
// A step is a function that writes pages to a Site and says what it did.
import { build as buildSite } from 'vitepress'
import { fail, isMain, step } from '../scripts/lib/run.mjs'
import { commandsStep } from './lib/commands.mjs'
import { crossLinksStep } from './lib/cross-links.mjs'
import { galleryStep } from './lib/gallery.mjs'
import { headersStep } from './lib/headers.mjs'
import { linksStep } from './lib/links.mjs'
import { pagesStep } from './lib/pages.mjs'
import { docs } from './lib/paths.mjs'
import { Site } from './lib/site.mjs'
import { typescriptStep } from './lib/typescript.mjs'

/** @type {[string, (site: Site) => Promise<string>][]} */
const steps = [
  ['pages', pagesStep],
  ['commands', commandsStep],
  ['plugins', galleryStep],
  ['C and C++', headersStep],
  ['TypeScript', typescriptStep],
  ['cross-links', crossLinksStep],
]

/** VitePress writes the pages, the search and nothing that asks another host. @param {Site} site */
async function vitepress(site) {
  site.finish()
  await buildSite(docs)
  return `${site.count} pages`
}

async function main() {
  const start = performance.now()
  const site = new Site()
  for (const [name, run] of steps) await step(name, () => run(site))
  await step('site', () => vitepress(site))
  await step('links', linksStep)
  process.stdout.write(`docs/dist is built (${((performance.now() - start) / 1000).toFixed(1)} s)\n`)
}

if (isMain(import.meta.url)) main().catch(fail)
