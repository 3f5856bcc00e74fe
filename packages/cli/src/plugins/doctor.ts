import { discoverPlugins, loadPluginLibrary, type PluginCandidate, type SearchedPlace } from '@arranger/engine'
import { exitCodes } from '../failure.ts'
import { loadedLibraries } from '../libraries.ts'
import { output, type Palette, paletteFor } from '../terminal.ts'
import { plural, table } from '../text.ts'

/** What became of one library. */
interface Finding {
  path: string
  origin: string
  package?: string
  /** `warning`: it works less well, or another is used in its place. */
  state: 'ok' | 'warning' | 'broken'
  plugin_ids: string[]
  /** Of what is not ok. */
  code?: string
  message?: string
}

/** What a missing or wrong descriptor file means. */
function sidecarWarning({ sidecar }: PluginCandidate): string | undefined {
  const { state, path, message } = sidecar
  if (state === 'fresh') return undefined
  const why = state === 'none' ? `There is no ${path}` : `${path} is ${state}: ${message}`
  return `${why}; the library has to be opened to be listed`
}

/** Opens one library, in a child process first, as the engine would. */
function examine(candidate: PluginCandidate): Finding {
  const { path, origin, package: name, problem, shadowedBy, plugins = [] } = candidate
  const from = { path, origin, ...(name !== undefined && { package: name }) }
  const named = plugins.map(({ id }) => id)
  if (problem) return { ...from, state: 'broken', plugin_ids: named, ...problem }
  if (shadowedBy !== undefined) {
    const message = `Not used: ${shadowedBy} was found before and is the same or has one of its ids`
    return { ...from, state: 'warning', plugin_ids: named, code: 'duplicate_id', message }
  }
  const { pluginIds, error } = loadPluginLibrary(path)
  if (error) return { ...from, state: 'broken', plugin_ids: named, ...error }
  const message = sidecarWarning(candidate)
  if (message === undefined) return { ...from, state: 'ok', plugin_ids: pluginIds }
  return { ...from, state: 'warning', plugin_ids: pluginIds, code: `sidecar_${candidate.sidecar.state}`, message }
}

/** The built-in libraries, which are looked at first of all. */
function builtins(): Finding[] {
  const { libraries, failed } = loadedLibraries()
  const loaded = libraries
    .filter(({ builtin }) => builtin)
    .map(({ path, plugin_ids }): Finding => ({ path, origin: 'builtin', state: 'ok', plugin_ids }))
  const broken = failed.map((reason): Finding => {
    return { path: '', origin: 'builtin', state: 'broken', plugin_ids: [], ...reason }
  })
  return [...loaded, ...broken]
}

const marks = { ok: '✔', warning: '!', broken: '✖' } as const

function libraryLines(findings: readonly Finding[], palette: Palette): string[] {
  const paint = { ok: palette.good, warning: palette.warn, broken: palette.bad }
  return findings.flatMap(({ path, state, plugin_ids: ids, origin, package: name, code, message }) => {
    const from = palette.dim(`(${name ?? origin})`)
    const line = `${paint[state](marks[state])} ${[path, ids.join(', ')].filter(Boolean).join('  ')} ${from}`
    return message === undefined ? [line] : [line, `    ${message} ${palette.dim(`(${code})`)}`]
  })
}

function placeLines(places: readonly SearchedPlace[], palette: Palette): string[] {
  const found = ({ exists, problem, libraries }: SearchedPlace) =>
    problem ? `${problem.message} (${problem.code})` : exists ? plural(libraries, 'library', 'libraries') : 'not there'
  const mark = ({ exists, problem }: SearchedPlace) =>
    problem ? palette.bad('✖') : exists ? palette.good('✔') : palette.dim('–')
  const rows = table(places.map((place) => [place.origin, place.path, found(place)])).split('\n')
  return places.map((place, index) => `${mark(place)} ${rows[index]}`)
}

/** Opens every library that is found and says where was looked, what is there and why something is not. */
export async function doctor({ plugin = [], json }: { plugin?: string[]; json?: boolean }): Promise<void> {
  const { candidates, searched } = await discoverPlugins({ pluginPaths: plugin })
  const libraries = [...builtins(), ...candidates.map(examine)]
  const broken =
    libraries.filter(({ state }) => state === 'broken').length + searched.filter(({ problem }) => problem).length
  if (json) {
    const status = broken === 0 ? 'ok' : 'error'
    await output(`${JSON.stringify({ status, searched, libraries }, null, 2)}\n`)
  } else {
    const palette = paletteFor(process.stdout)
    const verdict = broken === 0 ? palette.good('Every library can be used.') : palette.bad(`Broken: ${broken}.`)
    const { bold } = palette
    const parts = [bold('Searched'), ...placeLines(searched, palette), '', bold('Libraries')]
    await output(`${[...parts, ...libraryLines(libraries, palette), '', verdict].join('\n')}\n`)
  }
  if (broken > 0) process.exitCode = exitCodes.pluginInvalid
}
