import { copyFileSync, mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEngine, type Engine, listPlugins } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { fixture } from './support/native.ts'

const root = temporaryFolder()
let count = 0
let folder = ''
let engine: Engine
beforeEach(async () => {
  folder = join(root, String(count++))
  mkdirSync(folder)
  engine = await createEngine({ outputDevice: null })
})
afterEach(async () => {
  // The registry is the process's: what a test has loaded must not be there for the next.
  await engine.send({ cmd: 'set_graph' })
  for (const { builtin, libraryId } of await engine.listLibraries())
    if (!builtin) await engine.unloadPluginLibrary(libraryId, { force: true })
  await engine.close()
})

/** Puts a build of a library in a place, as a linker that writes beside and renames does. */
function build(name: string, path = join(folder, 'growing.so')): string {
  copyFileSync(fixture(name), `${path}.new`)
  renameSync(`${path}.new`, path)
  return path
}
const versionOf = (id: string) => listPlugins().find((plugin) => plugin.id === id)?.version
const own = async () => (await engine.listLibraries()).filter(({ builtin }) => !builtin)

describe('a plugin library', () => {
  it('is loaded, listed, and unloaded by its id or its path', async () => {
    const path = build('versioned_1.so')
    const loaded = await engine.loadPluginLibrary(path)
    expect(loaded).toEqual({ libraryId: 'growing', pluginIds: ['test.versioned'], generation: 1 })
    expect(await own()).toEqual([{ ...loaded, path, isa: expect.any(String), builtin: false }])
    expect(await engine.unloadPluginLibrary(path)).toEqual([])
    expect(await own()).toEqual([])
    await engine.loadPluginLibrary(path)
    await engine.unloadPluginLibrary('growing')
    expect(versionOf('test.versioned')).toBeUndefined()
  })

  it('is reloaded by its id or its path, also through a link', async () => {
    const path = build('versioned_1.so')
    await engine.loadPluginLibrary(path)
    await engine.addUntyped('test.versioned', {}, { id: 'node' })
    build('versioned_2.so')
    const link = join(folder, 'link.so')
    symlinkSync(path, link)
    expect(await engine.reloadPluginLibrary(link)).toMatchObject({
      pluginIds: ['test.versioned'],
      generation: 2,
      rebuilt: ['node'],
      nodes: [{ nodeId: 'node', pluginId: 'test.versioned', kept: [], dropped: [], renamed: [] }],
    })
    expect(versionOf('test.versioned')).toBe(2)
    build('versioned_1.so')
    expect(await engine.reloadPluginLibrary('growing')).toMatchObject({ generation: 3 })
  })

  it('that is not loaded is named, with the nearest', async () => {
    await engine.loadPluginLibrary(build('versioned_1.so'))
    const error = { code: 'unknown_plugin', message: expect.stringMatching(/grwoing.*growing/) }
    await expect(engine.reloadPluginLibrary('grwoing')).rejects.toMatchObject(error)
    await expect(engine.unloadPluginLibrary('grwoing')).rejects.toMatchObject(error)
  })

  it('in use stays, unless it is forced to go', async () => {
    const path = build('versioned_1.so')
    await engine.loadPluginLibrary(path)
    await engine.addUntyped('test.versioned', {}, { id: 'node' })
    await expect(engine.unloadPluginLibrary(path)).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining('node'),
    })
    expect(await engine.unloadPluginLibrary(path, { force: true })).toEqual(['node'])
    expect(await own()).toEqual([])
  })

  it('takes over the ids of another only when that is wanted', async () => {
    const first = build('versioned_1.so', join(folder, 'first.so'))
    const second = build('versioned_2.so', join(folder, 'second.so'))
    await engine.loadPluginLibrary(first)
    await expect(engine.loadPluginLibrary(second)).rejects.toMatchObject({ code: 'duplicate_id' })
    await engine.loadPluginLibrary(second, { replace: true })
    expect(await own()).toMatchObject([{ libraryId: 'second', pluginIds: ['test.versioned'] }])
  })
})
