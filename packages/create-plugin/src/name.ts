import { builtinModules } from 'node:module'
import { CreateError } from './failure.ts'

/** CMake has targets of these names. */
const targets = ['all', 'clean', 'help', 'install', 'test', 'package', 'edit_cache', 'rebuild_cache']
/** npm has uses of its own for these. */
const reserved = [...builtinModules, 'node_modules', 'favicon.ico']

/**
 * Checks a name, which is to be one of an npm package, a CMake target and a file.
 * @throws CreateError `invalid_name`
 */
export function checkName(name: string): void {
  const refuse = (expected: string) => {
    throw new CreateError('invalid_name', `Expected ${expected} as the name but received '${name}'`)
  }
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name) || name.length > 100)
    refuse('up to 100 lower-case letters, digits, dots, dashes and underscores, a letter or digit first,')
  if (targets.includes(name)) refuse('another word, since CMake has a target of that name,')
  if (reserved.includes(name)) refuse('another word, since npm or Node.js uses that one,')
}

/** A name for people: `my-gain` is My Gain. */
export function titleOf(name: string): string {
  const words = name.split(/[._-]+/).filter((word) => word !== '')
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ')
}
