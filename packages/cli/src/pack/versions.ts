// SPDX-License-Identifier: MIT
import { coerce, gt } from 'semver'

/** Whether one version of a system's library comes after another; it may have fewer numbers than semver wants: 2.31. */
export function isNewer(version: string, than: string): boolean {
  return gt(coerce(version) ?? '0.0.0', coerce(than) ?? '0.0.0')
}
