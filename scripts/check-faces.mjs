// @ts-check
// A face carries messages and knows none of them: fails when the name of a command stands in addon/ or server/.
// The names are those the built engine itself describes.
import { loadAddon } from './lib/addon.mjs'
import { projectFiles, read, report } from './lib/tracked.mjs'

/** The one command that only a server can serve. */
const allowed = new Set(['shutdown'])

function commandNames() {
  const reply = JSON.parse(loadAddon().handle('{"cmd":"describe"}'))
  const names = Object.keys(reply.commands ?? {})
  if (reply.status !== 'ok' || !names.includes('ping') || !names.includes('describe'))
    throw new Error(`describe gave no table of commands: ${JSON.stringify(reply).slice(0, 200)}`)
  return names.filter((name) => !allowed.has(name))
}

const names = commandNames()
// A name that is a plain word (play, stop) means the command where it stands in quotes.
const isWord = (/** @type {string} */ name) => !name.includes('_')
const alone = names.filter((name) => !isWord(name)).join('|')
const quoted = names.filter(isWord).join('|')
const word = new RegExp(`\\b(?:${alone})\\b|(?<=["'])(?:${quoted})(?=\\\\?["'])`, 'g')
const faces = (await projectFiles()).filter((path) => /^packages\/engine\/(addon|server)\//.test(path))
const faults = faces.flatMap((path) =>
  read(path)
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(word)].map(([name]) => `${path}:${index + 1}: names the command ${name}`),
    ),
)
if (!faces.some((path) => path.endsWith('.cpp'))) faults.push('packages/engine/addon holds no source: has it moved?')
report(faults, `${faces.length} files against ${names.length} commands`)
