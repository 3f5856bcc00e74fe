// SPDX-License-Identifier: MIT
import type { AudioEngineConfig } from './addon.ts'
import { EngineError } from './error.ts'
import { settingsRules } from './settings/keys.ts'

/** Refuses what the addon would refuse, in its words: a server that runs already and a module are not asked. */
export function checkConfig({ sampleRate, blockSize, threads, outputDevice }: AudioEngineConfig): void {
  checkNumber('sampleRate', sampleRate, settingsRules.sample_rate)
  checkNumber('blockSize', blockSize, settingsRules.audio_block_size)
  checkNumber('threads', threads, settingsRules.audio_threads)
  if (outputDevice !== undefined && outputDevice !== null && typeof outputDevice !== 'string')
    throw new EngineError('type_mismatch', 'Expected outputDevice to be a string or null')
}

function checkNumber(name: string, value: unknown, { allowed, read }: (typeof settingsRules)['sample_rate']): void {
  if (value === undefined) return
  if (!Number.isInteger(value)) throw new EngineError('type_mismatch', `Expected ${name} to be a whole number`)
  const range = allowed.replace('a whole number ', '')
  if (read(value) === undefined)
    throw new EngineError('out_of_range', `Expected ${name} ${range} but received ${value}`)
}
