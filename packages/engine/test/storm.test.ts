// A storm of commands on one engine that plays, while a library watches its audio thread (test/rt-trap). Linux only: what
// it watches are glibc's functions.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { needs } from './support/engine.ts'
import { soundfont } from './support/fluidsynth.mjs'
import { temporaryFolder } from './support/folder.ts'
import { addonPath, fixture } from './support/native.ts'

const index = fileURLToPath(new URL('../dist/index.js', import.meta.url))
const script = fileURLToPath(new URL('./support/storm.mjs', import.meta.url))
const folder = temporaryFolder()
const linux = process.platform === 'linux'

/** A Node.js process whose audio threads are watched: what it prints, and what the watchman counted. */
function watched(...args: string[]) {
  const env = { ...process.env, LD_PRELOAD: fixture('rt_trap.so') }
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    env,
    encoding: 'utf8',
    timeout: 300_000,
    maxBuffer: 1 << 28,
  })
  const [, blocks, allocations, locks, calls, exceptions] =
    stderr.match(/rt_trap: (\d+) blocks, (\d+) allocations, (\d+) locks, (\d+) system calls, (\d+) exceptions/) ?? []
  return {
    ended: { status, signal },
    stdout,
    stderr,
    blocks: Number(blocks),
    seen: { allocations, locks, calls, exceptions },
  }
}
const nothing = { allocations: '0', locks: '0', calls: '0', exceptions: '0' }

describe.runIf(linux)('while a library watches the audio thread', needs('in_process'), () => {
  it('100,000 mixed commands of four clients: all are answered, none is lost, and the thread never blocks', () => {
    const storm = join(dirname(addonPath), 'arranger-storm')
    expect(existsSync(storm)).toBe(true)
    const path = join(folder, 'commands.txt')
    const files = ['--sample', join(folder, 'noise.wav'), ...(existsSync(soundfont) ? ['--soundfont', soundfont] : [])]
    writeFileSync(path, execFileSync(storm, ['--print', '--commands', '100000', ...files], { maxBuffer: 1 << 28 }))
    const { ended, stdout, stderr, blocks, seen } = watched(script, index, path)
    expect(ended, stderr).toEqual({ status: 0, signal: null })
    expect(seen, stderr).toEqual(nothing)
    const { wrong, sent, ok, busy, explained, parameters, stats } = JSON.parse(stdout)
    expect(wrong).toEqual([])
    expect(sent).toBe(ok + busy + explained)
    expect(sent).toBeGreaterThanOrEqual(100_000)
    expect(ok).toBeGreaterThan(sent / 2)
    expect(parameters).toBe(4)
    expect(stats).toMatchObject({ dropped_events: 0, faults: [], audio_allocations: 0 })
    expect(stats.blocks).toBeGreaterThan(100)
    expect(blocks).toBeGreaterThanOrEqual(stats.blocks)
  }, 300_000)

  it('an isolated node costs it the system calls that are allowed, and no other', () => {
    const code = `const { AudioServer } = await import(${JSON.stringify(index)}); const server = new AudioServer({ blockSize: 8192 })
      const ask = (request) => JSON.parse(server.handle(JSON.stringify(request)))
      ask({ cmd: 'load_plugin', path: ${JSON.stringify(fixture('unruly.so'))} })
      ask({ cmd: 'set_graph', nodes: [{ id: 'mixer', type: 'test.unruly', isolated: true }] })
      ask({ cmd: 'play' })
      while (ask({ cmd: 'get_stats' }).blocks < 5) await new Promise((resolve) => setTimeout(resolve, 1))
      console.log(JSON.stringify(ask({ cmd: 'get_stats' }).isolated)); server.close()`
    const { ended, stdout, stderr, seen } = watched('--input-type=module', '-e', code)
    expect(ended, stderr).toEqual({ status: 0, signal: null })
    expect(JSON.parse(stdout)).toMatchObject([{ node_id: 'mixer' }])
    expect(seen, stderr).toEqual(nothing)
    expect(Number(stderr.match(/exceptions, (\d+) allowed/)?.[1])).toBeGreaterThanOrEqual(5 * 64)
  })

  it.each([
    ['allocates', 1, 'allocations', 'malloc'],
    ['locks', 2, 'locks', 'pthread_mutex_lock'],
    ['sleeps', 3, 'calls', 'nanosleep'],
    ['writes', 4, 'calls', 'write'],
  ] as const)('a plugin that %s there is seen, with its stack', (_, kind, counter, name) => {
    const code = `const { AudioServer } = await import(${JSON.stringify(index)}); const server = new AudioServer({ blockSize: 64 })
      const ask = (request) => JSON.parse(server.handle(JSON.stringify(request)))
      ask({ cmd: 'load_plugin', path: ${JSON.stringify(fixture('blocks.so'))} })
      ask({ cmd: 'set_graph', nodes: [{ id: 'mixer', type: 'test.blocks', params: { kind: ${kind} } }] })
      ask({ cmd: 'play' })
      while (ask({ cmd: 'get_stats' }).blocks < 20) await new Promise((resolve) => setTimeout(resolve, 1))
      console.log(ask({ cmd: 'get_stats' }).audio_allocations); server.close()`
    const { ended, stdout, stderr, seen } = watched('--input-type=module', '-e', code)
    expect(ended, stderr).toEqual({ status: 0, signal: null })
    expect(Number(seen[counter]), stderr).toBeGreaterThanOrEqual(19)
    expect(stderr).toMatch(
      new RegExp(`rt_trap: \\w*${name} on the audio thread\\n(.*rt_trap.*\\n)+(.*\\n){0,2}.*blocks\\.so`),
    )
    expect(Number(stdout) > 0).toBe(counter === 'allocations')
  })
})
