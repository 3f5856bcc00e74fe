import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addonCandidates, openAddon } from '../src/addon.ts'

/** The package as a program sees it that starts with this environment. */
async function freshPackage(environment: Record<string, string>) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  vi.resetModules()
  return import('../src/index.ts')
}

afterEach(() => {
  vi.unstubAllEnvs()
  vi.resetModules()
})

describe('the native library', () => {
  it('is looked for in the named file, else in the platform package, then in the local build', () => {
    expect(addonCandidates({ ARRANGER_ADDON: '/opt/a.node' }).map(({ file }) => file)).toEqual(['/opt/a.node'])
    expect(addonCandidates({}).map(({ file }) => file)).toEqual([
      `@arranger/engine-${process.platform}-${process.arch}`,
      fileURLToPath(new URL('../../../build/release/bin/arranger.node', import.meta.url)),
    ])
  })

  it('is missed with an error that lists what was tried', async () => {
    const { listPlugins, createEngine } = await freshPackage({ ARRANGER_ADDON: '/no/such/arranger.node' })
    const expected = {
      name: 'EngineError',
      code: 'addon_not_found',
      message: expect.stringMatching(/ARRANGER_ADDON \/no\/such\/arranger\.node: no such file/),
    }
    expect(listPlugins).toThrow(expect.objectContaining(expected))
    await expect(createEngine({ backend: 'binding' })).rejects.toMatchObject(expected)
  })

  it('is missed with the reason when the file is not a library', async () => {
    const { handle } = await freshPackage({
      ARRANGER_ADDON: fileURLToPath(new URL('../package.json', import.meta.url)),
    })
    expect(() => handle('{}')).toThrow(
      expect.objectContaining({ code: 'addon_not_found', message: expect.stringMatching(/not the native library/) }),
    )
  })
})

describe('AudioServer', () => {
  it('says that it is closed, whatever is asked of it', async () => {
    const { AudioServer } = await import('../src/index.ts')
    const server = new AudioServer()
    server.onEvent(null)
    server.close()
    server.close()
    const closed = 'This AudioServer is closed'
    expect(() => server.handle('{"cmd":"ping"}')).toThrow(closed)
    expect(() => server.onEvent(() => {})).toThrow(closed)
    expect(() => server.onEvent(null)).toThrow(closed)
    await expect(server.handleAsync('{"cmd":"ping"}')).rejects.toThrow(closed)
  })

  it('takes requests of any length and script, whichever way they are given', async () => {
    const { AudioServer } = await import('../src/index.ts')
    const server = new AudioServer({ outputDevice: null })
    const loose = new (openAddon(addonCandidates()).AudioServer)({ outputDevice: null })
    const handlers = [(text: string) => server.handle(text), loose.handle, (text: string) => server.handle(text, [])]
    const script = ['a', 'ä', '旋', '🎵', '\ud800']
    for (const handle of handlers) {
      for (const length of [1, 100, 1000, 2000, 2022, 2023, 2024, 2025, 2026, 2027, 2028, 2029, 2030, 5000])
        for (const letter of script) {
          const id = letter.repeat(length)
          const { id: back, status } = JSON.parse(handle(`{"cmd":"ping","id":"${id}"}`))
          expect(back === Buffer.from(id).toString() && status === 'ok', `${length} times ${letter}`).toBe(true)
        }
      // Of a long text a few bytes more than characters are read at once, others again.
      for (let more = 0; more < 12; more++) {
        const id = 'a'.repeat(5000) + 'ä'.repeat(more)
        expect(JSON.parse(handle(`{"cmd":"ping","id":"${id}"}`)).id === id, `${more} more`).toBe(true)
      }
    }
    // A function that was taken off its object knows when that is closed.
    loose.close()
    expect(() => loose.handle('{"cmd":"ping"}')).toThrow('This AudioServer is closed')
    expect(() => loose.send(0, 0)).toThrow('This AudioServer is closed')
    for (const wrong of [undefined, 7, null, {}])
      expect(() => loose.handle(wrong as unknown as string)).toThrow('Expected the request to be a string')
    server.close()
  })
})
