// @ts-check
// Writes protocol.ts and display.ts in packages/engine/src/generated from the engine's own `describe`.
//   node scripts/generate-protocol.mjs           writes the files
//   node scripts/generate-protocol.mjs --check   fails when a file is not what would be written
// ARRANGER_ADDON names another addon than build/release/bin/arranger.node.
import { describe, writeOrCheck } from './lib/generated.mjs'
import { printDisplay, printProtocol } from './lib/protocol-types.mjs'

const description = describe()
writeOrCheck(
  {
    'packages/engine/src/generated/protocol.ts': printProtocol(description),
    'packages/engine/src/generated/display.ts': printDisplay(description.display),
  },
  'generate-protocol.mjs',
)
