import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The folders that are there, so that one listener removes them all when the process exits. */
const folders = new Set<string>()

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** A folder that is gone once it is disposed of, and also when the process exits before that. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string

  constructor() {
    // Made in one go with the entry: an exit never comes in between.
    this.path = mkdtempSync(join(tmpdir(), 'arranger-'))
    if (folders.size === 0) process.on('exit', removeAll)
    folders.add(this.path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
    folders.delete(this.path)
    if (folders.size === 0) process.off('exit', removeAll)
  }
}
