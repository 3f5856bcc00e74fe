// SPDX-License-Identifier: MIT
// The user's settings: what is read back is what was written, what is wrong is told, and nothing else in the file is touched.
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { handle, readSettings, type Settings, settingsKeys, settingsPath, writeSettings } from '../src/index.ts'
import { createEngine } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'

const folder = temporaryFolder()
let count = 0
/** A path of a file that is not there yet. */
const fresh = () => join(folder, String(++count), 'arranger', 'settings.json')
function holding(content: unknown): string {
  const path = fresh()
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const contentOf = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

const word = fc.string({ minLength: 1 })
const settings = fc.record<Partial<Settings>>(
  {
    audio_backend: fc.constantFrom('binding', 'server', 'wasm'),
    server_address: word,
    sample_rate: fc.integer({ min: 8000, max: 384_000 }),
    audio_block_size: fc.integer({ min: 1, max: 8192 }),
    audio_threads: fc.integer({ min: 0, max: 32 }),
    output_device: word,
    sf2_path: word,
    plugin_paths: fc.array(word),
  },
  { requiredKeys: [] },
)
const unknown = fc.dictionary(
  word.filter((key) => !settingsKeys.includes(key as never) && key !== '__proto__'),
  fc.jsonValue(),
)

describe('settings', () => {
  it('are read as they were written; unknown keys stay, and the order of all', async () => {
    await fc.assert(
      fc.asyncProperty(settings, settings, unknown, async (first, second, others) => {
        const path = holding(others)
        await writeSettings(first, path)
        await writeSettings(second, path)
        const { given, problems, settings } = await readSettings(path)
        const all = { ...first, ...second }
        expect(problems).toEqual([])
        expect(settings).toEqual({ audio_backend: 'binding', plugin_paths: [], ...all })
        expect(new Set(given)).toEqual(new Set(Object.keys(all)))
        const written = contentOf(path)
        expect(Object.entries(written).slice(0, Object.keys(others).length)).toEqual(
          Object.entries(JSON.parse(JSON.stringify(others))),
        )
        expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(written, null, 2)}\n`)
        expect(readdirSync(dirname(path)), 'nothing is left beside it').toEqual(['settings.json'])
      }),
      { numRuns: 60 },
    )
  })

  it('that nobody made are the defaults; a setting that is taken out is one again', async () => {
    const path = fresh()
    expect(await readSettings(path)).toEqual({
      path,
      settings: { audio_backend: 'binding', plugin_paths: [] },
      given: [],
      problems: [],
    })
    await writeSettings({ sample_rate: 48_000, sf2_path: '/a.sf2' }, path)
    await writeSettings({ sample_rate: undefined }, path)
    expect(contentOf(path)).toEqual({ sf2_path: '/a.sf2' })
  })

  it.each([
    ['audio_backend', 'bindings', /expected audio_backend to be "binding", "server", "wasm", not "bindings"/],
    ['audio_backend', 3, /not 3/],
    ['sample_rate', 7999, /between 8000 and 384000, not 7999/],
    ['sample_rate', '48000', /not "48000"/],
    ['audio_block_size', 0.5, /between 1 and 8192/],
    ['audio_threads', 33, /between 0 and 32/],
    ['output_device', '', /name of a device/],
    ['sf2_path', [], /a path, not \[\]/],
    ['plugin_paths', ['a', 1], /a list of paths/],
  ])('tell of a bad value and use the default: %s %j', async (key, value, message) => {
    const { settings, given, problems } = await readSettings(holding({ [key]: value, server_address: '/s' }))
    expect(problems).toEqual([{ key, value, message: expect.stringMatching(message) }])
    expect(given).toEqual(['server_address'])
    expect(settings).toEqual({ audio_backend: 'binding', plugin_paths: [], server_address: '/s' })
  })

  it('understand the name that WebAssembly had before, with a hint', async () => {
    const { settings, problems } = await readSettings(holding({ audio_backend: 'fluidsynth' }))
    expect(settings.audio_backend).toBe('wasm')
    expect(problems).toEqual([expect.objectContaining({ key: 'audio_backend', value: 'fluidsynth' })])
  })

  it.each(['{"sample_rate": 48000,', '[]', '"x"', ''])('do not touch a file that is none: %j', async (text) => {
    const path = holding(text)
    const { settings, problems } = await readSettings(path)
    expect(problems).toEqual([{ message: expect.stringContaining(path) }])
    expect(settings).toEqual({ audio_backend: 'binding', plugin_paths: [] })
    await expect(writeSettings({ sample_rate: 48_000 }, path)).rejects.toMatchObject({ code: 'invalid_settings' })
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('refuse to write what they would not read', async () => {
    const path = fresh()
    await expect(writeSettings({ sample_rate: 1 }, path)).rejects.toMatchObject({ code: 'invalid_settings' })
    await expect(writeSettings({ sample_rat: 1 } as never, path)).rejects.toMatchObject({ code: 'invalid_settings' })
    await expect(writeSettings({}, undefined)).rejects.toThrow(/ARRANGER_SETTINGS/)
    expect(readdirSync(folder)).not.toContain(String(count))
  })

  it('are never seen half written', async () => {
    const path = holding({ notes: 'x'.repeat(2 ** 20) })
    let writing = true
    const writes = (async () => {
      for (let rate = 44_000; rate < 44_040; ++rate) await writeSettings({ sample_rate: rate }, path)
      writing = false
    })()
    let reads = 0
    for (; writing; ++reads) expect((await readSettings(path)).problems).toEqual([])
    await writes
    expect(reads).toBeGreaterThan(1)
  })

  it('tell what the system refuses', async () => {
    const path = join(holding({}), 'under-a-file', 'settings.json')
    await expect(writeSettings({ sample_rate: 48_000 }, path)).rejects.toMatchObject({
      code: expect.stringMatching(/io_error|invalid_settings/),
    })
    expect((await readSettings(path)).problems).toEqual([{ message: expect.stringContaining(path) }])
  })

  it.skipIf(process.platform === 'win32')('leave a link a link', async () => {
    const [real, link] = [holding({}), fresh()]
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(real, link)
    await writeSettings({ sample_rate: 48_000 }, link)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(contentOf(real)).toEqual({ sample_rate: 48_000 })
  })

  it.skipIf(process.platform === 'win32')('make the file that a link leads to', async () => {
    const [link, between, real] = ['link', 'between', 'dotfiles/settings.json'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    symlinkSync('between', link)
    symlinkSync('dotfiles/settings.json', between)
    await writeSettings({ sample_rate: 48_000 }, link)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(contentOf(real)).toEqual({ sample_rate: 48_000 })
  })

  it.skipIf(process.platform === 'win32')('leave it to whom the file is open', async () => {
    const path = holding({})
    chmodSync(path, 0o606)
    await writeSettings({ sample_rate: 48_000 }, path)
    expect(statSync(path).mode & 0o777).toBe(0o606)
  })

  it('may begin with a byte-order mark', async () => {
    expect(await readSettings(holding('\uFEFF{"sample_rate":48000}'))).toMatchObject({
      problems: [],
      settings: { sample_rate: 48_000 },
    })
  })

  it('allow the range that the engine has', () => {
    const { properties } = JSON.parse(handle('{"cmd":"describe"}')).commands.open_device.request
    const range = ({ minimum, maximum }: { minimum: number; maximum: number }) => `between ${minimum} and ${maximum},`
    return Promise.all(
      [['sample_rate', properties.sample_rate] as const, ['audio_block_size', properties.block_size] as const].map(
        async ([key, schema]) => {
          const [problem] = (await readSettings(holding({ [key]: -1 }))).problems
          expect(problem?.message).toContain(range(schema))
        },
      ),
    )
  })

  it('stand where the system has such files', () => {
    const of = (platform: NodeJS.Platform, environment: object) =>
      settingsPath({ platform, environment: environment as NodeJS.ProcessEnv, home: '/h/me' })
    expect(of('linux', { XDG_CONFIG_HOME: '/x' })).toBe('/x/arranger/settings.json')
    expect(of('linux', { XDG_CONFIG_HOME: 'x' })).toBe('/h/me/.config/arranger/settings.json')
    expect(of('darwin', {})).toBe('/h/me/.config/arranger/settings.json')
    expect(of('win32', { APPDATA: 'C:\\me' })).toBe('C:\\me\\arranger\\settings.json')
    expect(of('linux', { ARRANGER_SETTINGS: '/y.json', XDG_CONFIG_HOME: '/x' })).toBe('/y.json')
    expect(of('linux', { ARRANGER_SETTINGS: 'none' })).toBeUndefined()
  })
})

describe('an engine', () => {
  const rateOf = async (options: object) => {
    await using engine = await createEngine(options)
    return (await engine.send({ cmd: 'get_stats' })).sample_rate
  }

  it('has what the settings say where the program says nothing', async () => {
    const path = holding({ sample_rate: 32_000 })
    expect(await rateOf({ settings: path })).toBe(32_000)
    expect(await rateOf({ settings: path, sampleRate: 22_050 })).toBe(22_050)
    expect(await rateOf({ settings: false })).toBe(44_100)
    vi.stubEnv('ARRANGER_SETTINGS', path)
    expect(await rateOf({})).toBe(32_000)
    vi.unstubAllEnvs()
  })

  it('tells of what is wrong in the settings once, and is made all the same', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const path = holding({ sample_rate: 1, plugin_paths: [join(folder, 'no-such.so')] })
    for (let i = 0; i < 2; ++i) expect(await rateOf({ settings: path })).toBe(44_100)
    const told = warn.mock.calls.map(([message]) => String(message))
    expect(told.filter((message) => message.includes('sample_rate'))).toHaveLength(1)
    expect(told.filter((message) => message.includes('no-such.so'))).toHaveLength(2)
    warn.mockRestore()
  })

  it('plays on what there is where the device of the settings is not, but not where the program names one', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    vi.stubEnv('ARRANGER_OUTPUT_DEVICE', '')
    expect(await rateOf({ settings: holding({ output_device: 'Unplugged' }) })).toBe(44_100)
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/'Unplugged'.*the default is used/),
      expect.anything(),
    )
    await expect(createEngine({ outputDevice: 'Unplugged' })).rejects.toMatchObject({ code: 'device_unavailable' })
    vi.unstubAllEnvs()
    warn.mockRestore()
  })
})
