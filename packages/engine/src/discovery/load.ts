import { discoverPlugins, loadablePaths, type Problem } from '../discovery.ts'
import type { Engine } from '../engine.ts'
import { EngineError } from '../error.ts'

type Loader = Pick<Engine, 'loadPluginLibraries'>

/** Loads libraries that somebody wants. @throws EngineError for the first that cannot be loaded. */
export async function loadNamed(engine: Loader, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return
  const [first] = (await engine.loadPluginLibraries(paths)).failed
  if (first) throw new EngineError(first.code, first.message)
}

function warn({ code, message }: Problem): void {
  process.emitWarning(message, { type: 'PluginWarning', code })
}

/** Loads what the user's settings name. One that is broken must not keep a program from starting. */
export async function loadAlways(engine: Loader, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return
  try {
    for (const failure of (await engine.loadPluginLibraries(paths)).failed) warn(failure)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    warn(error)
  }
}

/** Loads what is found, after what was named. A broken library in some folder must not keep a program from starting. */
export async function loadDiscovered(engine: Loader, named: readonly string[]): Promise<void> {
  const { candidates, searched } = await discoverPlugins({ pluginPaths: named })
  const found = { candidates: candidates.filter(({ origin }) => origin !== 'option'), searched }
  for (const { problem } of [...found.searched, ...found.candidates]) if (problem) warn(problem)
  for (const failure of (await engine.loadPluginLibraries(loadablePaths(found))).failed) warn(failure)
}
