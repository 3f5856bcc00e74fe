// @ts-check
// Writes packages/engine/src/generated/protocol.ts from the engine's own `describe`.
//   node scripts/generate-protocol.mjs           writes the file
//   node scripts/generate-protocol.mjs --check   fails when the file is not what would be written
// ARRANGER_ADDON names another addon than build/release/bin/arranger.node.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { printProtocol } from './lib/protocol-types.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const output = fileURLToPath(new URL('../packages/engine/src/generated/protocol.ts', import.meta.url))
const addon =
  process.env.ARRANGER_ADDON ?? fileURLToPath(new URL('../build/release/bin/arranger.node', import.meta.url))

function describe() {
  const { handle } = createRequire(import.meta.url)(addon)
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
  const name = relative(root, output)
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

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main()
