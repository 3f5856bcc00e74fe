// @ts-check
// Writes packages/engine/src/generated/protocol.ts from the engine's own `describe`.
//   node scripts/generate-protocol.mjs           writes the file
//   node scripts/generate-protocol.mjs --check   fails when the file is not what would be written
// ARRANGER_ADDON names another addon than build/release/bin/arranger.node.
import { describe, writeOrCheck } from './lib/generated.mjs'
import { printProtocol } from './lib/protocol-types.mjs'

writeOrCheck({ 'packages/engine/src/generated/protocol.ts': printProtocol(describe()) }, 'generate-protocol.mjs')
