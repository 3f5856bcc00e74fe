// SPDX-License-Identifier: MIT
import type { AddressInfo } from 'node:net'
import type { Command } from 'commander'
import { number } from '../number.ts'
import { output } from '../terminal.ts'

interface Flags {
  port: number
  open?: boolean
}

export function configure(command: Command): void {
  command
    .option('--port <number>', 'the port to listen on; 0 is any that is free', number(0, 65535, true), 0)
    .option('--open', 'also open it in the browser')
    .action(docs)
}

async function docs({ port, open }: Flags): Promise<void> {
  const { serveSite, siteFolder } = await import('../site.ts')
  const server = await serveSite(siteFolder(), port)
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await output(`${address}\n`)
  if (open) await (await import('open')).default(address)
  await ended
  server.close()
  server.closeAllConnections()
}
