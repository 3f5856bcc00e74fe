import { once } from 'node:events'
import { copyFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Engine, LibraryReloadedEvent } from '../src/index.ts'
import { createEngine, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { fixture } from './support/native.ts'
import { describeLibrary, descriptor } from './support/sidecars.ts'

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
const versionOf = async (id: string, of = engine) =>
  (await of.listPlugins()).find((plugin) => plugin.id === id)?.version
const own = async () => (await engine.listLibraries()).filter(({ builtin }) => !builtin)

describe('a plugin library', needs('plugin_libraries'), () => {
  it('is loaded, listed, and unloaded by its id or its path', async () => {
    const path = build('versioned_1.so')
    const loaded = await engine.loadPluginLibrary(path)
    expect(loaded).toEqual({ libraryId: 'growing', path, pluginIds: ['test.versioned'], generation: 1 })
    expect(await own()).toEqual([{ ...loaded, isa: expect.any(String), builtin: false }])
    expect(await engine.unloadPluginLibrary(path)).toEqual([])
    expect(await own()).toEqual([])
    await engine.loadPluginLibrary(path)
    await engine.unloadPluginLibrary('growing')
    expect(await versionOf('test.versioned')).toBeUndefined()
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
    expect(await versionOf('test.versioned')).toBe(2)
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

describe('loadPluginLibraries', needs('plugin_libraries'), () => {
  it('loads what it can, and says why the others are not there', async () => {
    const good = build('impulse.so', join(folder, 'impulse.so'))
    mkdirSync(join(folder, 'more'))
    const inFolder = build('two_plugins.so', join(folder, 'more/two.so'))
    const bad = [build('crash_register.so', join(folder, 'crash.so')), join(folder, 'nowhere.so')]
    const { libraries, failed } = await engine.loadPluginLibraries([
      bad[0] as string,
      good,
      join(folder, 'more'),
      bad[1] as string,
    ])
    expect(libraries).toEqual([
      { path: good, libraryId: 'impulse', pluginIds: ['test.impulse'], generation: 1 },
      { path: inFolder, libraryId: 'two', pluginIds: ['test.two_a', 'test.two_b'], generation: 1 },
    ])
    expect(failed.map(({ path, code }) => [path, code])).toEqual([
      [bad[0], 'plugin_crashed'],
      [bad[1], 'plugin_load_failed'],
    ])
    expect(failed[0]?.message).toContain('SIGSEGV')
  })
})

describe('createEngine with discover', needs('plugin_libraries'), () => {
  const variables = ['ARRANGER_PLUGIN_PATH', 'XDG_DATA_HOME', 'LOCALAPPDATA']
  const before = variables.map((name) => process.env[name])
  beforeEach(() => {
    process.env.ARRANGER_PLUGIN_PATH = folder
    process.env.XDG_DATA_HOME = process.env.LOCALAPPDATA = join(folder, 'data')
  })
  afterEach(() => {
    for (const [index, name] of variables.entries()) {
      const value = before[index]
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })

  it('loads what is found, what was named first, and warns of what is broken', async () => {
    mkdirSync(join(folder, 'named'))
    const named = build('versioned_2.so', join(folder, 'named/mine.so'))
    const shadowed = build('versioned_1.so', join(folder, 'theirs.so'))
    for (const library of [named, shadowed]) describeLibrary(library, [descriptor('test.versioned')])
    build('impulse.so', join(folder, 'impulse.so'))
    build('no_entry.so', join(folder, 'broken.so'))
    const warned = once(process, 'warning')
    await using other = await createEngine({ outputDevice: null, pluginPaths: [named], discover: true })
    const ids = (await other.listPlugins()).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['test.impulse', 'test.versioned']))
    expect(await versionOf('test.versioned', other)).toBe(2)
    const [warning] = await warned
    expect(warning).toMatchObject({
      name: 'PluginWarning',
      code: 'plugin_load_failed',
      message: expect.stringContaining('broken.so'),
    })
  })

  it('loads nothing when it is not asked', async () => {
    build('impulse.so', join(folder, 'impulse.so'))
    await using other = await createEngine({ outputDevice: null })
    expect((await other.listPlugins()).map(({ id }) => id)).not.toContain('test.impulse')
  })
})

describe('watchPluginLibrary', needs('plugin_libraries'), () => {
  /** A promise and what resolves it. */
  function told<T>() {
    let tell: (event: T) => void = () => {}
    const heard = new Promise<T>((resolve) => {
      tell = resolve
    })
    return { tell, heard }
  }

  it('loads a library that comes, takes each new build, and says why one is not taken', async () => {
    const path = join(folder, 'growing.so')
    const [loaded, reloaded, failed] = [told<object>(), told<object>(), told<object>()]
    const options = { onLoaded: loaded.tell, onReloaded: reloaded.tell, onFailed: failed.tell }
    await using watch = await engine.watchPluginLibrary(path, options)
    expect(watch.path).toBe(path)
    build('versioned_1.so')
    expect(await loaded.heard).toMatchObject({ path, plugin_ids: ['test.versioned'], generation: 1 })
    build('versioned_2.so')
    expect(await reloaded.heard).toMatchObject({ path, generation: 2 })
    build('no_entry.so')
    expect(await failed.heard).toMatchObject({ path, code: 'plugin_load_failed' })
    expect(await versionOf('test.versioned')).toBe(2)
  })

  it('goes on for one when another of the same file is closed, and ends with the last', async () => {
    const path = build('versioned_1.so')
    await engine.loadPluginLibrary(path)
    const abort = new AbortController()
    const events: LibraryReloadedEvent[] = []
    const first = await engine.watchPluginLibrary(path, {
      signal: abort.signal,
      onReloaded: (event) => events.push(event),
    })
    const { tell, heard } = told<LibraryReloadedEvent>()
    const second = await engine.watchPluginLibrary(path, { onReloaded: tell })
    abort.abort()
    await first.close()
    build('versioned_2.so')
    expect(await heard).toMatchObject({ generation: 2 })
    expect(events).toEqual([])
    await second.close()
    await second.close()
    // Another file that is watched tells when the engine has looked again.
    const other = build('impulse.so', join(folder, 'impulse.so'))
    await engine.loadPluginLibrary(other)
    build('versioned_1.so')
    const next = told<object>()
    await using third = await engine.watchPluginLibrary(other, { onFailed: next.tell })
    writeFileSync(third.path, 'no library')
    await next.heard
    expect(await versionOf('test.versioned')).toBe(2)
  })

  it('begins not at all with a signal that was aborted, and ends with its engine', async () => {
    const signal = AbortSignal.abort(new Error('too late'))
    const path = build('versioned_1.so')
    await expect(engine.watchPluginLibrary(path, { signal })).rejects.toMatchObject({
      code: 'cancelled',
      cause: { message: 'too late' },
    })
    const other = await createEngine({ outputDevice: null })
    const watch = await other.watchPluginLibrary(path)
    await other.close()
    await watch.close()
  })
})
