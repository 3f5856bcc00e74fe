// @ts-check
// Code in Markdown is a file that is built or run: a block under `<!-- file: PATH -->` is that file, word for word, and a
// link goes to something that is there. `--write` brings the blocks up to date.
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './lib/run.mjs'
import { projectFiles, read, report } from './lib/tracked.mjs'

const block = /<!-- file: (\S+) -->\n```(\w*)\n([\s\S]*?)```/g
const link = /\]\((?!https?:|#)([^)\s#]+)/g

/** What a reader sees of a file: all but its licence line. @param {string} path */
const shown = (path) => read(path).replace(/^(\/\/|#) SPDX-License-Identifier: .*\n/, '')

const faults = []
let samples = 0
for (const page of (await projectFiles()).filter((path) => path.endsWith('.md'))) {
  const text = read(page)
  const fresh = text.replace(block, (whole, path, language, body) => {
    samples += 1
    if (!existsSync(join(root, path))) {
      faults.push(`${page}: shows ${path}, which is not there`)
      return whole
    }
    if (body !== shown(path)) faults.push(`${page}: shows another ${path} than there is`)
    return `<!-- file: ${path} -->\n\`\`\`${language}\n${shown(path)}\`\`\``
  })
  if (process.argv.includes('--write') && fresh !== text) writeFileSync(join(root, page), fresh)
  for (const [, target = ''] of text.matchAll(link))
    if (!existsSync(join(root, dirname(page), target))) faults.push(`${page}: links to ${target}, which is not there`)
}
if (samples === 0) faults.push('no sample was found')
report(
  process.argv.includes('--write') ? faults.filter((fault) => fault.includes('not there')) : faults,
  `${samples} samples`,
)
