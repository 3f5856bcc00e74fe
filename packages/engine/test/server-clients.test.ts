// Whole sessions through the socket, by a client in Python that knows the framing and JSON alone.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { AudioServer } from '../src/addon.ts'
import { temporaryFolder } from './support/folder.ts'
import type { Json, Reply } from './support/framed-socket.ts'
import { oldSession } from './support/old-session.ts'
import { addressIn, endServersAfterEach, ServerProgram } from './support/server-program.ts'
import { notes, sessionOf } from './support/sessions.ts'

const folder = temporaryFolder()
const fixture = fileURLToPath(new URL('./fixtures/client.py', import.meta.url))
endServersAfterEach()

/** What the client in Python says of a session with a server of its own. */
async function python(name: string, given: unknown, ...flags: string[]): Promise<Reply> {
  const server = await ServerProgram.start(addressIn(folder, name))
  const path = join(folder, `${name}.json`)
  writeFileSync(path, JSON.stringify(given))
  const { stdout } = await promisify(execFile)('python3', [fixture, server.address, path, ...flags], {
    maxBuffer: 1 << 28,
  })
  expect((await server.kill('SIGTERM')).code).toBe(0)
  return JSON.parse(stdout)
}

/** What this process's own engine replies to the same. */
function inProcess(requests: Json[]): Reply[] {
  const engine = new AudioServer({ outputDevice: null })
  const replies = requests.map((request) => JSON.parse(engine.handle(JSON.stringify(request))))
  engine.close()
  return replies
}

describe.skipIf(process.platform === 'win32')('a client in Python', () => {
  it('plays and renders a session; the samples are those of the binding', async () => {
    const pitches = Array.from({ length: 32 }, (_, at) => 48 + ((at * 7) % 24))
    const { graph, events } = sessionOf('builtin.synth', notes(pitches, 0.5, 0.4))
    const seen = await python('session', { graph, schedule: events })
    const rendered = inProcess([
      { cmd: 'set_graph', ...graph },
      { cmd: 'set_schedule', events },
      { cmd: 'render', format: 'raw_f32', tail_seconds: 0.5 },
    ]).at(-1)
    const data = Buffer.from(rendered.data, 'base64')

    expect(seen).toMatchObject({
      added: ['track', 'instrument', 'mixer'],
      events: events.length,
      played: true,
      stopped: true,
      graph: ['track', 'instrument', 'mixer'],
    })
    expect(seen.features).toEqual(expect.arrayContaining(['sine', 'mixer', 'note_on', 'note_off', 'shutdown']))
    expect(seen.features).not.toContain('in_process')
    expect(seen.sought).toBeGreaterThanOrEqual(4)
    expect(seen.loop[0]).toBeGreaterThanOrEqual(4)
    expect(seen.loop[1]).toBeLessThan(4.5)
    expect(seen.positions).toBeGreaterThan(10)
    expect(seen.render).toMatchObject({
      channels: 2,
      frames: data.length / 8,
      samples: data.length / 4,
      hash: rendered.hash,
      sha256: createHash('sha256').update(data).digest('hex'),
    })
    expect(seen.render.rms).toBeGreaterThan(10 ** (-40 / 20))
  })

  it('of the old kind, without ids and with short names, gets its replies in order', async () => {
    const replies = await python('old', oldSession, '--replay')
    const expected = inProcess(oldSession)
    // What depends on the moment, and what another face says of itself.
    const steady = ({ beat, frame, bar, playing, features, seconds, ...rest }: Reply) => rest
    expect(replies.map(steady)).toEqual(expected.map(steady))
    expect(replies.map(({ status }: Reply) => status)).not.toContain('error')
    const renders = replies.filter(({ data }: Reply) => data)
    expect(renders).toHaveLength(2)
    expect(renders[0].hash).not.toBe(renders[1].hash)
  })
})
