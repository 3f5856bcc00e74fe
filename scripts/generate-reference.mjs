// @ts-check
// Writes docs/reference/commands.md and docs/reference/errors.md from the engine's own `describe`.
//   node scripts/generate-reference.mjs           writes the pages
//   node scripts/generate-reference.mjs --check   fails when a page is not what would be written
// ARRANGER_ADDON names another addon than build/release/bin/arranger.node.
import { describe, writeOrCheck } from './lib/generated.mjs'
import { commandsPage, errorsPage } from './lib/reference-pages.mjs'

const description = describe()
writeOrCheck(
  { 'docs/reference/commands.md': commandsPage(description), 'docs/reference/errors.md': errorsPage(description) },
  'generate-reference.mjs',
)
