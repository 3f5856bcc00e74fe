// What sessions have kept of the built-in plugins, in every version that was ever released, is loaded for ever.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AudioServer, listPlugins } from '@arranger/engine'
import { afterAll, describe, expect, it } from 'vitest'

const archive = fileURLToPath(new URL('states/', import.meta.url))
const builtins = listPlugins().filter(({ id }) => id.startsWith('builtin.'))
const states = readdirSync(archive).flatMap((id) => readdirSync(join(archive, id)).map((file) => ({ id, file })))
const server = new AudioServer({ outputDevice: null })
afterAll(() => server.close())
const ask = (request: object) => JSON.parse(server.handle(JSON.stringify(request)))

describe('states of built-in plugins', () => {
  it('are archived for every version', () => {
    expect(builtins.length).toBeGreaterThan(20)
    for (const { id, version } of builtins)
      expect(
        existsSync(join(archive, id, `${version}.json`)),
        `${id} ${version}: run node scripts/archive-states.mjs`,
      ).toBe(true)
  })

  it.each(states)('$id $file is loaded, and nothing of it is lost', ({ id, file }) => {
    const node = JSON.parse(readFileSync(join(archive, id, file), 'utf8'))
    const nodes = [
      { id: 'node', type: id },
      { id: 'mixer', type: 'mixer' },
    ]
    expect(ask({ cmd: 'set_graph', nodes })).toMatchObject({ status: 'ok' })
    expect(ask({ cmd: 'set_state', node_id: 'node', node })).toEqual({ status: 'ok', warnings: [] })
    const now = ask({ cmd: 'get_state', node_id: 'node' }).node
    const { version } = builtins.find((builtin) => builtin.id === id) ?? {}
    expect(now.plugin_version).toBe(version)
    if (file === `${version}.json`) expect(now).toEqual(node)
  })
})
