// @ts-check
// Step: the reference of the TypeScript packages. TypeDoc writes it twice at once: as Markdown for the site, and as the site of its own
// that stands under /typedoc/. Whatever is not documented or leads nowhere is an error.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { titleOf } from './markdown.mjs'
import { docs, pages } from './paths.mjs'

const folder = join(pages, 'ts')
const kinds = ['classes', 'functions', 'interfaces', 'type-aliases', 'variables']
const packages = ['@arranger/engine', '@arranger/plugin-sdk', '@arranger/plugins-builtin']

/** @param {string} text */
const sentence = (text) => text.replace(/-/g, ' ').replace(/^./, (letter) => letter.toUpperCase())

/** The generated text is safe in a page but for what VitePress takes for a template. @param {string} file */
function prepare(file) {
  const text = readFileSync(file, 'utf8')
  // What the heading says of the kind would hide the name in a list of results.
  const title = titleOf(text, '').replace(/^[A-Z][A-Za-z ]*: /, '')
  const kind = text.match(/^# ([A-Z][A-Za-z ]*): /m)?.[1]
  const named = kind
    ? text.replace(/^# .*$/m, `# ${title.replace(/_/g, '\\_').replace(/</g, '\\<')}\n\n*${kind}*`)
    : text
  writeFileSync(file, named.replace(/\{\{/g, '{\u200b{'))
  return title
}

/** Classes and functions by name; of the rest, which is ten times as much, where a package lists it. @param {string} name of a package */
function sidebarOf(name) {
  const present = kinds.filter((kind) => existsSync(join(folder, name, kind)))
  const items = present.map((kind) => ({
    text: sentence(kind),
    link: `/ts/${name}/#${kind}`,
    ...(kind === 'classes' || kind === 'functions' ? { items: membersOf(name, kind) } : {}),
  }))
  return { text: name, items: [{ text: 'Overview', link: `/ts/${name}/` }, ...items] }
}

/** @param {string} name @param {string} kind */
const membersOf = (name, kind) =>
  readdirSync(join(folder, name, kind))
    .map((file) => file.replace(/\.md$/, ''))
    .sort()
    .map((member) => ({ text: member, link: `/ts/${name}/${kind}/${member}` }))

/** @param {import('./site.mjs').Site} site */
export async function typescriptStep(site) {
  // Beside what runs here: it takes a processor for as long as all other steps together.
  const typedoc = join(createRequire(import.meta.url).resolve('typedoc/package.json'), '../bin/typedoc')
  await promisify(execFile)(process.execPath, [typedoc, '--logLevel', 'Warn'], { cwd: docs }).catch(
    ({ stdout, stderr }) => {
      throw new Error(`TypeDoc refuses the packages:\n${stdout}${stderr}`)
    },
  )
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'))
  for (const file of files) prepare(join(folder, file))
  site.count += files.length
  site.sidebar('/ts/', [
    { text: 'TypeScript', items: [{ text: 'Packages', link: '/ts/' }] },
    ...packages.map(sidebarOf),
  ])
  return `${files.length} pages, and TypeDoc's own under /typedoc/`
}
