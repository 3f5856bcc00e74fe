// SPDX-License-Identifier: MIT

/** Why something is not packed, or should not be as it is. */
export type PackCode =
  | 'content_missing'
  | 'descriptor_mismatch'
  | 'descriptor_missing'
  | 'descriptor_stale'
  | 'glibc_too_new'
  | 'library_missing'
  | 'library_not_packed'
  | 'license_file_missing'
  | 'license_mismatch'
  | 'license_missing'
  | 'readme_missing'
  | 'validation_failed'
  | 'wrong_exports'
  | 'wrong_platform'
  | 'wrong_runtime'

/** What was found by one look at one thing. */
export interface Check {
  check: string
  /** What was looked at: a package, a platform, or a library by its path in the project. */
  of: string
  /** `warning`: it is packed, and may disappoint. `skipped`: it cannot be known here, for the reason that is given. */
  verdict: 'passed' | 'warning' | 'failed' | 'skipped'
  /** What was found; of what did not pass, also what to do. */
  found: string
  code?: PackCode
  remedy?: string
}

export const passed = (check: string, of: string, found = ''): Check => ({ check, of, verdict: 'passed', found })

export const skipped = (check: string, of: string, found: string): Check => ({ check, of, verdict: 'skipped', found })

export const failed = (check: string, of: string, code: PackCode, found: string, remedy: string): Check => {
  return { check, of, verdict: 'failed', found, code, remedy }
}

export const warning = (check: string, of: string, code: PackCode, found: string, remedy: string): Check => {
  return { check, of, verdict: 'warning', found, code, remedy }
}
