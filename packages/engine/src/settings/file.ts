// SPDX-License-Identifier: MIT
import { mkdir, open, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, posix, resolve, win32 } from 'node:path'
import { EngineError, ioError } from '../error.ts'
import {
  formerBackend,
  type Settings,
  type SettingsKey,
  settingsDefaults,
  settingsKeys,
  settingsRules,
} from './keys.ts'

/** What is wrong in a settings file. */
export interface SettingsProblem {
  /** Left out where it is the whole file. */
  key?: SettingsKey
  /** What stands there. */
  value?: unknown
  /** One sentence: what was expected, what came, what is used instead. */
  message: string
}

/** Settings as they were read. */
export interface LoadedSettings {
  /** The file; undefined where none is to be used. */
  path: string | undefined
  settings: Settings
  /** The keys that the file sets, those with a bad value left out. */
  given: SettingsKey[]
  problems: SettingsProblem[]
}

type Surroundings = { environment?: NodeJS.ProcessEnv; platform?: NodeJS.Platform; home?: string }

/**
 * The user's settings file: what the environment variable `ARRANGER_SETTINGS` names (`none`: there is none), else
 * `arranger/settings.json` in `$XDG_CONFIG_HOME` or `~/.config`, on Windows in `%APPDATA%`.
 */
export function settingsPath({
  environment = process.env,
  platform = process.platform,
  home = homedir(),
}: Surroundings = {}): string | undefined {
  const { ARRANGER_SETTINGS: named, APPDATA: roaming, XDG_CONFIG_HOME: config = '' } = environment
  if (named) return named === 'none' ? undefined : resolve(named)
  if (platform === 'win32')
    return win32.join(roaming || win32.join(home, 'AppData', 'Roaming'), 'arranger', 'settings.json')
  // The XDG specification has relative paths ignored.
  return posix.join(posix.isAbsolute(config) ? config : posix.join(home, '.config'), 'arranger/settings.json')
}

/** The object in a file; undefined where there is no file. @throws EngineError `invalid_settings` */
async function readObject(path: string): Promise<Record<string, unknown> | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new EngineError('invalid_settings', `Cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
  let found: unknown
  try {
    // Editors of Windows may begin a file with a byte-order mark.
    found = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new EngineError('invalid_settings', `${path} is not JSON: ${(error as Error).message}`, { cause: error })
  }
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found as Record<string, unknown>
  throw new EngineError('invalid_settings', `Expected ${path} to hold an object`)
}

/**
 * Reads the settings. Never fails: what is wrong is told in `problems`, and its default holds.
 * @param path Default: {@link settingsPath}.
 */
export async function readSettings(path: string | undefined = settingsPath()): Promise<LoadedSettings> {
  const loaded: LoadedSettings = {
    path,
    settings: { ...settingsDefaults, plugin_paths: [] },
    given: [],
    problems: [],
  }
  if (path === undefined) return loaded
  try {
    take(loaded, (await readObject(path)) ?? {}, path)
  } catch (error) {
    loaded.problems.push({ message: `${(error as Error).message}; no setting is used` })
  }
  return loaded
}

function take({ settings, given, problems }: LoadedSettings, found: Record<string, unknown>, path: string): void {
  for (const key of settingsKeys) {
    const value = found[key]
    if (value === undefined || value === null) continue
    const { allowed, read } = settingsRules[key]
    let used = read(value)
    if (key === 'audio_backend' && value === formerBackend) {
      used = 'wasm'
      problems.push({ key, value, message: `${path}: audio_backend "${formerBackend}" is "wasm" now` })
    }
    if (used === undefined) {
      const message = `${path}: expected ${key} to be ${allowed}, not ${JSON.stringify(value)}; its default is used`
      problems.push({ key, value, message })
      continue
    }
    Object.assign(settings, { [key]: used })
    given.push(key)
  }
}

/**
 * Changes settings in their file, which is made where there is none. What else stands in it stays; readers see the file before
 * or after, never half of it.
 * @param changes Undefined takes a setting out.
 * @param path Default: {@link settingsPath}.
 * @throws EngineError `invalid_settings` for a value that is not allowed, an unknown key, or a file that is no JSON object, which
 * is left as it is; `io_error`.
 */
export async function writeSettings(
  changes: { [K in SettingsKey]?: Settings[K] | undefined },
  path: string | undefined = settingsPath(),
): Promise<void> {
  if (path === undefined)
    throw new EngineError('invalid_settings', 'There is no settings file: ARRANGER_SETTINGS is "none"')
  for (const [key, value] of Object.entries(changes)) {
    const rule = Object.hasOwn(settingsRules, key) ? settingsRules[key as SettingsKey] : undefined
    if (!rule)
      throw new EngineError('invalid_settings', `There is no setting '${key}'; there is ${settingsKeys.join(', ')}`)
    if (value !== undefined && rule.read(value) === undefined)
      throw new EngineError('invalid_settings', `Expected ${key} to be ${rule.allowed}, not ${JSON.stringify(value)}`)
  }
  const object = { ...(await readObject(path)), ...changes }
  await replaceFile(path, `${JSON.stringify(object, null, 2)}\n`)
}

/** What a path leads to in the end, which need not be there. */
async function behindLinks(path: string): Promise<string> {
  const there = await realpath(path).catch(() => undefined)
  if (there) return there
  const target = await readlink(path).catch(() => undefined)
  return target === undefined ? path : behindLinks(resolve(dirname(path), target))
}

async function replaceFile(path: string, text: string): Promise<void> {
  try {
    // Where the file is a link, such as into a folder of dotfiles, it remains one.
    const file = await behindLinks(path)
    await mkdir(dirname(file), { recursive: true })
    const mode = (await stat(file).catch(() => undefined))?.mode
    const beside = `${file}.${crypto.randomUUID()}.tmp`
    try {
      const handle = await open(beside, 'wx')
      try {
        await handle.writeFile(text)
        if (mode !== undefined) await handle.chmod(mode & 0o777)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(beside, file)
    } catch (error) {
      await rm(beside, { force: true })
      throw error
    }
  } catch (error) {
    throw ioError('write the settings', path, error)
  }
}
