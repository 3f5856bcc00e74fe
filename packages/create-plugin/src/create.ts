import { existsSync, readdirSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { CreateError } from './failure.ts'
import { checkName } from './name.ts'
import { type Kind, type Language, writeProject } from './templates.ts'

/** What is asked for. */
export interface CreateRequest {
  /** The folder to make, whose last part is the plugin's name. */
  folder: string
  kind?: Kind
  language?: Language
}

/** What was made. */
export interface CreatedPlugin {
  name: string
  /** Absolute. */
  folder: string
  kind: Kind
  language: Language
  /** Relative to the folder. */
  files: string[]
  /** The lines to run next. */
  next: string[]
}

/** What does not make a folder a used one. */
const harmless = ['.git', '.DS_Store']

/**
 * The name that a folder gives to a plugin.
 * @throws CreateError `invalid_name`, `folder_not_empty`
 */
export function checkFolder(folder: string): string {
  const path = resolve(folder)
  const name = basename(path)
  checkName(name)
  const inside = existsSync(path) ? readdirSync(path).filter((entry) => !harmless.includes(entry)) : []
  if (inside.length > 0)
    throw new CreateError('folder_not_empty', `${path} is not empty: it has ${inside.slice(0, 3).join(', ')}`)
  return name
}

/**
 * Makes the project of a plugin.
 * @throws CreateError `invalid_name`, `folder_not_empty`; nothing is written then.
 */
export function createPlugin({ folder, kind = 'effect', language = 'cpp' }: CreateRequest): CreatedPlugin {
  const name = checkFolder(folder)
  const path = resolve(folder)
  const files = writeProject(path, { name, kind, language })
  const there = relative(process.cwd(), path)
  const next = [...(there ? [`cd ${/\s/.test(there) ? `"${there}"` : there}`] : []), 'npm install', 'npx arranger dev']
  return { name, folder: path, kind, language, files, next }
}
