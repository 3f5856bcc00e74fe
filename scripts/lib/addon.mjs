// @ts-check
// The engine that was built, without the TypeScript API around it; ARRANGER_ADDON names another one.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './run.mjs'

export const loadAddon = () =>
  createRequire(import.meta.url)(process.env.ARRANGER_ADDON ?? join(root, 'build/release/bin/arranger.node'))
