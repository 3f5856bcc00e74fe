// What comes of hostile plugins: the table is fixtures/hostile.json. Those that are not refused when they are loaded play and
// render beside a sine, each in a process of its own.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createEngine, needs, ownEngine } from './support/engine.ts'
import { addonPath } from './support/native.ts'

interface Hostile {
  when: 'load' | 'create' | 'play'
  plugin?: string
  in_process: string
  does: string
}
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const table: Record<string, Hostile> = JSON.parse(readFileSync(here('./fixtures/hostile.json'), 'utf8'))
const library = (name: string) => join(dirname(addonPath), 'fixtures', `${name}.so`)
const when = (stage: Hostile['when']) =>
  Object.entries(table).filter(([, hostile]) => hostile.when === stage && !hostile.in_process.startsWith('skipped'))

/** What a process that plays and renders beside it prints; the process has to live, and to end by itself. */
function play(name: string, plugin = `test.${name}`) {
  const child = spawnSync(
    process.execPath,
    [here('./support/hostile.mjs'), here('../dist/index.js'), library(name), plugin],
    {
      encoding: 'utf8',
      timeout: 120_000,
      env: ownEngine(),
    },
  )
  expect({ status: child.status, signal: child.signal, stderr: child.stderr }).toEqual({
    status: 0,
    signal: null,
    stderr: '',
  })
  return JSON.parse(child.stdout)
}

it('the table has enough of them, and each is harmless when it is isolated', () => {
  expect(Object.keys(table).length).toBeGreaterThanOrEqual(18)
  for (const hostile of Object.values(table)) expect(hostile).toMatchObject({ isolated: 'harmless' })
})

describe('a library that', needs('plugin_libraries'), () => {
  for (const [name, { does, in_process: code }] of when('load'))
    it.skipIf(!existsSync(library(name)))(`${does} (${name}) is refused with ${code}`, async () => {
      await using engine = await createEngine({ outputDevice: null })
      const refused = { code, message: expect.stringContaining(name) }
      await expect(engine.loadPluginLibrary(library(name))).rejects.toMatchObject(refused)
      expect((await engine.send({ cmd: 'ping' })).status).toBe('ok')
    })
})

describe('a plugin that', needs('plugin_libraries', 'threads'), () => {
  for (const [name, { does, plugin, in_process: code }] of when('create'))
    it(`${does} (${name}) is refused with ${code} while the rest plays on`, () => {
      const { edit, faults, playing } = play(name, plugin)
      expect(edit).toMatchObject({ status: 'error', code, message: expect.stringContaining(plugin ?? `test.${name}`) })
      expect({ faults, playing }).toEqual({ faults: 0, playing: true })
    })

  for (const [name, { does, in_process: reason }] of when('play'))
    it(`${does} (${name}) is muted for ${reason} while the rest plays on`, () => {
      const { edit, fault, fault_ms, faults, playing, render, alone, cancelled, again } = play(name)
      expect(edit.status).toBe('ok')
      expect(fault).toMatchObject({
        event: 'plugin_fault',
        node_id: 'hostile',
        plugin_id: `test.${name}`,
        function: 'process',
        reason,
        message: expect.stringContaining('hostile'),
      })
      expect(fault.signal).toEqual(reason === 'crashed' ? expect.stringMatching(/^SIG[A-Z]+$/) : undefined)
      expect({ faults, playing, again }).toEqual({ faults: 1, playing: true, again: reason })
      if (reason === 'stuck') {
        expect(fault_ms).toBeLessThan(5000) // a second, on a machine that has time
        expect(cancelled).toMatchObject({ status: 'error', code: 'cancelled' })
        expect(render).toMatchObject({ code: 'plugin_timeout', message: expect.stringContaining("'hostile'") })
      } else {
        const message = expect.stringMatching(/^Node 'hostile' .* and was muted$/)
        expect(render.warnings).toEqual([{ code: 'plugin_failed', path: '', message }])
        expect(render.hash).toBe(alone)
      }
    })
})
