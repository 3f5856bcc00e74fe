// @ts-check
// Writes packages/engine/src/generated/protocol.ts from the engine's own `describe`.
//   node scripts/generate-protocol.mjs           writes the file
//   node scripts/generate-protocol.mjs --check   fails when the file is not what would be written
// ARRANGER_ADDON names another addon than build/release/bin/arranger.node.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadAddon } from './lib/addon.mjs'
import { printProtocol } from './lib/protocol-types.mjs'
import { root } from './lib/run.mjs'

const name = 'packages/engine/src/generated/protocol.ts'
const output = join(root, name)

function describe() {
  const { handle } = loadAddon()
  const reply = JSON.parse(handle('{"cmd":"describe"}'))
  if (reply.status !== 'ok') throw new Error(`describe replied ${reply.code}: ${reply.message}`)
  return reply
}

function current() {
  try {
    return readFileSync(output, 'utf8')
  } catch {
    return ''
  }
}

function main() {
  const text = printProtocol(describe())
  if (process.argv.includes('--check')) {
    if (current() === text) return console.log(`${name} is fresh`)
    console.error(`${name} is not what describe gives; run: node scripts/generate-protocol.mjs`)
    process.exitCode = 1
  } else {
    mkdirSync(dirname(output), { recursive: true })
    writeFileSync(output, text)
    console.log(`${name} written`)
  }
}

main()
