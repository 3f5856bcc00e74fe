// @ts-check
// The platforms that have a package of binaries: one of them is installed beside @arranger/engine, by its os, cpu and libc.

/** @typedef {{ os: NodeJS.Platform, cpu: NodeJS.Architecture, libc?: string }} Platform */

/** @type {Platform[]} */
export const platforms = [
  { os: 'linux', cpu: 'x64', libc: 'glibc' },
  { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  { os: 'darwin', cpu: 'x64' },
  { os: 'darwin', cpu: 'arm64' },
  { os: 'win32', cpu: 'x64' },
]

/** @param {Platform} platform */
export const packageNameOf = ({ os, cpu }) => `@arranger/engine-${os}-${cpu}`
