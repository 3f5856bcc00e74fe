// SPDX-License-Identifier: MIT
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { valid } from 'semver'
import validateName from 'validate-npm-package-name'
import { CliError } from '../failure.ts'
import { folderPattern } from './platforms.ts'

export type Manifest = Record<string, unknown>

/** A plugin's folder, as its `package.json` describes it. */
export interface Project {
  /** Absolute. */
  folder: string
  manifest: Manifest
  name: string
  version: string
  /** What `arranger.plugins` names, without extension: `lib/{platform}-{arch}/tremolo`. */
  patterns: string[]
  /** Texts that npm packs with every package: names of files beside the manifest. */
  readme: string | undefined
  licenseFile: string | undefined
}

const example = '"arranger": {"plugins": ["lib/{platform}-{arch}/NAME"]}'

function patternsOf({ arranger }: Manifest): string[] {
  const hint = `add ${example} to its package.json`
  const refuse = (what: string) => new CliError('invalid_package', `Expected ${example} but ${what}`, hint)
  const entries = (arranger as { plugins?: unknown } | undefined | null)?.plugins
  if (!Array.isArray(entries) || entries.length === 0) throw refuse('the package.json names no plugins')
  const patterns = entries.map((entry: unknown) => {
    const text = typeof entry === 'string' ? entry.replace(/^\.\//, '').replace(/\.(so|dylib|dll)$/, '') : ''
    const folder = folderPattern(text)
    const isGood = folder.includes('{platform}') && folder !== text && !text.split('/').includes('..')
    if (!isGood || text.startsWith('/')) throw refuse(`received ${JSON.stringify(entry)}`)
    return text
  })
  if (new Set(patterns.map(folderPattern)).size > 1) throw refuse('the libraries lie in several folders')
  return patterns
}

/** @throws CliError `not_found`, or `invalid_package` for a manifest that cannot be used. */
export function readProject(directory: string): Project {
  const folder = resolve(directory)
  const file = join(folder, 'package.json')
  if (!existsSync(file)) {
    const hint = `a plugin's package.json has its name, version and license, and ${example}`
    throw new CliError('not_found', `There is no ${file}`, hint)
  }
  let manifest: Manifest
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  } catch (error) {
    throw new CliError('invalid_package', `Cannot read ${file}: ${(error as Error).message}`)
  }
  const { name, version } = manifest
  const refuse = (what: string, value: unknown) =>
    new CliError('invalid_package', `Expected ${file} to have ${what} but received ${JSON.stringify(value) ?? 'none'}`)
  if (typeof name !== 'string' || !validateName(name).validForNewPackages) throw refuse('a name that npm takes', name)
  if (typeof version !== 'string' || valid(version) === null) throw refuse('a version such as 1.0.0', version)
  const texts = readdirSync(folder)
  const text = (pattern: RegExp) => texts.find((one) => pattern.test(one))
  return {
    folder,
    manifest,
    name,
    version,
    patterns: patternsOf(manifest),
    readme: text(/^readme(\.\w+)?$/i),
    licenseFile: text(/^(licen[cs]e|copying)(\.\w+)?$/i),
  }
}
