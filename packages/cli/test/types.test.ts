import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixture } from '../../engine/test/support/native.ts'
import { compile } from '../../engine/test/support/typescript.ts'
import { arranger, folder } from './support.ts'

const library = () => fixture('test_gain.so')

async function types(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await arranger(['types', ...args], { cwd })
  return { code, stdout: stdout.toString(), stderr }
}

describe('types', () => {
  it('writes types by which the compiler knows the plugins of a library', async () => {
    const cwd = folder()
    const { code, stdout, stderr } = await types(cwd, library(), '-o', 'plugins.d.ts')
    expect([code, stdout, stderr]).toEqual([0, '', '✔ plugins.d.ts  1 plugin\n'])
    const program = `import { createEngine } from '@arranger/engine'
const engine = await createEngine()
const node = await engine.add('test.gain', { gain: 0.5 })
// @ts-expect-error a typo in the id
await engine.add('test.gian')
// @ts-expect-error an unknown parameter
await engine.add('test.gain', { gian: 0.5 })
// @ts-expect-error a text for a number
await engine.add('test.gain', { gain: '0.5' })
// @ts-expect-error an unknown port
await node.connect('nowhere', node, 'gain')`
    writeFileSync(join(cwd, 'program.ts'), program)
    expect(compile(cwd)).toBe('')
    rmSync(join(cwd, 'plugins.d.ts'))
    expect(compile(cwd)).toContain('test.gain')
  })

  it('prints to standard output, also for all that is found', async () => {
    const cwd = folder()
    const given = await types(cwd, library())
    expect(given).toMatchObject({ code: 0, stderr: '' })
    expect(given.stdout).toContain("'test.gain': {")
    const environment = { ARRANGER_PLUGIN_PATH: library(), XDG_DATA_HOME: cwd, LOCALAPPDATA: cwd }
    const found = await arranger(['types'], { cwd, environment })
    expect(found.stdout.toString()).toBe(given.stdout)
  })

  it('checks a file, and says how to write it again', async () => {
    const cwd = folder()
    await types(cwd, library(), '-o', 'plugins.d.ts')
    expect(await types(cwd, library(), '-o', 'plugins.d.ts', '--check')).toMatchObject({ code: 0 })
    const text = readFileSync(join(cwd, 'plugins.d.ts'), 'utf8')
    writeFileSync(join(cwd, 'plugins.d.ts'), text.replace('gain', 'gian'))
    const stale = await types(cwd, library(), '-o', 'plugins.d.ts', '--check')
    expect(stale.code).toBe(1)
    expect(stale.stderr).toContain(`arranger types ${library()} -o plugins.d.ts`)
    expect(readFileSync(join(cwd, 'plugins.d.ts'), 'utf8'), 'nothing is written').toContain('gian')
  })

  it.each<[string, () => string[], number, string]>([
    ['a library that is not there', () => ['nowhere.so'], 3, 'nowhere.so'],
    ['a library that is broken', () => [fixture('crash_register.so')], 4, 'plugin_crashed'],
    ['--check without a file', () => [library(), '--check'], 2, 'Expected -o FILE with --check'],
  ])('refuses %s', async (_, args, code, message) => {
    const refused = await types(folder(), ...args())
    expect(refused).toMatchObject({ code, stdout: '' })
    expect(refused.stderr).toContain(message)
  })
})
