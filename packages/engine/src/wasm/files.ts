// SPDX-License-Identifier: MIT
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { HostFiles } from './module.ts'

/** WASI numbers errors in the order of their names; these are those that a person would understand. */
const numbers: Record<string, number> = {
  EACCES: 2,
  EISDIR: 31,
  ENOENT: 44,
  ENOSPC: 51,
  ENOTDIR: 54,
  EPERM: 63,
  EROFS: 69,
  EFBIG: 22,
}
const anyOther = 29 // EIO

function attempt<T>(work: () => T): T | number {
  try {
    return work()
  } catch (error) {
    return -(numbers[(error as NodeJS.ErrnoException).code ?? ''] ?? anyOther)
  }
}

/** The files of this machine, as a process has them. */
export const nodeFiles: HostFiles = {
  kind(name) {
    const stat = statSync(name, { throwIfNoEntry: false })
    return !stat ? 0 : stat.isFile() ? 1 : 2
  },

  read: (name, limit) =>
    attempt(() => {
      // O_NONBLOCK, which Windows lacks: opening a pipe that nobody writes to must not wait.
      const file = openSync(name, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
      try {
        const stat = fstatSync(file)
        if (stat.isDirectory()) return -(numbers.EISDIR ?? anyOther)
        if (!stat.isFile()) return -anyOther
        if (stat.size > limit) return -(numbers.EFBIG ?? anyOther)
        return new Uint8Array(readFileSync(file))
      } finally {
        closeSync(file)
      }
    }),

  write: (name, bytes) =>
    attempt(() => {
      const stat = statSync(name, { throwIfNoEntry: false })
      if (stat && !stat.isFile()) {
        writeFileSync(name, bytes) // a device: to rename would replace it
        return 0
      }
      const target = stat ? realpathSync(name) : name // a link stays one
      const part = `${target}.${process.pid}.part`
      try {
        writeFileSync(part, bytes)
        renameSync(part, target)
      } catch (error) {
        rmSync(part, { force: true })
        throw error
      }
      return 0
    }),
}
