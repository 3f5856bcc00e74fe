// SPDX-License-Identifier: MIT
import { delimiter, resolve } from 'node:path'
import {
  type LoadedSettings,
  readSettings,
  type SettingsKey,
  settingsKeys,
  settingsRules,
  writeSettings,
} from '@arranger/engine'
import { CliError } from '../failure.ts'
import { output, paletteFor, say } from '../terminal.ts'
import { nearest, table } from '../text.ts'

/** @throws CliError `not_found` */
function keyOf(name: string): SettingsKey {
  const key = settingsKeys.find((known) => known === name)
  if (key) return key
  const near = nearest(name, settingsKeys)
  const hint = `there is ${settingsKeys.join(', ')}`
  throw new CliError('not_found', `There is no setting '${name}'${near ? `; nearest is '${near}'` : ''}`, hint)
}

/** The settings, after what is wrong with them was said. */
export async function settingsTold(): Promise<LoadedSettings> {
  const loaded = await readSettings()
  const { warn } = paletteFor(process.stderr)
  for (const { message } of loaded.problems) say(`${warn('!')} ${message}`)
  return loaded
}

/** A value as one line: nothing where the engine decides. */
function textOf(value: unknown): string {
  if (value === undefined) return ''
  return Array.isArray(value) ? value.join(delimiter) : String(value)
}

export async function list(json: boolean): Promise<void> {
  const { path = null, settings, given, problems } = await settingsTold()
  if (json) return output(`${JSON.stringify({ status: 'ok', path, settings, given, problems }, null, 2)}\n`)
  const { dim } = paletteFor(process.stdout)
  const rows = settingsKeys.map((key) => [
    key,
    textOf(settings[key]) || '–',
    given.includes(key) ? '' : dim('(default)'),
  ])
  await output(`${table(rows)}\n${dim(path ?? 'no file')}\n`)
}

export async function get(name: string, json: boolean): Promise<void> {
  const key = keyOf(name)
  const { settings } = await settingsTold()
  const value = settings[key]
  await output(json ? `${JSON.stringify({ status: 'ok', key, value: value ?? null })}\n` : `${textOf(value)}\n`)
}

/** What a word of the command line stands for, by what the key takes. */
function settingOf(key: SettingsKey, word: string): unknown {
  if (word === 'default') return undefined
  const readings = [word, word.trim() === '' ? word : Number(word), word.split(delimiter).filter((part) => part !== '')]
  const { read, isPath } = settingsRules[key]
  const value = readings.find((reading) => read(reading) !== undefined)
  // Later it is used from any folder; here it is from this one.
  if (isPath && Array.isArray(value)) return value.map((path) => resolve(path))
  if (isPath && typeof value === 'string') return resolve(value)
  if (value !== undefined) return value
  throw new CliError('usage', `Expected ${key} to be ${settingsRules[key].allowed} but received '${word}'`)
}

export async function set(name: string, word: string): Promise<void> {
  const key = keyOf(name)
  await writeSettings({ [key]: settingOf(key, word) })
}
