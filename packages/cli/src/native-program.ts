import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The file of the native library that this process has loaded. */
export function loadedAddon(): string | undefined {
  return Object.keys(createRequire(import.meta.url).cache).find(
    (file) => file.endsWith('.node') && file.includes('arranger'),
  )
}

/** Where a program lies that ships beside the native library. */
export function programBeside(addon: string | undefined, name: string): string {
  return join(addon ? dirname(addon) : '.', `${name}${process.platform === 'win32' ? '.exe' : ''}`)
}
