// SPDX-License-Identifier: MIT
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import sirv from 'sirv'
import { CliError } from './failure.ts'

/** Where the documentation may lie: as ARRANGER_DOCS says, in this package, or as a checkout has built it. */
function candidates(): string[] {
  const named = process.env.ARRANGER_DOCS
  const places = ['../site', '../../../docs/dist'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  return named ? [named] : places
}

/** The folder of the built site. */
export function siteFolder(): string {
  const found = candidates().find((folder) => existsSync(`${folder}/index.html`))
  if (found !== undefined) return found
  throw new CliError(
    'not_found',
    `Expected the documentation in ${candidates().join(' or ')} but it is not there`,
    "in a checkout 'pnpm run docs:build' builds it",
  )
}

/** With these a page may share memory with the engine's module, which it plays. */
const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

/** Serves a folder of pages to this machine alone, at `/guide/first-sound` and the like. Resolves when it listens. */
export function serveSite(folder: string, port: number): Promise<Server> {
  const missing = `${folder}/404.html`
  const files = sirv(folder, {
    // The site may be built anew while it is served.
    dev: true,
    etag: true,
    setHeaders: (response) => {
      for (const [name, value] of Object.entries(isolated)) response.setHeader(name, value)
    },
    onNoMatch: (_request, response) => {
      response.writeHead(404, { ...isolated, 'Content-Type': 'text/html; charset=utf-8' })
      response.end(existsSync(missing) ? readFileSync(missing) : 'There is no such page.')
    },
  })
  const server = createServer((request, response) => files(request, response))
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = error.code === 'EADDRINUSE' ? `Port ${port} is in use` : error.message
      reject(new CliError('failed', message, 'without --port any free one is taken'))
    })
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
