// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { type Descriptor, discoverPlugins, type PluginCandidate } from '@arranger/engine'
import { ask } from '../ask.ts'
import { loadedAddon, programBeside } from '../native-program.ts'
import { plural } from '../text.ts'
import { type Check, failed, passed } from './checks.ts'
import { isThisPlatform, type PlatformBuild, platformName } from './platforms.ts'

/** What is known of a library from the file beside it. */
export interface Described {
  build: PlatformBuild
  /** The library's name, without extension. */
  name: string
  plugins: Descriptor[]
}

/** Looks at the descriptor files of libraries, opens none. */
async function candidatesOf(paths: readonly string[]): Promise<Map<string, PluginCandidate>> {
  const { candidates } = await discoverPlugins({ pluginPaths: paths, environment: {} })
  return new Map(candidates.filter(({ origin }) => origin === 'option').map((one) => [one.path, one]))
}

/** Writes the descriptor files of libraries that this machine can open. */
function describe(paths: readonly string[]): void {
  if (paths.length === 0) return
  ask('ping') // loads the native library, beside which the program lies
  spawnSync(programBeside(loadedAddon(), 'arranger-describe'), paths, { stdio: ['ignore', 'ignore', 'inherit'] })
}

function check({ sidecar, problem, plugins = [] }: PluginCandidate, of: string): Check {
  if (sidecar.state === 'fresh' && !problem)
    return passed('descriptor', of, plugins.map(({ id, version }) => `${id} ${version}`).join(', '))
  const remedy = 'take NAME.plugin.json from the same build as the library'
  if (sidecar.state === 'none' && !problem)
    return failed('descriptor', of, 'descriptor_missing', 'there is no descriptor file beside it', remedy)
  const found = problem?.message ?? sidecar.message ?? sidecar.state
  return failed('descriptor', of, 'descriptor_stale', found, remedy)
}

/** Whether every platform has the same plugins: a build that was forgotten would have those of before. */
function checkSame([first, ...others]: readonly Described[]): Check[] {
  if (!first || others.length === 0) return []
  const { name, build, plugins } = first
  const other = others.find((one) => !isDeepStrictEqual(one.plugins, plugins))
  if (!other) return [passed('same plugins', name, plural(others.length + 1, 'platform'))]
  const found = `${platformName(other.build)} has other plugins, or other versions of them, than ${platformName(build)}`
  return [failed('same plugins', name, 'descriptor_mismatch', found, 'build all platforms from the same source')]
}

/** Looks at what says of the libraries what they bring; for this platform it is written where it is not there. */
export async function checkDescriptors(
  builds: readonly PlatformBuild[],
  pathIn: (path: string) => string,
): Promise<{ described: Described[]; checks: Check[] }> {
  const libraries = builds.flatMap((build) =>
    build.libraries.filter(({ path }) => existsSync(path)).map(({ name, path }) => ({ build, name, path })),
  )
  const paths = libraries.map(({ path }) => path)
  const before = await candidatesOf(paths)
  const lacking = libraries.filter(
    ({ build, path }) => isThisPlatform(build) && before.get(path)?.sidecar.state !== 'fresh',
  )
  describe(lacking.map(({ path }) => path))
  const candidates = lacking.length > 0 ? await candidatesOf(paths) : before
  const looked = libraries.flatMap(({ path, ...library }) => {
    const candidate = candidates.get(path)
    return candidate ? [{ ...library, plugins: candidate.plugins ?? [], check: check(candidate, pathIn(path)) }] : []
  })
  const described = looked.filter((one) => one.check.verdict === 'passed')
  const names = [...new Set(described.map(({ name }) => name))]
  const same = names.flatMap((name) => checkSame(described.filter((one) => one.name === name)))
  return { described, checks: [...looked.map((one) => one.check), ...same] }
}
