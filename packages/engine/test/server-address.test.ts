// One address, one server: at the same moment, over what a killed one left, and under a client that waits.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/folder.ts'
import { addressIn, endServersAfterEach, ServerProgram } from './support/server-program.ts'
import { longSession } from './support/sessions.ts'

const folder = temporaryFolder()
endServersAfterEach()

describe.skipIf(process.platform === 'win32')('an address', () => {
  it('goes to exactly one of those that start at the same moment, over what a killed one left', async () => {
    const address = addressIn(folder, 'raced')
    for (let round = 0; round < 20; round++) {
      // From the second round on the socket of a server that was killed is in the way.
      expect(existsSync(address)).toBe(round > 0)
      const both = await Promise.all([1, 2, 3].map(() => ServerProgram.start(address)))
      const living = both.filter(({ lives }) => lives)
      expect(living, both.map(({ log }) => log).join()).toHaveLength(1)
      for (const loser of both.filter(({ lives }) => !lives)) {
        expect((await loser.ended).code).toBe(1)
        expect(loser.log).toMatch(/already running/)
      }
      const client = await (living[0] as ServerProgram).connect()
      expect(await client.ask({ cmd: 'ping' })).toMatchObject({ status: 'ok' })
      await living[0]?.kill()
    }
  })

  it('serves again after its server was killed under a client that waits', async () => {
    const address = addressIn(folder, 'killed')
    const first = await ServerProgram.start(address)
    const client = await first.connect()
    const { graph, events } = longSession(60)
    await client.ask({ cmd: 'set_graph', ...graph })
    await client.ask({ cmd: 'set_schedule', events })
    await client.ask({ cmd: 'subscribe', events: ['render_progress'], interval_ms: 1 })
    client.send({ cmd: 'render', id: 1, path: join(folder, 'killed.wav') })
    expect(await client.receive()).toMatchObject({ event: 'render_progress' })
    const readOn = async () => {
      while (true) await client.receive()
    }
    await Promise.all([expect(readOn()).rejects.toThrow('closed'), first.kill()])
    const second = await ServerProgram.start(address)
    expect(await (await second.connect()).ask({ cmd: 'get_graph' })).toMatchObject({ status: 'ok', nodes: [] })
    expect(second.log).not.toMatch(/error/i)
  })
})
