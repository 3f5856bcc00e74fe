// SPDX-License-Identifier: MIT
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** What CMake's file API says of a build tree. */
export interface TreeDescription {
  /** Libraries that are loaded at run time, by target. */
  modules: { name: string; file: string; sources: string[] }[]
  /** The files that were read to configure it, of the project. */
  inputs: string[]
}

interface Codemodel {
  configurations: { name: string; targets: { name: string; jsonFile: string }[] }[]
}

interface Target {
  type: string
  artifacts?: { path: string }[]
  sources?: { path: string; isGenerated?: boolean }[]
}

interface CMakeFiles {
  inputs: { path: string; isCMake?: boolean; isExternal?: boolean; isGenerated?: boolean }[]
}

const api = '.cmake/api/v1'

/** Has CMake leave a description, each time it configures the tree. */
export async function askForDescription(tree: string): Promise<void> {
  await mkdir(join(tree, api, 'query'), { recursive: true })
  for (const kind of ['codemodel-v2', 'cmakeFiles-v1']) await writeFile(join(tree, api, 'query', kind), '')
}

/** The description that CMake left. */
export async function readDescription(source: string, tree: string): Promise<TreeDescription> {
  const folder = join(tree, api, 'reply')
  const names = (await readdir(folder)).sort()
  // Replies of former runs may still be there; the index with the greatest name is the newest.
  const index = await readJson<{ objects: { kind: string; jsonFile: string }[] }>(
    join(folder, names.findLast((name) => name.startsWith('index-')) ?? ''),
  )
  const read = <T>(kind: string) =>
    readJson<T>(join(folder, index.objects.find((one) => one.kind === kind)?.jsonFile ?? ''))
  const { configurations } = await read<Codemodel>('codemodel')
  // Generators with many configurations: what `cmake --build --config Release` makes.
  const configuration = configurations.find(({ name }) => name === 'Release') ?? configurations[0]
  const modules: TreeDescription['modules'] = []
  for (const { name, jsonFile } of configuration?.targets ?? []) {
    const { type, artifacts = [], sources = [] } = await readJson<Target>(join(folder, jsonFile))
    const file = artifacts[0]?.path
    if (type !== 'MODULE_LIBRARY' || file === undefined) continue
    const own = sources.filter(({ isGenerated }) => !isGenerated).map(({ path }) => resolve(source, path))
    modules.push({ name, file: resolve(tree, file), sources: own })
  }
  const { inputs } = await read<CMakeFiles>('cmakeFiles')
  const own = inputs.filter(({ isCMake, isExternal, isGenerated }) => !isCMake && !isExternal && !isGenerated)
  return { modules, inputs: own.map(({ path }) => resolve(source, path)) }
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T
}
