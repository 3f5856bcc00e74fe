// @ts-check
// Loads one plugin library at run time and prints the ids it registered: `node load-plugin.mjs LIBRARY`.
import { loadAddon } from './addon.mjs'

const addon = loadAddon()
const before = addon.listPlugins().length
const { ok, pluginIds, error } = addon.loadPluginLibrary(process.argv[2])
if (!ok) throw new Error(`${error.code}: ${error.message}`)
const listed = addon.listPlugins().map((/** @type {{ id: string }} */ plugin) => plugin.id)
if (pluginIds.length === 0 || listed.length !== before + pluginIds.length)
  throw new Error(`registered [${pluginIds}], but the list went from ${before} plugins to [${listed}]`)
process.stdout.write(`${pluginIds.join(', ')}\n`)
