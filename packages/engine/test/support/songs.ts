// The real songs that tests play: the Debian package openttd-openmsx.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** Paths of the 31 songs. Throws when the package is missing: then nothing that needs them was tested. */
export function openttdSongs(): string[] {
  const list = execFileSync('dpkg', ['-L', 'openttd-openmsx'], { encoding: 'utf8' })
  return list.split('\n').filter((path) => path.endsWith('.mid'))
}

export function songName(path: string): string {
  return basename(path, '.mid')
}

export function readSongFile(name: string): Uint8Array {
  const path = openttdSongs().find((song) => songName(song) === name)
  if (!path) throw new Error(`openttd-openmsx has no song ${name}`)
  return new Uint8Array(readFileSync(path))
}
