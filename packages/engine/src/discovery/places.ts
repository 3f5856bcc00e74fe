import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'
import type { PluginOrigin } from '../discovery.ts'

/** What decides where plugin libraries are looked for; the process's own when left out. */
export interface Surroundings {
  environment?: NodeJS.ProcessEnv | undefined
  platform?: NodeJS.Platform | undefined
  home?: string | undefined
}

/** A folder or library that is looked at. */
export interface Place {
  origin: PluginOrigin
  path: string
}

/** The entries of `ARRANGER_PLUGIN_PATH`. */
export function environmentPlaces({ environment = process.env, platform = process.platform }: Surroundings): Place[] {
  const separator = platform === 'win32' ? ';' : ':'
  const entries = environment.ARRANGER_PLUGIN_PATH?.split(separator) ?? []
  return entries.filter((path) => path !== '').map((path) => ({ origin: 'environment', path }))
}

/** The folders that a user, then a system, installs plugin libraries into. */
export function installedPlaces({
  environment = process.env,
  platform = process.platform,
  home = homedir(),
}: Surroundings): Place[] {
  const user = (path: string): Place => ({ origin: 'user', path })
  const system = (path: string): Place => ({ origin: 'system', path })
  if (platform === 'win32') {
    const { LOCALAPPDATA, COMMONPROGRAMFILES } = environment
    return [
      user(win32.join(LOCALAPPDATA || win32.join(home, 'AppData', 'Local'), 'Programs', 'Common', 'Arranger')),
      system(win32.join(COMMONPROGRAMFILES || 'C:\\Program Files\\Common Files', 'Arranger')),
    ]
  }
  if (platform === 'darwin') {
    const folder = 'Library/Audio/Plug-Ins/Arranger'
    return [user(posix.join(home, folder)), system(posix.join('/', folder))]
  }
  const { XDG_DATA_HOME: given = '' } = environment
  // The XDG specification has relative paths ignored.
  const data = posix.isAbsolute(given) ? given : posix.join(home, '.local/share')
  // As everywhere on these systems, what was installed by hand comes before what came with a package.
  return [
    user(posix.join(data, 'arranger/plugins')),
    system('/usr/local/lib/arranger/plugins'),
    system('/usr/lib/arranger/plugins'),
  ]
}
