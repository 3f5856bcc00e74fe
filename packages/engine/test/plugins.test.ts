import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AudioServer, type Engine, EngineError, handle, listPlugins, loadPluginLibrary } from '../src/index.ts'
import { createEngine, needs } from './support/engine.ts'
import { addonPath, fixture } from './support/native.ts'

const ids = () => listPlugins().map(({ id }) => id)
const registered = () => JSON.parse(handle('{"cmd":"list_registered_plugins"}')).plugins

describe('listPlugins', needs('in_process'), () => {
  it('works before any engine exists, and is what list_registered_plugins says', () => {
    const code = `const { handle, listPlugins } = require(${JSON.stringify(addonPath)});
      const first = listPlugins(); const { plugins } = JSON.parse(handle('{"cmd":"list_registered_plugins"}'));
      require('node:assert').deepStrictEqual(first, plugins); console.log(first.length)`
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', timeout: 30_000 })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(Number(stdout)).toBeGreaterThanOrEqual(5)
  })
})

describe('Engine.listPlugins', () => {
  it('describes each built-in plugin in full, each id once', async () => {
    await using engine = await createEngine({ outputDevice: null })
    const plugins = await engine.listPlugins()
    const listed = plugins.map(({ id }) => id)
    expect(new Set(listed).size).toBe(plugins.length)
    const builtin = ['builtin.sine', 'builtin.mixer', 'builtin.reverb', 'builtin.sampler', 'builtin.synth']
    expect(listed).toEqual(expect.arrayContaining(builtin))
    for (const plugin of plugins) {
      expect(plugin).toMatchObject({ display_name: expect.stringMatching(/./), ports: expect.any(Array) })
    }
  })
})

describe('loadPluginLibrary', needs('in_process'), () => {
  it('brings new plugins at once, and again changes nothing', () => {
    const first = loadPluginLibrary(fixture('two_plugins.so'))
    expect(first).toEqual({ ok: true, libraryId: 'two_plugins', pluginIds: ['test.two_a', 'test.two_b'], error: null })
    expect(ids()).toEqual(expect.arrayContaining(['test.two_a', 'test.two_b']))
    expect(registered()).toEqual(listPlugins())
    const before = listPlugins()
    expect(loadPluginLibrary(fixture('two_plugins.so'))).toEqual(first)
    expect(listPlugins()).toEqual(before)
  })
})

describe('Engine.loadPluginLibrary', needs('plugin_libraries'), () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await createEngine({ outputDevice: null })
  })
  afterAll(() => engine.close())

  it.each<[string, string, RegExp]>([
    ['not_a_library.so', 'plugin_load_failed', /not_a_library\.so/],
    ['truncated.so', 'plugin_load_failed', /truncated\.so/],
    ['no_entry.so', 'plugin_load_failed', /register_plugin/],
    ['no_stamp.so', 'plugin_load_failed', /stamp/],
    ['other_abi.so', 'plugin_abi_mismatch', /2\.3.*1\./],
    ['throws_exception.so', 'plugin_load_failed', /the wavetable is missing/],
    ['throws_int.so', 'plugin_load_failed', /throws_int\.so/],
    ['refuses.so', 'plugin_load_failed', /the licence has run out/],
    ['adds_nothing.so', 'plugin_load_failed', /no plugin/],
    ['bad_descriptor.so', 'plugin_load_failed', /gain/],
    ['duplicate_ids.so', 'duplicate_id', /test\.twin/],
    ['undefined_symbol.so', 'plugin_load_failed', /a_function_that_nobody_has/],
    ['claims_builtin.so', 'plugin_load_failed', /builtin\.impostor/],
    ['crash_register.so', 'plugin_crashed', /SIGSEGV/],
    ['crash_load.so', 'plugin_crashed', /SIGSEGV/],
    ['crash_close.so', 'plugin_crashed', /SIGSEGV/],
    ['fickle.so', 'plugin_load_failed', /second time/],
    ['aborts.so', 'plugin_crashed', /SIGABRT/],
    ['crash_create.so', 'plugin_crashed', /SIGSEGV.*create of test\.crash_create/],
    ['crash_destroy.so', 'plugin_crashed', /SIGSEGV.*destroy of test\.crash_destroy/],
    ['exit_create.so', 'plugin_load_failed', /ended the process.*create/],
    ['hang_create.so', 'plugin_timeout', /create of test\.hang_create/],
    ['thread_local_destructor.so', 'plugin_load_failed', /stays in memory.*thread_local/],
    ['unique_symbols.so', 'plugin_load_failed', /unique symbol.*-fno-gnu-unique/],
    ['exits.so', 'plugin_load_failed', /ended the process/],
    ['hang_register.so', 'plugin_timeout', /hang_register\.so/],
    ['hang_load.so', 'plugin_timeout', /hang_load\.so/],
  ])('refuses %s with %s, and goes on', async (name, code, message) => {
    const before = await engine.listPlugins()
    const start = performance.now()
    const refused = { code, message: expect.stringMatching(message) }
    await expect(engine.loadPluginLibrary(fixture(name))).rejects.toMatchObject(refused)
    expect(performance.now() - start).toBeLessThan(2000)
    expect(await engine.listPlugins()).toEqual(before)
    expect((await engine.send({ cmd: 'ping' })).status).toBe('ok')
    const loaded = await engine.loadPluginLibrary(fixture('impulse.so'))
    expect(loaded).toMatchObject({ pluginIds: ['test.impulse'] })
    await engine.unloadPluginLibrary(loaded.libraryId)
  })

  it('refuses a file that is not there', async () => {
    const refused = { code: 'plugin_load_failed', message: expect.stringContaining('/no/such/library.so') }
    await expect(engine.loadPluginLibrary('/no/such/library.so')).rejects.toMatchObject(refused)
  })

  it('gives the ids, or rejects with the reason, while the event loop goes on', async () => {
    const loaded = await engine.loadPluginLibrary(fixture('impulse.so'))
    expect(loaded).toMatchObject({ libraryId: 'impulse', pluginIds: ['test.impulse'] })
    let turns = 0
    const counter = setInterval(() => turns++, 10)
    const outcome = await engine.loadPluginLibrary(fixture('hang_register.so')).catch((error: unknown) => error)
    clearInterval(counter)
    expect(outcome).toBeInstanceOf(EngineError)
    expect(outcome).toMatchObject({ code: 'plugin_timeout' })
    expect(turns).toBeGreaterThan(20)
  })
})

describe('the registry', needs('in_process'), () => {
  it('is one for all engines and workers of the process', async () => {
    const library = fixture('versioned_other.so')
    const script = new URL('./support/registry-worker.mjs', import.meta.url)
    const worker = new Worker(script, { workerData: { addon: addonPath, library } })
    const [first] = await once(worker, 'message')
    expect(first.result).toMatchObject({ ok: true, pluginIds: ['test.other'] })
    expect(first.ids).toContain('test.other')
    expect(ids()).toContain('test.other')
    const server = new AudioServer()
    expect(server.handle('{"cmd":"list_registered_plugins"}')).toContain('test.other')
    server.close()
    loadPluginLibrary(fixture('versioned_1.so'))
    worker.postMessage('look')
    const [second] = await once(worker, 'message')
    expect(second.ids).toContain('test.versioned')
    expect(second.registered).toEqual(second.ids)
    await worker.terminate()
    expect(ids()).toContain('test.other')
  })

  it('takes loads from several workers at once', async () => {
    const script = new URL('./support/registry-worker.mjs', import.meta.url)
    const libraries = ['impulse.so', 'two_plugins.so', 'versioned_1.so', 'versioned_other.so'].map(fixture)
    const workers = libraries.map((library) => new Worker(script, { workerData: { addon: addonPath, library } }))
    const answers = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]))
    expect(answers.every(({ result }) => result.ok)).toBe(true)
    await Promise.all(workers.map((worker) => worker.terminate()))
    expect(ids()).toEqual(expect.arrayContaining(['test.impulse', 'test.two_a', 'test.versioned', 'test.other']))
  })
})
