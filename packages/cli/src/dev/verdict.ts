// SPDX-License-Identifier: MIT
import { findingsOf } from '../validate/findings.ts'

/** What can be known in a tenth of a second: whether process waits or allocates, puts out NaN, or writes where it must not. */
const checks = ['symbols_and_stamp', 'real_time', 'parameter_fuzz', 'bad_input', 'preserves_finite', 'buffers']

export interface Failure {
  check: string
  reason: string
  remedy: string
}

/** What is wrong with a plugin of a library, by the quick checks of arranger-validate; nothing of one that passes. */
export async function failuresOf(library: string, plugin: string, signal: AbortSignal): Promise<Failure[]> {
  const only = checks.flatMap((check) => ['--only', check])
  const failures: Failure[] = []
  const args = [...only, '--plugin', plugin, '--timeout', '5', library]
  for await (const { verdict, check, reason, remedy } of findingsOf(args, signal))
    if (verdict === 'failed') failures.push({ check, reason, remedy })
  return failures
}
