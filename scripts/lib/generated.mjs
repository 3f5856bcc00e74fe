// @ts-check
// Files that are made from the engine's own `describe` and committed: written, or with --check compared.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadAddon } from './addon.mjs'
import { root } from './run.mjs'

/** What the built engine says of itself. @returns {import('./protocol-types.mjs').Description} */
export function describe() {
  const reply = JSON.parse(loadAddon().handle('{"cmd":"describe"}'))
  if (reply.status !== 'ok') throw new Error(`describe replied ${reply.code}: ${reply.message}`)
  return reply
}

/** @param {string} path */
function current(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * Writes the files; with --check among the arguments nothing is written, and the exit code is 1 when one is stale.
 * @param {Record<string, string>} files Text by path in the repository.
 * @param {string} script What makes them.
 */
export function writeOrCheck(files, script) {
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name)
    if (!process.argv.includes('--check')) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
      console.log(`${name} written`)
    } else if (current(path) === text) {
      console.log(`${name} is fresh`)
    } else {
      console.error(`${name} is not what describe gives; run: node scripts/${script}`)
      process.exitCode = 1
    }
  }
}
