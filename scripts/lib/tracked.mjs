// @ts-check
// The files of the project: what git tracks, and what it would track.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.mjs'

/** @returns {Promise<string[]>} paths relative to the root, with forward slashes */
export async function projectFiles() {
  const list = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  return list.split('\0').filter((path) => path && existsSync(join(root, path)) && statSync(join(root, path)).isFile())
}

/** @param {string} path */
export const read = (path) => readFileSync(join(root, path), 'utf8')

/** Ends a check: prints what is wrong, or what was checked. @param {string[]} faults @param {string} checked */
export function report(faults, checked) {
  for (const fault of faults) process.stdout.write(`${fault}\n`)
  process.stdout.write(faults.length > 0 ? `${faults.length} faults\n` : `${checked}: ok\n`)
  process.exitCode = faults.length > 0 ? 1 : 0
}
