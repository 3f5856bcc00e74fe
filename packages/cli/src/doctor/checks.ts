import { checkAddon, checkFeatures, checkOtherBackends, checkPlugins, checkPrograms } from './engine.ts'
import { checkLibrary, checkSoundfont, checkTool } from './system.ts'

/** One finding. */
export interface Check {
  name: string
  /** `warning`: something works less well, or a build from source is not possible. `missing`: nothing works. */
  state: 'ok' | 'warning' | 'missing'
  /** What is there, such as a version and a path; or what is not. */
  found: string
  /** Further lines, such as the places that were tried. */
  details?: string[]
  /** The line that fixes it. */
  fix?: string
}

function checkNode(): Check {
  const major = Number(process.versions.node.split('.')[0])
  const found = `${process.version} ${process.platform}-${process.arch}`
  return major >= 20
    ? { name: 'node', state: 'ok', found }
    : { name: 'node', state: 'missing', found, fix: 'install Node.js 20 or newer' }
}

/** Looks at everything that rendering and building need. Changes nothing. */
export async function checkAll(): Promise<Check[]> {
  const [tools, libraries] = await Promise.all([
    Promise.all((['compiler', 'cmake', 'ninja'] as const).map(checkTool)),
    Promise.all((['libsndfile', 'libfluidsynth', 'libebur128'] as const).map(checkLibrary)),
  ])
  const addon = await checkAddon()
  const engine = addon.state === 'ok' ? [...checkPrograms(addon), await checkPlugins(), await checkFeatures()] : []
  return [checkNode(), addon, ...(await checkOtherBackends()), ...engine, checkSoundfont(), ...tools, ...libraries]
}
