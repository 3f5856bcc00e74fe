// @ts-check
// Before @arranger/cli is packed: the site goes into it, for `arranger docs`.
import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, site } from './lib/paths.mjs'

const target = join(root, 'packages/cli/site')
rmSync(target, { recursive: true, force: true })
if (existsSync(join(site, 'index.html'))) cpSync(site, target, { recursive: true })
else process.stderr.write('The documentation is not built, so the package has none: pnpm run docs:build\n')
