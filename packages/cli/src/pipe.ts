import { constants, createReadStream, createWriteStream, openSync, statSync } from 'node:fs'
import { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds between two looks for a reader. */
const patience = 50

/** Opens a pipe once somebody reads it. An open that waits would hold one of Node's threads, and the exit with it. */
async function openPipe(path: string, signal: AbortSignal | undefined): Promise<Socket> {
  for (;;) {
    try {
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
      return new Socket({ fd, readable: false, writable: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
    }
    await delay(patience, undefined, { signal })
  }
}

/** Copies a file into a device or a named pipe, which stays what it is. @param signal Ends the wait for a reader. */
export async function copyInto(file: string, path: string, signal?: AbortSignal): Promise<void> {
  const isPipe = statSync(path, { bigint: true }).isFIFO()
  const destination = isPipe ? await openPipe(path, signal) : createWriteStream(path)
  await pipeline(createReadStream(file), destination, { signal })
}
