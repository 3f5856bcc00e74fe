// A plugin library that is rebuilt, as a build would do it: written beside its place, then renamed onto it.
import { copyFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { fixture } from './native.ts'

export class LibraryFile {
  readonly path: string

  constructor(folder: string, name: string) {
    this.path = join(folder, name)
  }

  /** Puts the fixture of that name in its place. */
  build(name: string): this {
    return this.copy(fixture(name))
  }

  copy(from: string): this {
    copyFileSync(from, `${this.path}.new`)
    renameSync(`${this.path}.new`, this.path)
    return this
  }
}
