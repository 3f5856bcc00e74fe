// Engines that play come and go with their threads: workers, processes that end in any way, and a thousand in a row.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { needs, ownEngine } from './support/engine.ts'

const index = fileURLToPath(new URL('../dist/index.js', import.meta.url))
const support = (name: string) => fileURLToPath(new URL(`./support/${name}`, import.meta.url))
const linux = process.platform === 'linux'

function run(...args: string[]) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 240_000,
    env: ownEngine(),
  })
  return { status, signal, stdout, stderr }
}
const playing = `const { play } = await import(${JSON.stringify(support('play.mjs'))});
  const { engine, heard } = await play(${JSON.stringify(index)}, () => {});`

describe('a process that plays', () => {
  it('may exit amid it', () => {
    const result = run('--input-type=module', '-e', `${playing} process.exit(7)`)
    expect(result).toEqual({ status: 7, signal: null, stdout: '', stderr: '' })
  })

  it('ends by an error that nobody caught as any process does', () => {
    const result = run('--input-type=module', '-e', `${playing} throw new Error('nobody catches me')`)
    expect(result).toMatchObject({ status: 1, signal: null, stdout: '' })
    expect(result.stderr).toMatch(/Error: nobody catches me\n(.*\n)*Node\.js v/)
    expect(result.stderr).not.toMatch(/terminate called|pure virtual|Segmentation|FATAL/)
  })

  it('ends by itself when it has closed its engine', () => {
    const result = run('--input-type=module', '-e', `${playing} await engine.close(); console.log('closed')`)
    expect(result).toEqual({ status: 0, signal: null, stdout: 'closed\n', stderr: '' })
  })
})

describe.runIf(linux)('what is left of engines that played', needs('in_process'), () => {
  it('workers may play two at a time, be terminated and fail, again and again: no thread of theirs is left', () => {
    const { stdout, ...result } = run(support('workers.mjs'), index, '10')
    expect(result).toEqual({ status: 0, signal: null, stderr: '' })
    const { ended, before, after } = JSON.parse(stdout)
    expect(ended).toEqual({ two_at_once: [[0], [0]], terminated: 1, thrown: 'from the worker' })
    expect(after).toBeLessThanOrEqual(before)
  })

  it('a thousand engines in a row leave no memory, file or thread behind', () => {
    const { stdout, ...result } = run('--expose-gc', support('cycles.mjs'), index, '1000')
    expect(result).toEqual({ status: 0, signal: null, stderr: '' })
    const { before, after } = JSON.parse(stdout)
    expect({ files: after.files, threads: after.threads }).toEqual({ files: before.files, threads: before.threads })
    expect(after.residentPages / before.residentPages).toBeLessThan(1.15)
  }, 240_000)
})
