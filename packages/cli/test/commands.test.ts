import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { arranger, folder, program } from './support.ts'

const builtin = ['builtin.fluidsynth', 'builtin.mixer', 'builtin.reverb', 'builtin.sine', 'builtin.synth']

async function json(...args: string[]) {
  const { code, stdout, stderr } = await arranger(args)
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout.toString())
}

describe('plugins list', () => {
  it('shows every plugin with its library', async () => {
    const { code, stdout } = await arranger(['plugins', 'list'])
    expect(code).toBe(0)
    const [head = '', ...rows] = stdout.toString().trimEnd().split('\n')
    expect(head.split(/\s{2,}/)).toEqual(['ID', 'NAME', 'CATEGORY', 'VERSION', 'FROM', 'LIBRARY'])
    const ids = rows.map((row) => row.split(/\s{2,}/)[0])
    expect(ids).toEqual(expect.arrayContaining(builtin))
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('gives whole descriptors as JSON', async () => {
    const { plugins } = await json('plugins', 'list', '--json')
    const reverb = plugins.find(({ id }: { id: string }) => id === 'builtin.reverb')
    expect(reverb.ports.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining(['audio_in', 'audio_out', 'wet']),
    )
    expect(existsSync(reverb.library)).toBe(true)
  })
})

describe('create', () => {
  it('makes a plugin as create-plugin does, with its errors', async () => {
    const cwd = folder()
    const { stdout } = await arranger(['create', 'my-gain', '--lang', 'c', '--json'], { cwd })
    expect(JSON.parse(stdout.toString())).toMatchObject({
      status: 'ok',
      name: 'my-gain',
      kind: 'effect',
      language: 'c',
    })
    expect(existsSync(join(cwd, 'my-gain/src/my-gain.c'))).toBe(true)
    const { code, stderr } = await arranger(['create', 'my-gain', '--yes'], { cwd })
    expect([code, stderr]).toEqual([1, expect.stringContaining('(folder_not_empty)')])
  })
})

describe('describe', () => {
  it('is the reply of the engine', async () => {
    const reply = await json('describe')
    expect(reply.status).toBe('ok')
    expect(Object.keys(reply.commands)).toEqual(expect.arrayContaining(['ping', 'set_graph', 'render']))
  })

  it('sums up one command', async () => {
    const { code, stdout } = await arranger(['describe', 'render'])
    expect(code).toBe(0)
    expect(stdout.toString()).toMatch(/^render /)
    expect(stdout.toString()).toMatch(/^ {2}tail_seconds +number.*= 1/m)
    const { request } = await json('describe', 'render', '--json')
    expect(request.properties.tail_seconds.default).toBe(1)
  })

  it('names the nearest command for one that is not there', async () => {
    const { code, stderr } = await arranger(['describe', 'set_grpah'])
    expect(stderr).toContain("The engine has no command 'set_grpah'; nearest is 'set_graph'")
    expect(code).toBe(3)
  })

  it.skipIf(process.platform === 'win32')('does not mind a reader that goes away', async () => {
    const command = `"${process.execPath}" "${program}" describe | head -n 1`
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', command])
    expect([stdout, stderr]).toEqual(['{\n', ''])
  })
})

describe('doctor', () => {
  it('finds what this machine has', async () => {
    const { status, checks } = await json('doctor', '--json')
    expect(status).toBe('ok')
    const states = Object.fromEntries(checks.map(({ name, state }: { name: string; state: string }) => [name, state]))
    expect(states).toMatchObject({
      node: 'ok',
      engine: 'ok',
      'plugin probe': 'ok',
      isolation: 'ok',
      validation: 'ok',
      plugins: 'ok',
      features: 'ok',
      'C++ compiler': 'ok',
      cmake: 'ok',
    })
    for (const { state, fix } of checks) expect(state === 'ok' || fix !== undefined).toBe(true)
  })

  it('says what is missing, where it looked and what fixes it', async () => {
    const nowhere = `${folder()}/arranger.node`
    const { code, stdout } = await arranger(['doctor'], { environment: { ARRANGER_ADDON: nowhere } })
    expect(code).toBe(1)
    expect(stdout.toString()).toContain(nowhere)
    expect(stdout.toString()).toMatch(/fix: npm run setup/)
    expect(stdout.toString()).toContain('Missing: engine.')
  })

  it('works with nothing on PATH', async () => {
    const { stdout } = await arranger(['doctor'], { environment: { PATH: folder() } })
    expect(stdout.toString()).toMatch(/! cmake +not found/)
  })

  it('points to itself when the engine cannot be loaded', async () => {
    const environment = { ARRANGER_ADDON: `${folder()}/arranger.node` }
    const { code, stderr } = await arranger(['plugins', 'list'], { environment })
    expect(stderr).toContain("'arranger doctor' shows what is missing")
    expect(code).toBe(1)
  })
})
