// Compiles a program that uses the packages as any other would: from a folder outside, through node_modules.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../../..', import.meta.url))
const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))

/** Compiles the TypeScript files of a folder. @returns What the compiler complains of; empty when it does not. */
export function compile(folder: string): string {
  const scope = join(folder, 'node_modules/@arranger')
  if (!existsSync(scope)) {
    mkdirSync(scope, { recursive: true })
    symlinkSync(join(packages, 'engine'), join(scope, 'engine'), 'junction')
  }
  const options = { strict: true, module: 'nodenext', target: 'es2022', noEmit: true, types: [], skipLibCheck: true }
  const lib = ['es2023', 'esnext.disposable', 'dom']
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, lib } }))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  return status === 0 ? '' : `${stdout}${stderr}` || `exit code ${status}`
}
