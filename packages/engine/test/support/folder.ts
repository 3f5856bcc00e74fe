// A folder of its own for the files of one test file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Makes a temporary folder that is gone when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'arranger-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
