// arranger-server as a program: its options, what it does with an address, and its end.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/folder.ts'
import type { Reply } from './support/framed-socket.ts'
import { fixture } from './support/native.ts'
import { addressIn, endServersAfterEach, ServerProgram, serverPath } from './support/server-program.ts'

const folder = temporaryFolder()
const noDevice = ['--device', 'none']
let count = 0
const freshAddress = () => addressIn(folder, `${count++}`)
endServersAfterEach()

/** What it says and how it ends, where it does not listen. */
function refused(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(serverPath, args, { encoding: 'utf8', timeout: 30_000 })
  return { status, stdout, stderr }
}

/** Resolves when it listens. */
async function start(address: string, ...args: string[]) {
  const server = await ServerProgram.start(address, args)
  expect(server.said, server.log).toBe(`listening on ${address}`)
  return server
}

/** A session that renders until it is told to stop. */
async function renderForEver(server: ServerProgram, path: string) {
  const one = await server.connect()
  await one.ask({ cmd: 'set_graph', nodes: [{ id: 'mixer', type: 'mixer' }] })
  await one.ask({ cmd: 'subscribe', events: ['render_progress'], interval_ms: 1 })
  one.send({ cmd: 'render', id: 'long', duration_beats: 1e7, format: 'raw_f32', path })
  expect(await one.receive()).toMatchObject({ event: 'render_progress', id: 'long' })
  return one
}

describe('the options', () => {
  it('are told by --help, and the version by --version', () => {
    const { status, stdout } = refused('--help')
    expect(status).toBe(0)
    for (const option of ['address', 'device', 'sample-rate', 'block-size', 'plugin-path', 'exit-when-unused'])
      expect(stdout).toContain(`--${option} `)
    expect(refused('--version')).toEqual({ status: 0, stdout: expect.stringMatching(/^arranger \d+\./), stderr: '' })
  })

  it.each([
    [['--adress', 'x'], /nearest is '--address'/],
    [['--help=1'], /takes no value/],
    [['serve'], /No option 'serve'/],
    [['--address'], /Expected PATH behind --address/],
    [['--sample-rate', '44.1k'], /whole number behind --sample-rate but received '44.1k'/],
    [['--sample-rate', '7999'], /between 8000 and 384000 but received 7999/],
    [['--block-size=0'], /between 1 and 8192 but received 0/],
    [['--device', 'nobody has this'], /No device 'nobody has this'/],
  ])('that are wrong are refused: %j', (args, said) => {
    expect(refused(...args)).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(said) })
  })

  it('load plugins, and tell of those that fail', async () => {
    const plugins = join(folder, 'plugins')
    mkdirSync(plugins)
    const suffix = { win32: '.dll', darwin: '.dylib' }[process.platform as string] ?? '.so'
    writeFileSync(join(plugins, `broken${suffix}`), 'no library')
    copyFileSync(fixture(`nodes${suffix}`), join(plugins, `nodes${suffix}`))
    const address = freshAddress()
    const server = await start(address, '--plugin-path', plugins)
    expect(server.log).toMatch(/^arranger-server: plugin_load_failed: .*broken/m)
    const { libraries } = await (await server.connect()).ask({ cmd: 'list_libraries' })
    expect(libraries).toContainEqual(expect.objectContaining({ path: join(plugins, `nodes${suffix}`) }))
  })
})

describe.skipIf(process.platform === 'win32')('the address', () => {
  it('is a socket for this user alone, in a directory of its own where there is none', async () => {
    const address = join(folder, 'made/for it/a.sock')
    const server = await start(address)
    expect(lstatSync(dirname(address)).mode & 0o777).toBe(0o700)
    expect(lstatSync(dirname(dirname(address))).mode & 0o777).toBe(0o700)
    expect(lstatSync(address).isSocket()).toBe(true)
    expect(lstatSync(address).mode & 0o777).toBe(0o600)
    await server.kill('SIGTERM')
    expect(readdirSync(dirname(address))).toEqual([])
  })

  it('is refused where a server listens, and taken over from one that was killed', async () => {
    const address = freshAddress()
    const first = await start(address)
    expect(refused('--address', address, ...noDevice)).toEqual({
      status: 1,
      stdout: '',
      stderr: `arranger-server: busy: A server is already running at ${address}\n`,
    })
    await first.kill()
    expect(lstatSync(address).isSocket()).toBe(true)
    const second = await start(address)
    expect(await (await second.connect()).ask({ cmd: 'ping' })).toMatchObject({ status: 'ok' })
  })

  it.each([
    ['a link', (path: string) => symlinkSync(join(folder, 'victim'), path)],
    ['a file', (path: string) => writeFileSync(path, 'kept')],
  ])('is refused when there is %s, which stays as it is', (_, plant) => {
    const address = freshAddress()
    plant(address)
    const before = lstatSync(address)
    expect(refused('--address', address, ...noDevice)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/io_error/),
    })
    expect(lstatSync(address)).toMatchObject({ ino: before.ino, size: before.size })
    expect(existsSync(join(folder, 'victim'))).toBe(false)
  })

  it('is refused when its lock is a link, and when others may write into its directory', () => {
    const address = freshAddress()
    symlinkSync(join(folder, 'victim'), `${address}.lock`)
    expect(refused('--address', address, ...noDevice)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/io_error/),
    })
    expect(existsSync(join(folder, 'victim'))).toBe(false)

    const open = join(folder, 'open')
    mkdirSync(open)
    chmodSync(open, 0o777)
    expect(refused('--address', join(open, 'a.sock'), ...noDevice)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/closed to other users/),
    })
    expect(refused('--address', join(folder, 'x'.repeat(120)), ...noDevice)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/out_of_range/),
    })
  })
})

describe('the end', () => {
  const signals: NodeJS.Signals[] = process.platform === 'win32' ? [] : ['SIGTERM', 'SIGINT']
  it.each(['shutdown', ...signals])('comes by %s while clients render, wait and hang', async (how) => {
    const address = freshAddress()
    const server = await start(address)
    const output = join(folder, `out-${how}`)
    mkdirSync(output)
    const renders = await renderForEver(server, join(output, 'song.raw'))
    renders.send({ cmd: 'ping', id: 'behind' })
    const silent = await server.connect()
    const half = await server.connect()
    await half.sendBytes(Buffer.from([200, 0, 0, 0, 123]))
    const deaf = await server.connect()
    deaf.socket.pause()
    for (let i = 0; i < 200; i++) deaf.send({ cmd: 'describe' })
    const before = performance.now()
    if (how === 'shutdown') expect(await silent.ask({ cmd: 'shutdown' })).toEqual({ status: 'ok' })
    else server.process.kill(how as NodeJS.Signals)
    const replies: Reply[] = []
    const readOn = async () => {
      while (true) replies.push(await renders.receive())
    }
    await expect(readOn()).rejects.toThrow('closed')
    expect(replies.filter(({ event }) => !event)).toMatchObject([
      { status: 'error', code: 'cancelled', id: 'long' },
      { status: 'ok', id: 'behind' },
    ])
    expect(await server.ended).toEqual({ code: 0, signal: null })
    // The promise is a second; the rest is for a machine that has much else to do.
    expect(performance.now() - before).toBeLessThan(3000)
    expect(readdirSync(output)).toEqual([])
    if (process.platform !== 'win32') expect(existsSync(address)).toBe(false)
  })

  it('comes when the last client has left, where that is wanted', async () => {
    const address = freshAddress()
    const server = await start(address, '--exit-when-unused')
    const [one, two] = [await server.connect(), await server.connect()]
    one.vanish()
    expect(await two.ask({ cmd: 'ping' })).toMatchObject({ status: 'ok' })
    two.vanish()
    expect(await server.ended).toEqual({ code: 0, signal: null })
  })
})
