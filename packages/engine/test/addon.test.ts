import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addonCandidates } from '../src/addon.ts'

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
})
