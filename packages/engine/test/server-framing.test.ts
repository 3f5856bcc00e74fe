// What comes over the socket, whole or not, and in what order the replies go back.
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { Random } from './support/contract/random.mjs'
import { temporaryFolder } from './support/folder.ts'
import { type FramedSocket, framed, type Json, lengthOf, type Reply } from './support/framed-socket.ts'
import { addressIn, endServersAfterEach, ServerProgram } from './support/server-program.ts'
import { longSession, notes, sessionOf } from './support/sessions.ts'

const greatest = 64 * 2 ** 20
const folder = temporaryFolder()
const ping = { cmd: 'ping' }
let server: ServerProgram
let client: FramedSocket
let count = 0
endServersAfterEach()
beforeEach(async () => {
  server = await ServerProgram.start(addressIn(folder, `${count++}`))
  client = await server.connect()
})

/** Somebody else is served as if nothing were. */
async function othersAreServed(): Promise<void> {
  const other = await server.connect()
  expect(await other.ask({ cmd: 'ping', id: 'other' })).toMatchObject({ status: 'ok', id: 'other' })
  other.vanish()
}

async function load({ graph, events }: ReturnType<typeof sessionOf>): Promise<void> {
  expect(await client.ask({ cmd: 'set_graph', ...graph })).toMatchObject({ status: 'ok' })
  expect(await client.ask({ cmd: 'set_schedule', events })).toMatchObject({ status: 'ok' })
}

describe('a length', () => {
  it.each([
    ['0', 0, 'message_empty'],
    ['64 MiB + 1', greatest + 1, 'message_too_large'],
    ['4 GiB - 1', 0xffff_ffff, 'message_too_large'],
  ])('of %s alone gets an error, then the connection closes', async (_, length, code) => {
    await client.sendBytes(lengthOf(length))
    expect(await client.receive()).toMatchObject({ status: 'error', code })
    await client.closed
    await othersAreServed()
  })

  it('of 0 amid requests: those before it are answered, those behind it are not', async () => {
    await client.sendBytes(Buffer.concat([framed({ ...ping, id: 1 }), lengthOf(0), framed({ ...ping, id: 2 })]))
    expect(await client.receive()).toMatchObject({ status: 'ok', id: 1 })
    expect(await client.receive()).toMatchObject({ status: 'error', code: 'message_empty' })
    await expect(client.receive()).rejects.toThrow('closed')
    await othersAreServed()
  })

  it('of 64 MiB + 1, with all its bytes, gets an error that can be read', async () => {
    const all = Buffer.concat([lengthOf(greatest + 1), Buffer.alloc(greatest + 1, 32)])
    const sent = client.sendBytes(all).catch(() => {}) // it need not take them all
    expect(await client.receive()).toMatchObject({ status: 'error', code: 'message_too_large' })
    await sent
    await client.closed
    await othersAreServed()
  })

  it('of 64 MiB exactly is taken', async () => {
    const message = Buffer.alloc(greatest, 32)
    message.write('{"cmd":"ping","id":"full"', 0)
    message.write('}', greatest - 1)
    expect(await client.ask(message)).toMatchObject({ status: 'ok', id: 'full' })
    expect(await client.ask({ ...ping, id: 'next' })).toMatchObject({ status: 'ok', id: 'next' })
  })

  it.runIf(process.platform === 'linux')('takes no memory before the bytes come', async () => {
    await client.ask(ping)
    const before = server.memory
    const others = await Promise.all(Array.from({ length: 30 }, () => server.connect()))
    for (const other of others) await other.sendBytes(Buffer.concat([lengthOf(greatest), Buffer.from('{')]))
    await client.ask(ping)
    await othersAreServed() // the last to come: those before it have been read from
    expect(server.memory - before).toBeLessThan(64)
  })
})

describe('a message', () => {
  it('cut in half waits for its rest, and keeps nobody else waiting', async () => {
    const message = framed({ ...ping, id: 'halves' })
    for (const cut of [1, 4, 5, 20]) {
      await client.sendBytes(message.subarray(0, cut))
      await othersAreServed()
      await client.sendBytes(message.subarray(cut))
      expect(await client.receive()).toMatchObject({ status: 'ok', id: 'halves' })
    }
  })

  it('comes byte by byte', async () => {
    const messages = Buffer.concat([framed({ ...ping, id: 1 }), framed({ ...ping, id: 2 })])
    for (const byte of messages) await client.sendBytes(Buffer.of(byte))
    expect(await client.receive()).toMatchObject({ status: 'ok', id: 1 })
    expect(await client.receive()).toMatchObject({ status: 'ok', id: 2 })
  })

  it('of garbage gets a coded error, and the next is answered', async () => {
    const random = new Random(7)
    const bytes = (length: number) => Buffer.from(Array.from({ length }, () => random.below(256)))
    const request = Buffer.from(JSON.stringify({ cmd: 'get_node_data', node_id: 'mixer', id: 'a' }))
    const garbage: Buffer[] = []
    for (let one = 0; one < 300; one++) garbage.push(bytes(1 + random.below(200)))
    for (let one = 0; one < 300; one++) {
      const broken = Buffer.from(request)
      broken[random.below(broken.length)] = 128 + random.below(128) // no UTF-8 any more
      garbage.push(broken)
    }
    for (const depth of [2_000, 1_000_000]) {
      garbage.push(Buffer.from('['.repeat(depth)))
      garbage.push(Buffer.from(`{"cmd":"ping","id":${'['.repeat(depth)}${']'.repeat(depth)}}`))
    }
    for (const message of ['null', '1', '"ping"', '[]', '{}', '{"cmd":1}', '{"cmd":"ping"}}', '\0', ' '])
      garbage.push(Buffer.from(message))
    for (const message of garbage) {
      const reply = await client.ask(message)
      expect(reply, message.toString('latin1', 0, 200)).toMatchObject({ status: 'error', code: expect.any(String) })
      expect(['invalid_json', 'invalid_request', 'type_mismatch']).toContain(reply.code)
    }
    expect(await client.ask(ping)).toMatchObject({ status: 'ok' })
  })

  it('that is only a stream of random bytes ends that connection at most', async () => {
    const random = new Random(11)
    for (let round = 0; round < 50; round++) {
      const other = await server.connect()
      const bytes = Buffer.from(Array.from({ length: 4 + random.below(5000) }, () => random.below(256)))
      await other.sendBytes(bytes).catch(() => {})
      if (bytes.readUInt32LE(0) > greatest) {
        expect(await other.receive()).toMatchObject({ code: 'message_too_large' })
        await other.closed
      } else other.vanish()
    }
    expect(await client.ask(ping)).toMatchObject({ status: 'ok' })
  })
})

describe('requests in a pipeline', () => {
  const ids = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at)
  const pings = (numbers: number[]): Json[] => numbers.map((id) => ({ ...ping, id }))
  const replies = async (count: number): Promise<Reply[]> => {
    const all: Reply[] = []
    while (all.length < count) all.push(await client.receive())
    return all
  }

  it('are answered in their order, a thousand at once', async () => {
    client.send(...pings(ids(0, 1000)))
    expect((await replies(1000)).map(({ id }) => id)).toEqual(ids(0, 1000))
  })

  it('keep it round a render', async () => {
    await load(sessionOf('builtin.synth', notes([60, 64, 67, 72])))
    client.send(...pings(ids(0, 500)), { cmd: 'render', id: 500, format: 'raw_f32' }, ...pings(ids(501, 500)))
    const all = await replies(1001)
    expect(all.map(({ id }) => id)).toEqual(ids(0, 1001))
    expect(all[500]).toMatchObject({ status: 'ok', channels: 2 })
    expect(all.every(({ status }) => status === 'ok')).toBe(true)
  })

  it('keep it round several renders of different lengths', async () => {
    await load(sessionOf('builtin.synth', notes([60, 64, 67, 72])))
    const beats = [64, 1, 32, 2, 16]
    client.send(
      ...beats.flatMap((duration_beats, at) => [
        { cmd: 'render', id: 2 * at, format: 'raw_f32', duration_beats },
        { ...ping, id: 2 * at + 1 },
      ]),
    )
    const all = await replies(10)
    expect(all.map(({ id }) => id)).toEqual(ids(0, 10))
    expect(all.filter((_, at) => at % 2 === 0).map(({ frames }) => frames)).toEqual(
      beats.map((count) => count * 22_050 + 44_100),
    )
  })

  it('are run while a render before them is: `cancel` ends it, behind however many', async () => {
    await load(longSession(60))
    client.send(
      { cmd: 'render', id: 0, format: 'raw_f32', path: join(folder, 'cancelled.f32') },
      ...pings(ids(1, 2000)),
      { cmd: 'cancel', id: 2001, render_id: 0 },
      { ...ping, id: 2002 },
    )
    const all = await replies(2003)
    expect(all.map(({ id }) => id)).toEqual(ids(0, 2003))
    expect(all[0]).toMatchObject({ status: 'error', code: 'cancelled' })
    expect(all[2001]).toMatchObject({ status: 'ok', cancelled: 1 })
    expect(all.filter(({ status }) => status === 'error')).toHaveLength(1)
  })

  it('are answered as they are ready where that was asked for', async () => {
    await load(longSession(60))
    expect(await client.ask({ cmd: 'set_reply_order', order: 'as_ready' })).toMatchObject({ status: 'ok' })
    client.send({ cmd: 'render', id: 'long', format: 'raw_f32', path: join(folder, 'late.f32') }, { ...ping, id: 1 })
    expect(await client.receive()).toMatchObject({ id: 1, status: 'ok' })
    client.send({ cmd: 'cancel', id: 2, render_id: 'long' })
    const both = await replies(2)
    expect(both.map(({ id }) => id).sort()).toEqual([2, 'long'])
    expect(both.find(({ id }) => id === 'long')).toMatchObject({ code: 'cancelled' })
  })

  it('of one client do not cancel the render of another', async () => {
    await load(sessionOf('builtin.synth', notes([60, 64, 67, 72])))
    const other = await server.connect()
    client.send({ cmd: 'render', id: 'mine', format: 'raw_f32', duration_beats: 200 })
    expect(await other.ask({ cmd: 'cancel', render_id: 'mine' })).toMatchObject({ status: 'ok', cancelled: 0 })
    expect(await client.receive()).toMatchObject({ id: 'mine', status: 'ok' })
  })

  it('of a client that only reads from now on are all answered', async () => {
    client.send(...pings(ids(0, 100)))
    client.socket.end()
    expect((await replies(100)).map(({ id }) => id)).toEqual(ids(0, 100))
    await client.closed
  })
})
