// @ts-check
// Step: the reference of the SDK in C and C++.

import { inferComments, undocumented } from './documented.mjs'
import { addresses, headerPages } from './header-pages.mjs'
import { symbols } from './symbols.mjs'

/** @param {import('./site.mjs').Site} site */
export async function headersStep(site) {
  const all = await symbols()
  inferComments(all)
  const faults = undocumented(all)
  if (faults.length > 0) throw new Error(`Public symbols without a comment:\n${faults.join('\n')}`)
  const known = addresses(all)
  const pages = headerPages(all, (name) => known.get(name))
  for (const { path, text } of pages) site.page(path, text)
  const items = (/** @type {string} */ folder) =>
    pages
      .filter(({ path }) => path.startsWith(`${folder}/`))
      .map(({ path, title }) => ({ text: title, link: `/${path.replace(/index$/, '')}` }))
  const list = [
    { text: 'The ABI in C', items: items('c') },
    { text: 'The C++ layer', items: items('cpp') },
    { text: 'DSP toolbox', items: items('dsp') },
  ]
  for (const prefix of ['/c/', '/cpp/', '/dsp/']) site.sidebar(prefix, list)
  return `${all.length} symbols on ${pages.length} pages`
}
