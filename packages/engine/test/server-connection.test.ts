// SPDX-License-Identifier: MIT
// What a connection to a server promises, whatever the server does: a stand-in does as it is told.
import { execFileSync } from 'node:child_process'
import { chownSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ConnectionChange } from '../src/connection.ts'
import { Engine } from '../src/engine.ts'
import { EngineError, ServerConnection, type ServerOptions } from '../src/index.ts'
import { maxMessageBytes } from '../src/server/framing.ts'

const standIn = fileURLToPath(new URL('fixtures/stand-in-server.mjs', import.meta.url))

let folder: string
let address: string
const open: ServerConnection[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arranger-server-'))
  address = join(folder, 'socket')
  vi.stubEnv('ARRANGER_SERVER', standIn)
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

async function connected(options: ServerOptions = {}): Promise<ServerConnection> {
  const connection = await ServerConnection.open({ serverAddress: address, ...options })
  open.push(connection)
  return connection
}

const ask = async (connection: ServerConnection, cmd: string, fields: object = {}) =>
  JSON.parse(await connection.request(JSON.stringify({ cmd, ...fields })))
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it was refused'),
    (error: unknown) => error as EngineError,
  )
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe.skipIf(process.platform === 'win32')('requests to a server', () => {
  it('are answered, a thousand under way at once, each with its own reply', async () => {
    const connection = await connected()
    const replies = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => ask(connection, 'ping', { id: n % 3 ? n : undefined })),
    )
    expect(replies.map(({ id }) => id)).toEqual(Array.from({ length: 1000 }, (_, n) => (n % 3 ? n : undefined)))
  })

  it('are answered as replies come, not in the order sent', async () => {
    const connection = await connected()
    const order: string[] = []
    const slow = ['first', 'second'].map((name) =>
      ask(connection, 'hold').then((reply) => {
        order.push(name)
        return reply
      }),
    )
    expect(await ask(connection, 'ping')).not.toHaveProperty('held')
    await ask(connection, 'release')
    expect(await Promise.all(slow)).toEqual([
      expect.objectContaining({ held: true }),
      expect.objectContaining({ held: true }),
    ])
    expect(order).toEqual(['second', 'first'])
  })

  it('that a server would end the connection for are answered here', async () => {
    const connection = await connected()
    expect(JSON.parse(await connection.request(''))).toMatchObject({ status: 'error', code: 'message_empty' })
    const large = JSON.stringify('x'.repeat(maxMessageBytes))
    expect(JSON.parse(await connection.request(large))).toMatchObject({ status: 'error', code: 'message_too_large' })
    expect(await ask(connection, 'ping')).toMatchObject({ status: 'ok' })
  })

  it('wait here when the server does not read', async () => {
    const connection = await connected()
    const request = JSON.stringify({ cmd: 'x', data: 'x'.repeat(2 ** 20) })
    void connection.request('{"cmd":"stop_reading"}').catch(() => {})
    const before = process.memoryUsage().external
    const replies = Array.from({ length: 200 }, () => connection.request(request).catch(() => {}))
    await new Promise(setImmediate)
    // Encoded they would be 200 MiB.
    expect(process.memoryUsage().external - before).toBeLessThan(2 ** 26)
    open.pop()
    const { pid } = await ask(await connected(), 'ping')
    process.kill(pid, 'SIGKILL')
    await Promise.all(replies)
    await connection.close()
  })

  it('of a closed connection are refused; those before are answered', async () => {
    const connection = await connected()
    const last = ask(connection, 'ping')
    const closed = connection.close()
    expect(await last).toMatchObject({ status: 'ok' })
    await Promise.all([closed, connection.close()])
    await expect(connection.request('{}')).rejects.toMatchObject({ code: 'engine_closed' })
    expect(() => connection.share(null)).toThrow(expect.objectContaining({ code: 'engine_closed' }))
  })
})

describe.skipIf(process.platform === 'win32')('waiting for a server', () => {
  const engineOn = async () => new Engine(await connected(), { backend: 'server', attempts: [] })
  const send = (engine: Engine, cmd: string, options = {}) => engine.send({ cmd } as never, options) as Promise<object>

  it('ends by a signal or by a time limit, and leaves the connection in order', async () => {
    const engine = await engineOn()
    const controller = new AbortController()
    const waits = [
      refusal(send(engine, 'silence', { signal: controller.signal })),
      refusal(send(engine, 'silence', { signal: controller.signal, timeoutMs: 60_000 })),
    ]
    controller.abort('enough')
    for (const error of await Promise.all(waits)) expect(error).toMatchObject({ code: 'cancelled', cause: 'enough' })
    expect(await refusal(send(engine, 'silence', { timeoutMs: 10 }))).toMatchObject({ code: 'request_timeout' })
    expect(await refusal(send(engine, 'ping', { signal: controller.signal }))).toMatchObject({ code: 'cancelled' })
    expect(await refusal(send(engine, 'ping', { timeoutMs: 0 }))).toMatchObject({ code: 'out_of_range' })
    const late = refusal(send(engine, 'hold', { timeoutMs: 10 }))
    await late
    await send(engine, 'release')
    expect(await send(engine, 'ping', { signal: new AbortController().signal, timeoutMs: 60_000 })).not.toHaveProperty(
      'held',
    )
    process.kill(((await send(engine, 'ping')) as { pid: number }).pid, 'SIGKILL') // the silent ones are still owed
  })

  it('is over in less than a second when it is killed; the next request starts another, and hears again', async () => {
    const engine = await engineOn()
    const told: unknown[] = []
    engine.on('connection_lost', (event) => told.push(event))
    engine.on('connection_restored', (event) => told.push(event))
    engine.on('xrun', () => {})
    const loop = (async () => {
      for await (const _ of engine.events('log')) expect.unreachable('nothing is logged')
    })()
    const { pid } = (await send(engine, 'ping')) as { pid: number }
    const waiting = refusal(send(engine, 'silence'))
    const start = performance.now()
    process.kill(pid, 'SIGKILL')
    expect(await waiting).toMatchObject({ code: 'connection_lost', message: expect.stringMatching(/SIGKILL/) })
    expect(performance.now() - start).toBeLessThan(1000)
    await expect(loop).rejects.toMatchObject({ code: 'connection_lost' })
    const [next, , after] = await Promise.all([send(engine, 'ping'), send(engine, 'ping'), send(engine, 'subscribed')])
    expect(next).not.toMatchObject({ pid })
    expect(after).toMatchObject({ subscribed: ['xrun'] })
    expect(told).toEqual([
      { event: 'connection_lost', message: expect.stringContaining(address) },
      { event: 'connection_restored', session: 'new' },
    ])
    await engine.close()
  })

  it('is over for good where nobody asks again: who listened, ends or begins to listen starts no server', async () => {
    const engine = await engineOn()
    const [ends, stays] = [() => {}, () => {}]
    engine.on('xrun', ends).on('log', stays)
    const loops = Promise.allSettled(
      Array.from({ length: 3 }, async () => {
        for await (const _ of engine.events('position')) expect.unreachable('nothing plays')
      }),
    )
    const { pid } = (await send(engine, 'ping')) as { pid: number }
    vi.stubEnv('ARRANGER_SERVER', join(folder, 'nothing'))
    const requests = vi.spyOn(ServerConnection.prototype, 'request')
    process.kill(pid, 'SIGKILL')
    for (const loop of await loops) expect(loop).toMatchObject({ reason: { code: 'connection_lost' } })
    engine.off('xrun', ends).on('stats', stays).once('meters', stays)
    expect(requests).not.toHaveBeenCalled()
    requests.mockRestore()
    await expect(engine.events('position').next()).rejects.toMatchObject({ code: 'connection_lost' })
    vi.stubEnv('ARRANGER_SERVER', standIn)
    const { subscribed } = (await send(engine, 'subscribed')) as { subscribed: string[] }
    expect(subscribed.sort()).toEqual(['log', 'meters', 'stats'])
  })

  it('is over for all in the order in which they began to wait', async () => {
    await connected()
    // What it asks for is compared with what the server has, which takes a moment.
    const connection = await connected({ sampleRate: 44_100 })
    const count = async () => (await ask(connection, 'count')).count as number
    const counts: Promise<number>[] = []
    let afterwards: Promise<number> | undefined
    let restored = () => {}
    const isRestored = new Promise<void>((resolve) => {
      restored = resolve
    })
    connection.onChange(({ state }) => {
      if (state === 'lost') return
      afterwards = count()
      restored()
    })
    await refusal(ask(connection, 'hang_up'))
    let isAnswered = false
    while (!isAnswered) {
      counts.push(count())
      if (counts.length === 1)
        void counts[0]?.then(() => {
          isAnswered = true
        })
      await (counts.length % 10 === 0 ? new Promise(setImmediate) : undefined)
    }
    await isRestored
    const all = await Promise.all(counts)
    expect(all).toEqual(all.toSorted((a, b) => a - b))
    expect(await afterwards, 'who hears of it comes after those who waited for it').toBeGreaterThan(1)
  })

  it('is over some seconds after it was given up, also when the server stands still', { timeout: 60_000 }, async () => {
    const engine = await engineOn()
    const { pid } = (await send(engine, 'ping')) as { pid: number }
    process.kill(pid, 'SIGSTOP')
    onTestFinished(() => void process.kill(pid, 'SIGKILL'))
    const unanswered = refusal(send(engine, 'ping'))
    const renders = [
      refusal(send(engine, 'render', { timeoutMs: 10 })),
      refusal(engine.render(undefined, { signal: AbortSignal.timeout(10), onProgress: () => {} })),
      refusal(engine.render(undefined, { signal: AbortSignal.timeout(10) })),
    ]
    const codes = (await Promise.all(renders)).map(({ code }) => code)
    expect(codes).toEqual(['request_timeout', 'cancelled', 'cancelled'])
    const endless = refusal(engine.render())
    await engine.close()
    expect([(await unanswered).code, (await endless).code]).toEqual(['connection_lost', 'connection_lost'])
  })

  it('tells what the server said when it crashed', async () => {
    const connection = await connected()
    const error = await refusal(ask(connection, 'crash'))
    expect(error.message).toMatch(/it ended with 3: something is broken/)
  })

  it('ends when it sends what is no message, or no reply', async () => {
    const connection = await connected()
    expect(await refusal(ask(connection, 'send_length', { length: maxMessageBytes + 1 }))).toMatchObject({
      code: 'connection_lost',
    })
    const changes: ConnectionChange[] = []
    connection.onChange((change) => changes.push(change))
    const gone = await Promise.allSettled([ask(connection, 'send_text', { text: '{"status":"ok"}' })])
    expect(gone[0]?.status, 'the stray reply was taken for its own').toBe('fulfilled')
    await vi.waitFor(() => expect(changes.at(-1)).toMatchObject({ state: 'lost' }))
    expect(await ask(connection, 'ping')).toMatchObject({ status: 'ok' })
  })

  it('says so when there is none any more', async () => {
    const connection = await connected()
    vi.stubEnv('ARRANGER_SERVER', join(folder, 'nothing'))
    await refusal(ask(connection, 'crash'))
    expect(await refusal(ask(connection, 'ping'))).toMatchObject({
      code: 'connection_lost',
      message: expect.stringMatching(/is gone: The program arranger-server is not there/),
    })
    vi.stubEnv('ARRANGER_SERVER', standIn)
    expect(await ask(connection, 'ping')).toMatchObject({ status: 'ok' })
  })
})

describe.skipIf(process.platform === 'win32')('a server', () => {
  it('is started with what was asked for, is shared, and ends with its last client', async () => {
    const first = await connected({ sampleRate: 48_000, blockSize: 128, outputDevice: null })
    const second = await connected()
    const { pid, arguments: flags } = await ask(first, 'arguments')
    expect(flags).toEqual(
      [
        ['--address', address],
        ['--exit-when-unused'],
        ['--sample-rate', '48000'],
        ['--block-size', '128'],
        ['--device', 'none'],
      ].flat(),
    )
    expect((await ask(second, 'ping')).pid).toBe(pid)
    const group = execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' })
    expect(Number(group), 'Ctrl-C is not for the server').toBe(pid)
    await first.close()
    expect((await ask(second, 'ping')).pid).toBe(pid)
    await second.close()
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false))
  })

  it('is one, however many start it at the same moment', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => connected()))
    const pids = await Promise.all(all.map(async (one) => (await ask(one, 'ping')).pid))
    expect(new Set(pids).size).toBe(1)
  })

  it('that another is just starting is waited for', async () => {
    vi.stubEnv('STAND_IN_LOSES_ONCE', join(folder, 'lost'))
    expect(await ask(await connected(), 'ping')).toMatchObject({ status: 'ok' })
    expect(readdirSync(folder)).toContain('lost')
  })

  it('takes the place of one that has left only its socket', async () => {
    const { pid } = await ask(await connected(), 'ping')
    process.kill(pid, 'SIGKILL')
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false))
    expect(readdirSync(folder)).toEqual(['socket'])
    expect((await ask(await connected(), 'ping')).pid).not.toBe(pid)
  })

  it('that runs with other options is used, with a warning', async () => {
    await connected()
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await connected({ sampleRate: 44_100, blockSize: 512 })
    expect(warn).not.toHaveBeenCalled()
    await connected({ sampleRate: 96_000 })
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/sample_rate 44100; 96000 was asked for/),
      expect.objectContaining({ code: 'server_option_ignored' }),
    )
    warn.mockRestore()
  })

  it('that cannot be started tells why', async () => {
    vi.stubEnv('STAND_IN_FAILS', 'no room for a server here')
    expect(await refusal(connected())).toMatchObject({
      code: 'server_unavailable',
      message: expect.stringMatching(/it ended with 1: no room for a server here$/),
    })
    const notAProgram = join(folder, 'program')
    writeFileSync(notAProgram, 'nothing', { mode: 0o644 })
    vi.stubEnv('ARRANGER_SERVER', notAProgram)
    expect(await refusal(connected())).toMatchObject({
      code: 'server_unavailable',
      message: expect.stringMatching(/EACCES/),
    })
    vi.stubEnv('ARRANGER_SERVER', join(folder, 'nothing'))
    expect(await refusal(connected())).toMatchObject({
      code: 'server_unavailable',
      message: expect.stringContaining(folder),
    })
  })

  it('that listens and says nothing is not waited for', { timeout: 20_000 }, async () => {
    const silent = createServer(() => {}).listen(address)
    expect(await refusal(connected())).toMatchObject({
      code: 'server_unavailable',
      message: `The server at ${address} does not answer`,
    })
    silent.close()
  })

  it('of another user is not spoken to', async () => {
    const connection = await connected()
    const { uid } = lstatSync(address)
    // Who may give a file away does; for anybody else it is the process that becomes another.
    if (uid === 0) chownSync(address, 12345, 12345)
    else vi.spyOn(process, 'getuid').mockReturnValue(uid + 1)
    expect(await refusal(ServerConnection.open({ serverAddress: address }))).toMatchObject({
      code: 'server_unavailable',
      message: expect.stringMatching(/belongs to another user/),
    })
    vi.restoreAllMocks()
    expect(await ask(connection, 'ping')).toMatchObject({ status: 'ok' })
  })

  it('has no memory in common with this process', async () => {
    const connection = await connected()
    expect(() => connection.share(new SharedArrayBuffer(8))).toThrow(EngineError)
    connection.share(null)
  })
})
