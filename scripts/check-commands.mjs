// @ts-check
// Fails when a command line in Markdown names a command or an option that `arranger` does not have.
import { join } from 'node:path'
import { root, tryRun } from './lib/run.mjs'
import { projectFiles, read, report } from './lib/tracked.mjs'

const block = /```sh\n([\s\S]*?)```/g
const line = /^(?:npx )?arranger ([^|#\n]*)/gm

/** @type {Map<string, Promise<string>>} */
const known = new Map()

/** What `arranger … --help` says. @param {string[]} words */
function helpOf(words) {
  const key = words.join(' ')
  const help = known.get(key) ?? ask(words)
  known.set(key, help)
  return help
}

/** @param {string[]} words */
async function ask(words) {
  const { output, code } = await tryRun(process.execPath, [join(root, 'packages/cli/dist/main.js'), ...words, '--help'])
  return code === 0 ? output : ''
}

/** The command at the beginning of a line, with its own: `plugins info`. @param {string[]} words */
async function commandOf([first = '', second = '']) {
  const inner = new RegExp(`^  ${second}\\b`, 'm')
  const hasInner = /^[a-z]+$/.test(second) && inner.test((await helpOf([first])).split('Commands:')[1] ?? '')
  return hasInner ? [first, second] : [first]
}

const faults = []
let lines = 0
for (const page of (await projectFiles()).filter((path) => path.endsWith('.md'))) {
  for (const [, commands = ''] of read(page).matchAll(block))
    for (const [whole, text = ''] of commands.matchAll(line)) {
      lines += 1
      const words = text.trim().split(/\s+/)
      const command = await commandOf(words)
      const help = await helpOf(command)
      if (help === '') faults.push(`${page}: ${whole.trim()}: there is no such command`)
      for (const option of words.filter((word) => /^--?[a-z]/.test(word)))
        if (!new RegExp(`(^|[\\s,])${option}\\b`).test(help))
          faults.push(`${page}: ${whole.trim()}: ${command.join(' ')} has no ${option}`)
    }
}
if (lines === 0) faults.push('no command line was found')
report(faults, `${lines} command lines`)
