// SPDX-License-Identifier: MIT
// An engine in a module ends amid its work: who is told what, and how it goes on.
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ConnectionChange } from '../src/connection.ts'
import { createEngine, type Engine } from '../src/index.ts'
import { type Port, PortConnection } from '../src/wasm/port-connection.ts'
import type { ToService } from '../src/wasm/service.ts'
import { notes } from './support/sessions.ts'
import { hasModule } from './support/wasm.ts'

const patience = { timeout: 20_000 }
const lost = { code: 'connection_lost', message: expect.stringContaining('has ended') }

/** An engine in a module, and how to end its worker from outside. */
async function mortalEngine(): Promise<{ engine: Engine; kill(): Promise<unknown> }> {
  const posted = vi.spyOn(Worker.prototype, 'postMessage')
  onTestFinished(() => posted.mockRestore())
  const engine = await createEngine({ backend: 'wasm', settings: false })
  onTestFinished(() => engine.close())
  await engine.send({ cmd: 'ping' })
  return { engine, kill: () => (posted.mock.contexts.at(-1) as Worker).terminate() }
}

describe.skipIf(!hasModule)('a worker that ends', () => {
  it('ends loops over events, and the next call has an engine that shows and tells what it plays', async () => {
    const { engine, kill } = await mortalEngine()
    const told: unknown[] = []
    engine.on('connection_lost', ({ event }) => told.push(event))
    engine.on('connection_restored', ({ event, session }) => told.push([event, session]))
    let positions = 0
    engine.on('position', () => positions++, { intervalMs: 1 })
    const display = await engine.display()
    await engine.load({ graph: { nodes: [{ id: 'mixer', type: 'mixer' }], connections: [] }, events: [] })
    const loop = (async () => {
      for await (const _ of engine.events('xrun')) throw new Error('not expected')
    })()
    await kill()
    await expect(loop).rejects.toMatchObject(lost)
    expect(told).toEqual(['connection_lost'])

    expect((await engine.send({ cmd: 'get_graph' })).nodes).toEqual([])
    expect(told).toEqual(['connection_lost', ['connection_restored', 'new']])
    await vi.waitFor(() => expect(display.attached).toBe(true), patience)
    positions = 0
    await engine.load({ graph: { nodes: [{ id: 'mixer', type: 'mixer' }], connections: [] }, events: [] })
    await engine.play()
    await vi.waitFor(() => expect([positions > 0, display.read().playing]).toEqual([true, true]), patience)
  })

  it('writes no longer into the display, nor does one that is closed', async () => {
    const { engine, kill } = await mortalEngine()
    const display = await engine.display()
    await vi.waitFor(() => expect(display.attached).toBe(true), patience)
    await kill()
    await vi.waitFor(() => expect(display.attached).toBe(false), patience)
    await engine.send({ cmd: 'ping' })
    await vi.waitFor(() => expect(display.attached).toBe(true), patience)
    await engine.close()
    expect(display.attached).toBe(false)
  })

  it('can be left for another back end, whose session is empty then', async () => {
    const { engine, kill } = await mortalEngine()
    await engine.load({ graph: { nodes: [{ id: 'mixer', type: 'mixer' }], connections: [] }, events: notes([]) })
    await kill()
    await engine.switchBackend('binding')
    expect([engine.backend, (await engine.send({ cmd: 'get_graph' })).nodes]).toEqual(['binding', []])
  })
})

/** A thread that answers when a test says so. */
class Thread implements Port {
  readonly asked: string[] = []
  onMessage: Port['onMessage'] = () => {}
  post(message: ToService): void {
    if (message.type !== 'request') return
    this.asked.push(new TextDecoder().decode(message.text))
    queueMicrotask(() => this.onMessage({ type: 'reply', tag: message.tag, text: message.text }))
  }
  hold(): void {}
  async end(): Promise<void> {}
}

describe('a thread that ends', () => {
  /** A connection to a thread, with those that were started after it. */
  function connected(start = async (): Promise<Thread> => new Thread()) {
    const threads = [new Thread()]
    const changes: ConnectionChange[] = []
    const connection = new PortConnection(threads[0] as Thread, async () => {
      const thread = await start()
      threads.push(thread)
      return thread
    })
    connection.onChange((change) => changes.push(change))
    const crash = () => threads.at(-1)?.onMessage({ type: 'crashed', message: 'a trap' })
    return { connection, threads, changes, crash }
  }

  it('is told once, also when it says so twice, and has a successor only when something is asked', async () => {
    const { connection, threads, changes, crash } = connected()
    const waiting = connection.request('1')
    crash()
    crash()
    await expect(waiting).rejects.toMatchObject(lost)
    await new Promise(setImmediate)
    expect([changes.map(({ state }) => state), threads.length]).toEqual([['lost'], 1])
    const [asked] = [Promise.all([connection.request('2'), connection.request('3')])]
    threads[0]?.onMessage({ type: 'crashed', message: 'late' })
    expect(await asked).toEqual(['2', '3'])
    expect(changes.map(({ state }) => state)).toEqual(['lost', 'restored'])
    expect(threads.length).toBe(2)
  })

  it('has what is sent on the news of the successor carried out before what waited for it', async () => {
    const { connection, threads, crash } = connected()
    connection.onChange(({ state }) => {
      if (state === 'restored') void connection.request('subscribe')
    })
    crash()
    const asked = ['1', '2'].map((json) => connection.request(json))
    await Promise.all(asked)
    expect(threads[1]?.asked).toEqual(['subscribe', '1', '2'])
  })

  it('without a successor is an error that says why, and each call tries again', async () => {
    let tries = 0
    const cause = new Error('no memory')
    const { connection, crash } = connected(async () => {
      if (++tries < 3) throw cause
      return new Thread()
    })
    crash()
    for (const _ of [1, 2])
      await expect(connection.request('1')).rejects.toMatchObject({ code: 'connection_lost', cause })
    expect(await connection.request('2')).toBe('2')
  })

  it('in a page, where it has none, says what to do', async () => {
    const thread = new Thread()
    const connection = new PortConnection(thread)
    thread.onMessage({ type: 'crashed', message: 'a trap' })
    const dead = { code: 'connection_lost', message: expect.stringContaining('make another engine') }
    await expect(connection.request('1')).rejects.toMatchObject(dead)
    expect(() => connection.share(new SharedArrayBuffer(8))).toThrow(expect.objectContaining(dead))
    await connection.close()
  })
})
