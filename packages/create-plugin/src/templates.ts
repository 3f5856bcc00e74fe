import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { titleOf } from './name.ts'

const templates = fileURLToPath(new URL('../templates', import.meta.url))

/** What a plugin can be. */
export const kinds = {
  effect: 'sound in, sound out',
  instrument: 'plays notes',
  midi: 'notes in, notes out',
  monitor: 'shows something of the sound that passes through',
} as const
export type Kind = keyof typeof kinds

export const languages = { cpp: 'C++', c: 'C' } as const
export type Language = keyof typeof languages

/** What is to be made. */
export interface Plan {
  name: string
  kind: Kind
  language: Language
}

/** The version of this package, which is also that of the engine, the SDK and the command line it goes with. */
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** The templates are real files; these words in them, and in their names, are another plugin's own. */
function words({ name, language }: Plan): [string, string][] {
  return [
    ['My Plugin', titleOf(name)],
    ['my-plugin', name],
    ['EXTENSION', language],
    ['LANGUAGES LANGUAGE', `LANGUAGES ${language === 'c' ? 'C' : 'CXX'}`],
    ['ARRANGER_VERSION', version],
    ['YEAR', String(new Date().getFullYear())],
  ]
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  )
}

/** Where the files of a plan come from, by where they go. */
function sources({ kind, language }: Plan): Map<string, string> {
  const base = join(templates, 'base')
  const files = new Map(filesBelow(base).map((path) => [path, join(base, path)]))
  // npm leaves files of that name out of its tarballs.
  files.set('.gitignore', files.get('gitignore') as string)
  files.delete('gitignore')
  files.set(join('src', `my-plugin.${language}`), join(templates, kind, `my-plugin.${language}`))
  files.set(join('test', 'my-plugin.test.js'), join(templates, kind, 'my-plugin.test.js'))
  return files
}

/** Writes the project into a folder and gives its files. */
export function writeProject(folder: string, plan: Plan): string[] {
  const adapt = (text: string) => words(plan).reduce((result, [word, own]) => result.replaceAll(word, own), text)
  const written: string[] = []
  for (const [path, source] of sources(plan)) {
    const target = join(folder, adapt(path))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, adapt(readFileSync(source, 'utf8')))
    written.push(relative(folder, target).replaceAll(sep, '/'))
  }
  return written.sort()
}
