// @ts-check
// Writes docs/reference/validate.md, the checks of `arranger validate`, from what arranger-validate says of itself.
//   node scripts/generate-checks.mjs           writes the page
//   node scripts/generate-checks.mjs --check   fails when the page is not what would be written
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { writeOrCheck } from './lib/generated.mjs'
import { root } from './lib/run.mjs'

/** @typedef {{ check: string, of: 'library' | 'plugin', what: string, remedy: string }} Check */

const program = join(root, 'build/release/bin', `arranger-validate${process.platform === 'win32' ? '.exe' : ''}`)
/** @type {Check[]} */
const checks = JSON.parse(execFileSync(program, ['--list'], { encoding: 'utf8' }))

/** @param {Check['of']} scope */
const sections = (scope) =>
  checks
    .filter(({ of }) => of === scope)
    .map(({ check, what, remedy }) => `### ${check}\n${what}\n\n*When it fails:* ${remedy}\n`)
    .join('\n')

const page = `# What \`arranger validate\` checks

Made by \`scripts/generate-checks.mjs\` from \`arranger-validate --list\`; do not edit.

\`arranger validate LIB\` runs each check in a process of its own, with a time limit. A check that does not apply to a
plugin, or that means nothing because another one fails, is shown with the reason and is no failure. The exit code is 4
when a check fails, 3 when the library is not there.

A plugin that needs a file gets it with \`--config key=value\`; \`--only CHECK\`, \`--plugin ID\`, \`--timeout SECONDS\` and
\`--thorough\` do what they say; \`--json\` and \`--junit FILE\` are for programs.

## Of a library
${sections('library')}
## Of each plugin
${sections('plugin')}`

writeOrCheck({ 'docs/reference/validate.md': page }, 'generate-checks.mjs')
