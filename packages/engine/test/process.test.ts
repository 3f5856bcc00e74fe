import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createEngine, needs, ownEngine } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { longSession } from './support/sessions.ts'

const index = fileURLToPath(new URL('../dist/index.js', import.meta.url))
const folder = temporaryFolder()
const session = join(folder, 'long.json')
beforeAll(async () => {
  const { graph, events } = longSession(60)
  await writeFile(session, JSON.stringify({ version: 1, graph, schedule: events }))
})

/** Runs a module in a process of its own. */
function run(code: string) {
  const options = { encoding: 'utf8' as const, timeout: 30_000, cwd: folder, env: ownEngine() }
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], options)
  return { status, signal, stdout, stderr }
}
const imports = `const { createEngine, EngineError, loadSession } = await import(${JSON.stringify(index)});`
const rendering = `${imports} const engine = await createEngine(); await engine.load(await loadSession(${JSON.stringify(session)}));`
const filesOf = (name: string) => readdirSync(folder).filter((file) => file.includes(name))

describe('a process that uses the engine', () => {
  it('ends by itself with an open engine', () => {
    const result = run(
      `${imports} const engine = await createEngine(); await engine.send({ cmd: 'ping' }); console.log('done')`,
    )
    expect(result).toEqual({ status: 0, signal: null, stdout: 'done\n', stderr: '' })
  })

  it('may exit while it renders', async () => {
    const result = run(`${rendering} engine.render('exit.wav', { onProgress: () => process.exit(7) })`)
    expect(result).toEqual({ status: 7, signal: null, stdout: '', stderr: '' })
    // Where the engine is in another process, that tidies up by itself.
    await vi.waitFor(() => expect(filesOf('exit')).toEqual([]), 10_000)
  })

  it.each([
    ['exits', 'process.exit(7)', 7],
    ['fails', "setImmediate(() => { throw new Error('elsewhere') })", 1],
    ['cancels', "throw new Error('enough')", 1],
  ])('leaves no samples behind when it %s amid a render to memory', (name, action, status) => {
    const temporary = join(folder, `temporary-${name}`)
    mkdirSync(temporary)
    // What os.tmpdir reads, on every system.
    const here = `for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = ${JSON.stringify(temporary)};`
    const result = run(`${here} ${rendering} await engine.render(undefined, { onProgress: () => { ${action} } })`)
    expect(result.status, result.stderr).toBe(status)
    // The folder in which the user's processes keep their copies of libraries stays; nothing is in it.
    const left = readdirSync(temporary, { recursive: true, withFileTypes: true })
    expect(left.filter((entry) => !entry.isDirectory())).toEqual([])
  })

  it('hears of an error in an event listener, and may go on', needs('in_process'), () => {
    const code = `const { AudioServer } = await import(${JSON.stringify(index)}); const server = new AudioServer();
      process.on('uncaughtException', (error) => console.log(error.message));
      server.onEvent(() => { server.onEvent(null); throw new Error('from the listener') });
      server.handle('{"cmd":"subscribe","events":["render_progress"],"interval_ms":1}');
      server.handle('{"cmd":"set_graph","nodes":[{"id":"mixer","type":"mixer"}]}');
      await server.handleAsync('{"cmd":"render","duration_beats":400,"path":"heard.wav"}');
      console.log(JSON.parse(await server.handleAsync('{"cmd":"ping"}')).status); server.close()`
    expect(run(code)).toEqual({ status: 0, signal: null, stdout: 'from the listener\nok\n', stderr: '' })
  })

  it('may use require', () => {
    const code = `import { createRequire } from 'node:module'
      const { createEngine, EngineError } = createRequire(import.meta.url)(${JSON.stringify(index)})
      await createEngine().then((engine) => engine.send({ cmd: 'ping' }))
      createEngine({ blockSize: 0 }).catch((error) => console.log(error instanceof EngineError))`
    expect(run(code)).toMatchObject({ status: 0, stdout: 'true\n' })
  })
})

describe('a worker that uses the engine', () => {
  it('may be terminated while it renders, again and again', async () => {
    const script = new URL('./support/render-in-worker.mjs', import.meta.url)
    for (let round = 0; round < 3; round++) {
      await using engine = await createEngine({ outputDevice: null })
      const worker = new Worker(script, {
        env: ownEngine(),
        workerData: { index, session, output: join(folder, 'worker.wav') },
      })
      await once(worker, 'message')
      await worker.terminate()
      expect((await engine.send({ cmd: 'ping' })).status).toBe('ok')
    }
    await vi.waitFor(() => expect(filesOf('worker')).toEqual([]), 10_000)
  })
})
