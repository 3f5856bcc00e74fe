// @ts-check
// Writes packages/engine/schema/session.schema.json from the shapes that the reader of sessions checks with. Needs the
// TypeScript built.
//   node scripts/generate-session-schema.mjs           writes the file
//   node scripts/generate-session-schema.mjs --check   fails when the file is not what would be written
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './lib/run.mjs'

const name = 'packages/engine/schema/session.schema.json'
const output = join(root, name)
const { sessionSchema } = await import(pathToFileURL(join(root, 'packages/engine/dist/session/schema.js')).href)
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
const text = execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${name}`], {
  cwd: root,
  encoding: 'utf8',
  input: JSON.stringify(sessionSchema, null, 2),
})

if (!process.argv.includes('--check')) {
  mkdirSync(dirname(output), { recursive: true })
  writeFileSync(output, text)
  console.log(`${name} written`)
} else if (existsSync(output) && readFileSync(output, 'utf8') === text) console.log(`${name} is fresh`)
else {
  console.error(`${name} is not what the reader checks; run: node scripts/generate-session-schema.mjs`)
  process.exitCode = 1
}
