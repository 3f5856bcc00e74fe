// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { runProgram } from './program.ts'

/** Folders of the system, whose files nobody edits while they write a plugin. */
const systemFolders =
  process.platform === 'win32'
    ? /^[a-z]:[\\/](program files|windows)/i
    : /^\/(usr|lib\d*|opt|Library|Applications|nix|System)\//

/**
 * Those of the files that somebody may edit.
 * @param root The project: what lies in it is always taken.
 */
export function editable(files: Iterable<string>, root: string): string[] {
  const inside = (file: string) => !relative(root, file).startsWith('..')
  return [...new Set(files)].filter((file) => inside(file) || !systemFolders.test(file))
}

/** The files that a Makefile rule of a compiler (`-MMD`) names behind its first colon. */
export function dependenciesOf(rule: string, folder: string): string[] {
  const [, list = ''] = /^(?:[A-Za-z]:[\\/])?[^:]*:([\s\S]*)$/.exec(rule.replaceAll(/\\\r?\n/g, ' ')) ?? []
  const first = list.split(/\r?\n/)[0] ?? ''
  const names = first.match(/(?:\\ |\\#|\$\$|\S)+/g) ?? []
  return names.map((name) => resolve(folder, name.replaceAll(/\\([ #])/g, '$1').replaceAll('$$', '$')))
}

/** What MSVC was told to say (`/showIncludes`). The words before the file are of the system's language. */
export function includesOf(output: string): string[] {
  return [...output.matchAll(/^[^:\n]+: [^:\n]+: +([A-Za-z]:[^\r\n]+)$/gm)].map(([, file = '']) => file)
}

/** All that the objects of a CMake build tree were made of; empty where its generator does not tell. */
export async function dependenciesOfTree(tree: string): Promise<string[]> {
  const names = await readdir(tree, { recursive: true })
  if (names.includes('build.ninja')) return dependenciesOfNinja(tree)
  const rules = names.filter((name) => name.endsWith('.d'))
  const files = await Promise.all(
    rules.map(async (name) => dependenciesOf(await readFile(join(tree, name), 'utf8'), tree)),
  )
  return files.flat()
}

/** Ninja keeps what it has read of the compiler's rules to itself, and tells it when it is asked. */
async function dependenciesOfNinja(tree: string): Promise<string[]> {
  const { output } = await runProgram('ninja', ['-C', tree, '-t', 'deps'])
  return [...output.matchAll(/^ {4}(.+)$/gm)].map(([, file = '']) => resolve(tree, file))
}
