// @ts-check
// The documentation as a suite: its build is its test, since whatever is undocumented or leads nowhere fails it.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './run.mjs'
import { processSuite } from './suites.mjs'

/** @returns {import('./suites.mjs').Suite[]} */
export function docsSuites() {
  const found = spawnSync('doxygen', ['--version']).status === 0
  if (found || process.env.ARRANGER_EXPECTED?.includes('docs')) {
    const build = ['--max-semi-space-size=128', join(root, 'docs/build.mjs')]
    return [processSuite('docs', [process.execPath, ...build])]
  }
  process.stdout.write('SKIPPED: Doxygen is missing, so the documentation is not built\n')
  return []
}
