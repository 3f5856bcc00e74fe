// Many libraries at once, libraries that are still to be built, and what lies beside those that were.
import { spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Descriptor } from '@arranger/plugin-sdk'
import { describe, expect, it } from 'vitest'
import { needs, type Reply } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { ask, engine, eventually, must, useEngine } from './support/live.ts'
import { addonPath, fixture } from './support/native.ts'

useEngine()

const kinds = ['library_loaded', 'library_reloaded', 'library_failed']

const registered = async (): Promise<Descriptor[]> => (await must({ cmd: 'list_registered_plugins' })).plugins

/** What is told of libraries from now on. */
async function listen(): Promise<Reply[]> {
  const events: Reply[] = []
  engine().onEvent((text: string) => events.push(JSON.parse(text)))
  await must({ cmd: 'subscribe', events: kinds })
  return events
}

/** Waits until so much was told. */
const told = (events: Reply[], count: number) =>
  eventually(
    () => events,
    ({ length }) => length >= count,
  )

describe('load_plugins', needs('plugin_libraries'), () => {
  it('loads files and directories; one that fails keeps no other from being loaded', async () => {
    const folder = temporaryFolder()
    copyFileSync(fixture('versioned_1.so'), join(folder, 'b.so'))
    copyFileSync(fixture('exit_create.so'), join(folder, 'a.so'))
    const events = await listen()
    const missing = join(folder, 'missing.so')
    const reply = await must({
      cmd: 'load_plugins',
      paths: [fixture('two_plugins.so'), folder, missing],
      replace: true,
    })
    expect(reply.libraries).toMatchObject([
      { plugin_id: 'test.two_a', plugin_ids: ['test.two_a', 'test.two_b'], path: fixture('two_plugins.so') },
      { plugin_id: 'test.versioned', path: join(folder, 'b.so'), generation: 1 },
    ])
    expect(reply.failed).toMatchObject([
      {
        path: join(folder, 'a.so'),
        code: 'plugin_load_failed',
        message: expect.stringContaining('in create of test.'),
      },
      { path: missing, code: 'plugin_load_failed', message: expect.stringContaining('No such file') },
    ])
    expect((await registered()).map(({ id }) => id)).toEqual(expect.arrayContaining(['test.two_b', 'test.versioned']))
    const told = await eventually(
      () => events.map(({ event }) => event),
      ({ length }) => length >= 4,
    )
    expect(told.sort()).toEqual(['library_failed', 'library_failed', 'library_loaded', 'library_loaded'])
  })

  it('refuses an empty path, and loads nothing of none', async () => {
    expect(await ask({ cmd: 'load_plugins', paths: ['x.so', ''] })).toMatchObject({
      code: 'invalid_request',
      path: '/paths/1',
    })
    expect(await must({ cmd: 'load_plugins', paths: [] })).toMatchObject({ libraries: [], failed: [] })
  })
})

describe('watch_library with a path', needs('plugin_libraries'), () => {
  const library = readFileSync(fixture('test_gain.so'))
  /** Another build of the gain. */
  const build = (n: number) => Buffer.concat([library, Buffer.from(`build ${n}`)])

  it('loads the library when it comes, and again with each build, whatever way it is written', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'build', 'gain.so')
    mkdirSync(dirname(path))
    await must({ cmd: 'load_plugins', paths: [fixture('test_gain.so')], replace: true })
    await must({ cmd: 'unload_plugin', library_id: await idOf(fixture('test_gain.so')) })
    const events = await listen()
    await must({ cmd: 'watch_library', path })
    // In place, in pieces that are no library yet.
    const first = build(1)
    writeFileSync(path, '')
    for (let at = 0; at < first.length; at += 10_000) {
      appendFileSync(path, first.subarray(at, at + 10_000))
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    await told(events, 1)
    // Beside, and renamed.
    writeFileSync(`${path}.new`, build(2))
    renameSync(`${path}.new`, path)
    await told(events, 2)
    writeFileSync(path, 'no library')
    await told(events, 3)
    writeFileSync(path, build(3))
    await told(events, 4)
    expect(events).toMatchObject([
      { event: 'library_loaded', path, generation: 1, plugin_ids: ['test.gain'] },
      { event: 'library_reloaded', path, generation: 2 },
      { event: 'library_failed', path, code: 'plugin_load_failed' },
      { event: 'library_reloaded', path, generation: 3 },
    ])
    await must({ cmd: 'unload_plugin', library_id: await idOf(path) })
  })

  it('tells once of a file that stays incomplete', async () => {
    const path = join(temporaryFolder(), 'half.so')
    writeFileSync(path, library.subarray(0, 20_000))
    const events = await listen()
    await must({ cmd: 'watch_library', path })
    await told(events, 1)
    expect(events).toMatchObject([{ event: 'library_failed', path, message: expect.stringContaining('truncated') }])
    // What is written next is told next: nothing was told twice in between.
    writeFileSync(path, 'no library')
    await told(events, 2)
    expect(events[1]).toMatchObject({
      event: 'library_failed',
      message: expect.stringContaining('not a shared library'),
    })
    await must({ cmd: 'watch_library', path, enabled: false })
  })

  it('takes one name of the library, not two and not none', async () => {
    expect(await ask({ cmd: 'watch_library' })).toMatchObject({ code: 'invalid_request', path: '/library_id' })
    expect(await ask({ cmd: 'watch_library', library_id: 'x', path: 'y' })).toMatchObject({
      code: 'invalid_request',
      path: '/path',
    })
  })

  /** The library that was loaded from a path. */
  async function idOf(path: string): Promise<string> {
    const libraries: Reply[] = (await must({ cmd: 'list_libraries' })).libraries
    return libraries.find((one) => one.path === path)?.library_id
  }
})

describe('the description beside a library', needs('plugin_libraries'), () => {
  const plugins = join(dirname(addonPath), 'plugins')
  const libraries = readdirSync(plugins).filter((name) => /\.(so|dylib|dll)$/.test(name))
  const sidecarOf = (library: string) => JSON.parse(readFileSync(library.replace(/\.\w+$/, '.plugin.json'), 'utf8'))

  it('says of every built-in library what the library says', async () => {
    const described: Descriptor[] = []
    for (const name of libraries) {
      const { format, library, abi, content_hash, plugins: own } = sidecarOf(join(plugins, name))
      expect({ format, library, abi }).toEqual({
        format: 1,
        library: basename(name).replace(/\.\w+$/, ''),
        abi: { major: 1, minor: expect.any(Number) },
      })
      expect(content_hash).toMatch(/^[0-9a-f]{16}$/)
      described.push(...own)
    }
    const byId = (a: Descriptor, b: Descriptor) => (a.id < b.id ? -1 : 1)
    expect(described.sort(byId)).toEqual((await registered()).filter(({ id }) => id.startsWith('builtin.')).sort(byId))
  })

  it('changes with the content, and goes when there is nothing to say', () => {
    const folder = temporaryFolder()
    const library = join(folder, 'gain.so')
    const describe = () => spawnSync(join(dirname(addonPath), 'arranger-describe'), [library], { encoding: 'utf8' })
    copyFileSync(fixture('test_gain.so'), library)
    expect(describe()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    const before = sidecarOf(library)
    expect(before.plugins).toMatchObject([{ id: 'test.gain' }])
    appendFileSync(library, 'built again')
    describe()
    expect(sidecarOf(library).content_hash).not.toBe(before.content_hash)
    copyFileSync(fixture('refuses.so'), library)
    expect(describe()).toMatchObject({ status: 1, stderr: expect.stringContaining('the licence has run out') })
    expect(readdirSync(folder)).toEqual(['gain.so'])
  })
})
