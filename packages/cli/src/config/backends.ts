// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline/promises'
import { type BackendAttempt, type BackendName, checkBackends, writeSettings } from '@arranger/engine'
import { CliError } from '../failure.ts'
import { output, type Palette, paletteFor, say } from '../terminal.ts'
import { settingsTold } from './settings.ts'

/** What people call them. */
export const backendLabels: Readonly<Record<BackendName, string>> = {
  binding: 'Built-in (recommended)',
  server: 'Server',
  wasm: 'WebAssembly',
}

const firstLine = (text = '') => text.split('\n')[0] ?? ''

function lines(attempts: readonly BackendAttempt[], chosen: BackendName, { good, warn, dim, bold }: Palette): string[] {
  const width = Math.max(...Object.values(backendLabels).map(({ length }) => length)) + 2
  return attempts.map(({ backend, ok, reason }, index) => {
    const mark = backend === chosen ? '▸' : ' '
    const state = ok ? good('available') : `${warn('not available')}  ${dim(firstLine(reason))}`
    return `${mark} ${index + 1}  ${bold(backendLabels[backend].padEnd(width))}${state}`
  })
}

/** Asks which one is wanted; undefined leaves it as it is. */
async function choose(attempts: readonly BackendAttempt[]): Promise<BackendName | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // The end of the input is an answer, too: none.
  const end = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  const answer = (await Promise.race([terminal.question('Use which? (number; Enter keeps it) '), end])).trim()
  terminal.close()
  if (answer === '') return undefined
  const found = attempts.find(({ backend }, index) => answer === String(index + 1) || answer === backend)
  if (!found) throw new CliError('usage', `Expected a number from 1 to ${attempts.length} but received '${answer}'`)
  return found.backend
}

export async function backends(json: boolean): Promise<void> {
  const { path, settings } = await settingsTold()
  const { audio_backend: chosen } = settings
  const attempts = await checkBackends()
  if (json) {
    const found = attempts.map(({ backend, ok, reason, ms }) => {
      return { name: backend, label: backendLabels[backend], available: ok, reason: reason ?? null, ms }
    })
    return output(`${JSON.stringify({ status: 'ok', chosen, backends: found }, null, 2)}\n`)
  }
  await output(`${lines(attempts, chosen, paletteFor(process.stdout)).join('\n')}\n`)
  if (path === undefined || !process.stdin.isTTY || !process.stdout.isTTY) return
  const wanted = await choose(attempts)
  if (wanted === undefined) return
  await writeSettings({ audio_backend: wanted }, path)
  say(`${backendLabels[wanted]} it is, from the next start on; the others remain where it cannot be had.`)
}
