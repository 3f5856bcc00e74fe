// SPDX-License-Identifier: MIT
import { lstatSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/** Where a server listens when nobody says otherwise: a socket, on Windows a named pipe. */
export function defaultServerAddress(environment: NodeJS.ProcessEnv = process.env): string {
  if (process.platform === 'win32') return '\\\\.\\pipe\\AudioServer'
  const { XDG_RUNTIME_DIR: runtime } = environment
  return runtime ? join(runtime, 'arranger.sock') : join('/tmp', 'audio_server.sock')
}

/**
 * Why an address is not to be trusted, if it is not: in a folder like /tmp anybody may have made the socket, and would then
 * be sent what is meant for the user's own server.
 */
export function strangerAt(address: string): string | undefined {
  if (process.platform === 'win32') return undefined
  let found: Stats
  try {
    found = lstatSync(address)
  } catch {
    return undefined
  }
  const { uid } = found
  return uid === process.getuid?.() || uid === 0 ? undefined : `${address} belongs to another user (${uid})`
}
