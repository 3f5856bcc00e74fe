// @ts-check
// Writes packages/engine/schema/session.schema.json from the shapes that the reader of sessions checks with.
//   node scripts/generate-session-schema.mjs     after the TypeScript is built
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './lib/run.mjs'

const name = 'packages/engine/schema/session.schema.json'
const output = join(root, name)
const { sessionSchema } = await import(pathToFileURL(join(root, 'packages/engine/dist/session/schema.js')).href)
mkdirSync(dirname(output), { recursive: true })
writeFileSync(output, `${JSON.stringify(sessionSchema, null, 2)}\n`)
execFileSync(process.execPath, [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--write', output], {
  stdio: 'ignore',
})
console.log(`${name} written`)
