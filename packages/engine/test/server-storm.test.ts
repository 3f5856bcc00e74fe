// Two hundred clients come and vanish in the midst of whatever they do; one that behaves notices nothing, and nothing is left.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AudioServer } from '../src/addon.ts'
import { Random } from './support/contract/random.mjs'
import { temporaryFolder } from './support/folder.ts'
import { type FramedSocket, framed, type Json, lengthOf, type Reply } from './support/framed-socket.ts'
import { eventually } from './support/live.ts'
import { addressIn, endServersAfterEach, ServerProgram } from './support/server-program.ts'
import { notes, sessionOf } from './support/sessions.ts'

const folder = temporaryFolder()
const seed = Number(process.env.ARRANGER_SEED ?? 20_261_127)
endServersAfterEach()

const pitches = Array.from({ length: 16 }, (_, at) => 48 + ((at * 7) % 24))
const { graph, events } = sessionOf('builtin.synth', notes(pitches, 0.5, 0.4))
const session: Json[] = [
  { cmd: 'set_graph', ...graph },
  { cmd: 'set_schedule', events },
]
const render = { cmd: 'render', format: 'raw_f32', tail_seconds: 0.25 }
const hashOf = (data: string) => createHash('sha256').update(data).digest('hex')

/** What the binding renders in this process. */
function reference(): string {
  const engine = new AudioServer({ outputDevice: null })
  const replies = [...session, render].map((request) => JSON.parse(engine.handle(JSON.stringify(request))))
  engine.close()
  return hashOf(replies.at(-1).data)
}

/** How a client leaves; each begins with a connection, and ends with one that the test closes. */
const ways: Record<string, (client: FramedSocket, random: Random, files: string) => Promise<unknown>> = {
  'at once': async () => {},
  'in a length': (client, random) => client.sendBytes(lengthOf(100).subarray(0, 1 + random.below(3))),
  'in a message': (client, random) => {
    const message = framed({ ...session[1] })
    return client.sendBytes(message.subarray(0, 4 + random.below(message.length - 4)))
  },
  'behind a length of 64 MiB': (client) => client.sendBytes(lengthOf(64 * 2 ** 20)),
  'with replies unread': (client, random) => {
    client.socket.pause()
    const requests = Array.from({ length: 1 + random.below(500) }, (_, id) => framed({ cmd: 'get_graph', id }))
    return client.sendBytes(Buffer.concat(requests))
  },
  'while it renders': async (client, random, files) => {
    await client.ask({ cmd: 'subscribe', events: ['render_progress'], interval_ms: 1 })
    const long = { ...render, id: 'long', duration_beats: 50_000, path: join(files, `${random.next()}.f32`) }
    client.send(long)
    expect(await client.receive()).toMatchObject({ event: 'render_progress' })
  },
  'before its render begins': (client) =>
    client.sendBytes(Buffer.concat([1, 2, 3].map((id) => framed({ ...render, id })))),
  'with events under way': async (client) => {
    await client.ask({ cmd: 'subscribe', events: ['position', 'meters', 'stats'], interval_ms: 1 })
    await client.receive()
  },
  'after garbage': (client, random) =>
    client.sendBytes(framed(Buffer.from(Array.from({ length: 300 }, () => random.below(256))))),
  'with its half closed': async (client) => {
    client.send({ ...render, id: 1 })
    client.socket.end()
  },
}

/** Renders again and again, three times at least, and asks between: all that the renders were. */
async function behave(client: FramedSocket, goesOn: () => boolean): Promise<Set<string>> {
  const hashes = new Set<string>()
  for (let id = 0; id < 9 || goesOn(); id += 3) {
    client.send({ cmd: 'ping', id }, { ...render, id: id + 1 }, { cmd: 'ping', id: id + 2 })
    const replies: Reply[] = []
    while (replies.length < 3) replies.push(await client.receive())
    expect(replies).toMatchObject([0, 1, 2].map((at) => ({ status: 'ok', id: id + at })))
    hashes.add(hashOf(replies[1].data))
  }
  return hashes
}

describe.skipIf(process.platform === 'win32')('two hundred clients that vanish', () => {
  it(`harm nobody and leave nothing behind (seed ${seed})`, async () => {
    const server = await ServerProgram.start(addressIn(folder, 'storm'))
    const files = join(folder, 'files')
    mkdirSync(files)
    const good = await server.connect()
    for (const request of session) expect(await good.ask(request)).toMatchObject({ status: 'ok' })
    await good.ask({ cmd: 'play' }) // so that there is something to tell
    await good.ask({ cmd: 'stop' })

    const linux = process.platform === 'linux'
    if (!linux) console.warn('SKIPPED: the threads and files of the server are counted on Linux only')
    const { threads, descriptors } = linux ? server : { threads: 0, descriptors: 0 }

    const random = new Random(seed)
    let left = 200
    const vanishing = async () => {
      while (left > 0) {
        left--
        const client = await server.connect()
        const way = random.pick(Object.keys(ways))
        await ways[way]?.(client, random, files)
        client.vanish()
      }
    }
    const storm = Promise.all(Array.from({ length: 16 }, vanishing))
    let over = false
    storm.then(
      () => (over = true),
      () => (over = true),
    )
    const hashes = await behave(good, () => !over)
    await storm
    expect([...hashes]).toEqual([reference()])

    if (linux)
      await eventually(
        () => server.descriptors,
        (now) => now === descriptors,
      )
    // Threads that render are kept: about as many as clients rendered at once.
    if (linux)
      await eventually(
        () => server.threads,
        (now) => now <= threads + 20,
      )
    await eventually(
      () => readdirSync(files),
      (names) => names.length === 0,
    )
    expect(await good.ask({ cmd: 'get_graph' })).toMatchObject({ nodes: graph.nodes?.map(({ id }) => ({ id })) })
    expect(await (await server.connect()).ask({ cmd: 'ping' })).toMatchObject({ status: 'ok' })
    expect((await server.kill('SIGTERM')).code).toBe(0)
  })
})
