// @ts-check
// The WebAssembly engine among the files of the site, for PluginPlayer.vue; nothing where the module is not built.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { createEngine } from '@arranger/engine'
import { root } from './paths.mjs'

const engine = join(root, 'packages/engine')
const module = join(engine, 'wasm/dist/arranger.wasm')

/** A script and all that it imports. @param {string} file @param {Set<string>} seen */
function withImports(file, seen = new Set()) {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'()=]*?(?:from )?'([^']+)'/gm))
    withImports(join(dirname(file), name), seen)
  return seen
}

/** @param {import('./site.mjs').Site} site @returns {Promise<Set<string>>} the plugins that a page can play */
export async function playerFiles(site) {
  if (!existsSync(module)) return new Set()
  const dist = join(engine, 'dist')
  for (const file of withImports(join(dist, 'wasm/worklet.js')))
    site.file(`engine/${relative(dist, file)}`, readFileSync(file))
  site.file('engine/arranger.wasm', readFileSync(module))
  const wasm = await createEngine({ backend: 'wasm', settings: false })
  const { plugins } = await wasm.send({ cmd: 'list_registered_plugins' }).finally(() => wasm.close())
  return new Set(plugins.map(({ id }) => id))
}
