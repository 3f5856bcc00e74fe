// @ts-check
// Fails when an include or an import points against the arrows of ARCHITECTURE.md.
import { posix } from 'node:path'
import { projectFiles, read, report } from './lib/tracked.mjs'

/**
 * Each part of the source: where it is and which other parts it may use. The first that matches a path owns it.
 * @type {Record<string, { path: RegExp, uses: string[] }>}
 */
const parts = {
  sdk: { path: /^packages\/plugin-sdk\/include\//, uses: [] },
  base: { path: /^packages\/engine\/core\/base\//, uses: [] },
  plugin: { path: /^packages\/engine\/core\/plugin\//, uses: ['base', 'sdk'] },
  transport: { path: /^packages\/engine\/core\/transport\//, uses: ['base', 'sdk'] },
  device: { path: /^packages\/engine\/core\/device\//, uses: ['base'] },
  midi: { path: /^packages\/engine\/core\/midi\//, uses: ['base'] },
  graph: { path: /^packages\/engine\/core\/graph\//, uses: ['plugin', 'base', 'sdk'] },
  render: {
    path: /^packages\/engine\/core\/render\//,
    uses: ['graph', 'plugin', 'transport', 'device', 'base', 'sdk'],
  },
  engine: {
    path: /^packages\/engine\/core\/[a-z_]+\.[ch]pp$/,
    uses: ['render', 'graph', 'plugin', 'transport', 'device', 'base', 'sdk'],
  },
  // The registry and the MIDI ports are the process's, not an engine's, so commands see them beside the façade.
  control: { path: /^packages\/engine\/core\/control\//, uses: ['engine', 'plugin', 'midi', 'base', 'sdk'] },
  addon: { path: /^packages\/engine\/addon\//, uses: ['control'] },
  server: { path: /^packages\/engine\/server\//, uses: ['control', 'base'] },
  wasm: { path: /^packages\/engine\/wasm\//, uses: ['control', 'device', 'base'] },
  validate: { path: /^packages\/engine\/validate\//, uses: ['plugin', 'base', 'sdk'] },
  builtins: { path: /^packages\/plugins-builtin\/src\/.*\.(c|h|cpp|hpp)$/, uses: ['sdk'] },
  examples: { path: /^examples\/plugins\//, uses: ['sdk'] },
  'sdk types': { path: /^packages\/plugin-sdk\/src\//, uses: [] },
  'engine API': { path: /^packages\/engine\/src\//, uses: ['sdk types'] },
  'builtins API': { path: /^packages\/plugins-builtin\/src\//, uses: ['sdk types'] },
  templates: { path: /^packages\/create-plugin\/templates\//, uses: ['sdk'] },
  'create-plugin': { path: /^packages\/create-plugin\/src\//, uses: [] },
  cli: { path: /^packages\/cli\/src\//, uses: ['create-plugin', 'engine API', 'builtins API', 'sdk types'] },
}

/** Where an include is looked up, besides the folder of the file that has it. */
const includeFolders = [
  'packages/engine/core',
  'packages/engine',
  'packages/engine/validate',
  'packages/plugin-sdk/include',
]

/** What a package's name stands for. @type {Record<string, string>} */
const packages = {
  '@arranger/plugin-sdk': 'packages/plugin-sdk/src/index.ts',
  '@arranger/engine': 'packages/engine/src/index.ts',
  '@arranger/plugins-builtin': 'packages/plugins-builtin/src/index.ts',
  '@arranger/create-plugin': 'packages/create-plugin/src/index.ts',
  '@arranger/cli': 'packages/cli/src/main.ts',
}

const source = /\.(c|h|cpp|hpp|ts|cts|mts)$/
const include = /^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]/gm
const imports = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"]([^'"]+)['"]/g

/** @param {string} path */
const partOf = (path) => Object.entries(parts).find(([, part]) => part.path.test(path))?.[0]

/** @param {string} path @param {string} name @param {Set<string>} files @returns {string | undefined} the project's file it names */
function resolve(path, name, files) {
  if (!/\.[cm]?ts$/.test(path))
    return [posix.dirname(path), ...includeFolders]
      .map((folder) => posix.join(folder, name))
      .find((file) => files.has(file))
  const entry = Object.keys(packages).find((key) => name === key || name.startsWith(`${key}/`))
  if (entry) return packages[entry]
  return name.startsWith('.') ? posix.join(posix.dirname(path), name) : undefined
}

const files = await projectFiles()
const known = new Set(files)
const faults = []
const seen = new Set()
for (const path of files) {
  const from = partOf(path)
  if (!from || !source.test(path)) continue
  seen.add(from)
  for (const [, name = ''] of read(path).matchAll(/\.[cm]?ts$/.test(path) ? imports : include)) {
    const target = resolve(path, name, known)
    // What names no file of the project is the system's or a dependency's.
    if (!target) continue
    const to = partOf(target)
    if (to !== from && !parts[from]?.uses.includes(to ?? ''))
      faults.push(`${path}: ${from} may not use ${to ?? 'anything outside the parts'} (${name})`)
  }
}
for (const part of ['sdk', 'base', 'graph', 'render', 'control', 'addon', 'validate', 'builtins', 'engine API', 'cli'])
  if (!seen.has(part)) faults.push(`no source was found for ${part}: has it moved?`)
report(faults, `the arrows between ${seen.size} parts`)
