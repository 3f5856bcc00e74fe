import { accessSync, constants, existsSync } from 'node:fs'
import { loadedAddon, programBeside } from '../native-program.ts'
import { plural } from '../text.ts'
import type { Check } from './checks.ts'

/** What brings the native parts: a build in a clone of the repository, else the package of this platform. */
const repair = existsSync(new URL('../../../../CMakeLists.txt', import.meta.url))
  ? 'npm run setup'
  : `npm install @arranger/engine-${process.platform}-${process.arch}`

interface AddonCheck extends Check {
  /** Where the native library was loaded from. */
  file?: string
}

export async function checkAddon(): Promise<AddonCheck> {
  const name = 'engine'
  try {
    const { ask } = await import('../ask.ts')
    const { version } = ask('ping')
    const file = loadedAddon()
    return { name, state: 'ok', found: `${version}${file ? `  ${file}` : ''}`, ...(file ? { file } : {}) }
  } catch (error) {
    const [found = '', ...details] = (error as Error).message.split('\n')
    return { name, state: 'missing', found, details: details.map((line) => line.trim()), fix: repair }
  }
}

const programs = [
  ['plugin probe', 'arranger-probe', 'no plugin library of others can be loaded'],
  ['isolation', 'arranger-isolate', 'no node can be isolated'],
  ['validation', 'arranger-validate', 'no plugin library can be validated'],
] as const

/** The programs in which strangers' code runs so that it harms nobody else. They lie beside the addon. */
export function checkPrograms({ file }: AddonCheck): Check[] {
  return programs.map(([name, program, loss]) => {
    const path = programBeside(file, program)
    try {
      accessSync(path, constants.X_OK)
      return { name, state: 'ok', found: path }
    } catch {
      return { name, state: 'warning', found: `${path} cannot be run; ${loss}`, fix: repair }
    }
  })
}

export async function checkPlugins(): Promise<Check> {
  const name = 'plugins'
  const { listPlugins } = await import('@arranger/engine')
  const { loadedLibraries } = await import('../libraries.ts')
  const plugins = listPlugins()
  const { libraries, failed } = loadedLibraries()
  const loaded = libraries.map(({ path, plugin_ids: ids }) => `${ids.join(', ')}  ${path}`)
  const details = [...loaded, ...failed.map(({ code, message }) => `✖ ${message} (${code})`)]
  const from = plural(libraries.length, 'library', 'libraries')
  const found = `${plural(plugins.length, 'plugin')} from ${from}`
  if (plugins.length === 0) {
    return { name, state: 'missing', found: 'no built-in plugin library was loaded', details, fix: repair }
  }
  if (failed.length > 0) {
    return { name, state: 'warning', found: `${found}; ${failed.length} could not be loaded`, details, fix: repair }
  }
  return { name, state: 'ok', found, details }
}

export async function checkFeatures(): Promise<Check> {
  const { ask } = await import('../ask.ts')
  const features = ask('ping').features as string[]
  return { name: 'features', state: 'ok', found: features.join(', ') }
}

/** What an engine can run on where the addon cannot be had. */
export async function checkOtherBackends(): Promise<Check[]> {
  const { checkBackends } = await import('@arranger/engine')
  const { backendLabels } = await import('../config/backends.ts')
  return (await checkBackends())
    .filter(({ backend }) => backend !== 'binding')
    .map(({ backend, ok, reason = '' }) => {
      const name = backendLabels[backend]
      const [found = '', ...details] = reason.split('\n')
      return ok
        ? { name, state: 'ok', found: 'available' }
        : { name, state: 'warning', found: `not available: ${found}`, details, fix: repair }
    })
}
