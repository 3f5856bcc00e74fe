// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process'
import { CliError } from '../failure.ts'

/** What npm says of a tarball. */
export interface Packed {
  name: string
  version: string
  filename: string
  /** Bytes. */
  size: number
  unpackedSize: number
  files: { path: string; size: number }[]
}

/**
 * `npm pack`, which knows what belongs into a package and what never does. Runs no script of the package.
 * @param folders Relative to `cwd`, such as `./meta`.
 */
export function npmPack(cwd: string, folders: readonly string[], { dryRun = false } = {}): Promise<Packed[]> {
  const args = ['pack', ...folders, '--json', '--ignore-scripts', ...(dryRun ? ['--dry-run'] : [])]
  // npm is a script on Windows, which only a shell runs.
  const shell = process.platform === 'win32'
  return new Promise((done, fail) => {
    execFile('npm', args, { cwd, shell, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error)
        return fail(new CliError('failed', `npm pack failed: ${reasonOf(stdout) ?? (stderr.trim() || error.message)}`))
      const packed: unknown = JSON.parse(stdout)
      done((Array.isArray(packed) ? packed : Object.values(packed as object)) as Packed[])
    })
  })
}

/** The sentence in what npm writes when it was asked for JSON. */
function reasonOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { summary?: string } }).error?.summary
  } catch {
    return undefined
  }
}
