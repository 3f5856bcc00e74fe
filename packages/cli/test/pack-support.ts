import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The platform of this process, as packages name it. */
export const here = `${process.platform}-${process.arch}`

/** What the author of a plugin writes. */
export const manifest = {
  name: '@acme/tremolo',
  version: '1.2.3',
  description: 'A tremolo',
  license: 'MIT',
  author: 'Acme',
  scripts: { test: 'vitest run' },
  devDependencies: { '@arranger/plugin-sdk': '*' },
  arranger: { plugins: ['lib/{platform}-{arch}/tremolo'] },
}

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value))
}

/** A folder that is removed after the tests of the file. */
export function sharedFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'arranger-pack-'))
  afterAll(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Puts the packages of the workspace where a project would have them installed. */
export function linkPackages(folder: string): void {
  const scope = join(folder, 'node_modules/@arranger')
  mkdirSync(scope, { recursive: true })
  for (const name of ['engine', 'plugin-sdk']) symlinkSync(join(root, 'packages', name), join(scope, name), 'junction')
}

/** The example, copied out of the workspace, as a package of its own. */
export function writeTremolo(folder: string): void {
  cpSync(join(root, 'examples/plugins/tremolo'), folder, { recursive: true })
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  writeJson(join(folder, 'package.json'), manifest)
  linkPackages(folder)
}
