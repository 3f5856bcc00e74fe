// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EngineError } from '../error.ts'

const name = `arranger-server${process.platform === 'win32' ? '.exe' : ''}`

/** The folder of this platform's package, if it is installed. */
function packageFolder(): string | undefined {
  try {
    const manifest = `@arranger/engine-${process.platform}-${process.arch}/package.json`
    return dirname(createRequire(import.meta.url).resolve(manifest))
  } catch {
    return undefined
  }
}

/**
 * The file of arranger-server: what the environment variable `ARRANGER_SERVER` names, else the one of this platform's
 * package, else that of a local build.
 * @throws EngineError `server_unavailable` with the places that were looked at.
 */
export function serverProgram(environment: NodeJS.ProcessEnv = process.env): string {
  const { ARRANGER_SERVER: named } = environment
  const installed = packageFolder()
  const places = named
    ? [resolve(named)]
    : [
        ...(installed ? [join(installed, name)] : []),
        fileURLToPath(new URL(`../../../../build/release/bin/${name}`, import.meta.url)),
      ]
  const found = places.find((place) => existsSync(place))
  if (found) return found
  throw new EngineError('server_unavailable', `The program ${name} is not there; looked for ${places.join(', ')}`)
}
