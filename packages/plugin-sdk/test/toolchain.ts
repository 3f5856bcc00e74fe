// SPDX-License-Identifier: MIT
// What the tests of this package share: the header, the compilers, a folder that is removed afterwards.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { includeDir } from '../src/index.ts'

export const cCompiler = process.env.CC ?? 'cc'
export const cxxCompiler = process.env.CXX ?? 'c++'

export const header = readFileSync(join(includeDir, 'arranger/plugin.h'), 'utf8')

export interface Outcome {
  code: number | null
  output: string
}

/** Runs a program to its end; a program that cannot be started is an error, its exit code is the caller's business. */
export function run(command: string, args: string[], options: { cwd?: string; input?: string } = {}): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (error) throw error
  return { code: status, output: stdout + stderr }
}

/** The output of a program that must succeed. */
export function output(command: string, args: string[], options: { cwd?: string } = {}): string {
  const outcome = run(command, args, options)
  if (outcome.code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${outcome.code}\n${outcome.output}`)
  return outcome.output
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A new folder that goes away after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'arranger-sdk-'))
  folders.push(folder)
  return folder
}
