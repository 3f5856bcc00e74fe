// @ts-check
// The pnpm that package.json names, whether it is installed or not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, tryRun } from './run.mjs'

/**
 * Runs a line of commands in a shell that has the pinned pnpm on its PATH, because turbo starts whichever is there.
 * @param {string} line @param {(line: string) => void} [show]
 */
export async function withPnpm(line, show = () => {}) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wanted = packageManager.slice('pnpm@'.length)
  const present = (await tryRun('pnpm', ['--version'])).stdout.trim()
  const env = { TURBO_TELEMETRY_DISABLED: '1', CI: '1' }
  const windows = process.platform === 'win32'
  if (present.split('.')[0] === wanted.split('.')[0])
    return windows ? run(line, [], { env, onLine: show }) : run('sh', ['-c', line], { env, onLine: show })
  return run('npx', ['--yes', '--package', packageManager, '-c', windows ? `"${line}"` : line], { env, onLine: show })
}
