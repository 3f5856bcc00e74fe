// SPDX-License-Identifier: MIT
// Which back end an engine gets, and what is told of those that it does not get.
import { execFile } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openBackend } from '../src/backends.ts'
import {
  type BackendAttempt,
  type BackendName,
  backendNames,
  checkBackends,
  createEngine,
  type EngineOptions,
} from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { hasModule } from './support/wasm.ts'

const folder = temporaryFolder()
const nothing = join(folder, 'nothing')
const built = new URL('../dist/index.js', import.meta.url).href

function executable(name: string, script: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

beforeEach(() => {
  // Whatever the suite runs on, here the program decides.
  vi.stubEnv('ARRANGER_BACKEND', '')
  vi.stubEnv('ARRANGER_SERVER_ADDRESS', join(folder, 'socket'))
  vi.stubEnv('ARRANGER_WASM', nothing)
})
afterEach(() => vi.unstubAllEnvs())

const withoutServer = () => vi.stubEnv('ARRANGER_SERVER', nothing)

async function made(options: EngineOptions = {}) {
  await using engine = await createEngine(options)
  return { backend: engine.backend, attempts: engine.attempts }
}

describe('a back end that is not named', () => {
  it('is the addon', async () => {
    expect(await made()).toEqual({
      backend: 'binding',
      attempts: [{ backend: 'binding', ok: true, ms: expect.any(Number) }],
    })
    expect(await made({ backend: 'auto' })).toMatchObject({ backend: 'binding' })
  })

  it('is what the settings prefer, else the next; each attempt says why it failed', async () => {
    withoutServer()
    const settings = join(folder, 'settings.json')
    writeFileSync(settings, '{"audio_backend":"server"}')
    const { backend, attempts } = await made({ settings })
    expect(backend).toBe('binding')
    expect(attempts).toEqual([
      { backend: 'server', ok: false, ms: expect.any(Number), reason: expect.stringContaining(nothing) },
      { backend: 'binding', ok: true, ms: expect.any(Number) },
    ])
  })
})

describe('where the addon cannot be loaded', () => {
  /** What a process of its own gets: in this one the addon is loaded already. */
  async function elsewhere(environment: NodeJS.ProcessEnv): Promise<{ backend: string; attempts: BackendAttempt[] }> {
    const program = `import { createEngine } from ${JSON.stringify(built)}
      const engine = await createEngine({ outputDevice: null }).catch(({ code, message }) => ({ backend: code, attempts: message }))
      await engine.send?.({ cmd: 'ping' })
      console.log(JSON.stringify({ backend: engine.backend, attempts: engine.attempts }))`
    // Nobody closes the engine: it keeps no process alive.
    const env = { ...process.env, ARRANGER_ADDON: nothing, ...environment }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env })
    return JSON.parse(stdout)
  }
  const failed = (backend: BackendName) => {
    return { backend, ok: false, reason: expect.stringContaining(nothing), ms: expect.any(Number) }
  }

  it('it is a server, which is started', async () => {
    expect(await elsewhere({})).toEqual({
      backend: 'server',
      attempts: [failed('binding'), { backend: 'server', ok: true, ms: expect.any(Number) }],
    })
  })

  it.skipIf(!hasModule)('and no server can be had, it is WebAssembly', async () => {
    expect(await elsewhere({ ARRANGER_SERVER: nothing, ARRANGER_WASM: '' })).toEqual({
      backend: 'wasm',
      attempts: [failed('binding'), failed('server'), { backend: 'wasm', ok: true, ms: expect.any(Number) }],
    })
  })

  it('nor anything else, every attempt is told with its reason', async () => {
    const { backend, attempts } = await elsewhere({ ARRANGER_SERVER: nothing })
    expect(backend).toBe('no_backend')
    for (const name of backendNames) expect(attempts).toMatch(new RegExp(`^  ${name}: .`, 'm'))
  })
})

describe('a device that is named', () => {
  it.skipIf(!hasModule)('is for the back ends that have devices: WebAssembly stands in without it', async () => {
    withoutServer()
    vi.stubEnv('ARRANGER_WASM', '')
    const config = { outputDevice: 'Speakers' }
    const { backend, connection } = await openBackend(['server', 'wasm'], config)
    await connection.close()
    expect(backend).toBe('wasm')
    await expect(openBackend(['wasm'], config)).rejects.toMatchObject({ code: 'device_unavailable' })
  })

  it('by the settings, and is not plugged in, makes no back end unavailable', async () => {
    const settings = join(folder, 'unplugged.json')
    writeFileSync(settings, '{"output_device":"Unplugged"}')
    vi.stubEnv('ARRANGER_SETTINGS', settings)
    vi.stubEnv('ARRANGER_OUTPUT_DEVICE', '')
    vi.stubEnv('ARRANGER_WASM', '')
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const found = (await checkBackends()).map(({ backend, ok, reason }) => [backend, ok, reason])
    expect(found).toEqual([
      ['binding', true, undefined],
      ['server', true, undefined],
      ['wasm', hasModule, hasModule ? undefined : expect.any(String)],
    ])
    expect(warn).toHaveBeenCalledTimes(2)
    warn.mockRestore()
  })
})

describe('when all fail', () => {
  // The addon is loaded in this process already, so the order is tried without it.
  it('every attempt is told with its reason', async () => {
    vi.stubEnv('ARRANGER_SERVER', executable('broken', 'echo "no sound card in this house" >&2; exit 7'))
    await expect(openBackend(['server', 'wasm'], {})).rejects.toMatchObject({
      code: 'no_backend',
      message: expect.stringMatching(/server: .*it ended with 7: no sound card in this house\n {2}wasm: ./),
    })
  })

  it('for a fault of the caller nothing else is tried', async () => {
    withoutServer()
    await expect(openBackend(['binding', 'server', 'wasm'], { sampleRate: 1 })).rejects.toMatchObject({
      code: 'out_of_range',
    })
    await expect(createEngine({ blockSize: 'x' as never })).rejects.toMatchObject({ code: 'type_mismatch' })
  })
})

describe('a back end that is named', () => {
  it.each([
    ['server', 'server_unavailable'],
    ['wasm', 'wasm_unavailable'],
  ] as const)('is it or nothing: %s', async (backend, code) => {
    withoutServer()
    await expect(createEngine({ backend })).rejects.toMatchObject({ code })
    vi.stubEnv('ARRANGER_BACKEND', backend)
    await expect(createEngine()).rejects.toMatchObject({ code })
    expect(await made({ backend: 'binding' }), 'code comes before the environment').toMatchObject({
      backend: 'binding',
    })
  })

  it('has to be one that there is', async () => {
    const refusal = { code: 'unknown_backend', message: expect.stringContaining("nearest is 'server'") }
    await expect(createEngine({ backend: 'serve' as never })).rejects.toMatchObject(refusal)
    vi.stubEnv('ARRANGER_BACKEND', 'serve')
    await expect(createEngine()).rejects.toMatchObject(refusal)
    await using engine = await createEngine({ backend: 'binding' })
    await expect(engine.switchBackend('serve' as never)).rejects.toMatchObject(refusal)
  })
})
