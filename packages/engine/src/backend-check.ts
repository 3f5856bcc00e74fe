// SPDX-License-Identifier: MIT
import { backendNames } from './backend-names.ts'
import { type BackendAttempt, openWithSettings, withoutDevice } from './backends.ts'
import { optionsOfSettings } from './settings/options.ts'

/**
 * Tries every back end, as {@link createEngine} would with the user's settings, and lets go of it again: which are to be had
 * here, and why not the others.
 */
export async function checkBackends(): Promise<BackendAttempt[]> {
  const { preferred: _, pluginPaths: __, ...options } = await optionsOfSettings(undefined)
  const attempts: BackendAttempt[] = []
  for (const backend of backendNames) {
    const start = performance.now()
    const took = () => Math.round(performance.now() - start)
    try {
      // As one of several, which it is where none is named.
      const its = backend === 'wasm' ? withoutDevice(options) : options
      const { connection } = await openWithSettings([backend], its)
      await connection.request('{"cmd":"ping"}').finally(() => connection.close())
      attempts.push({ backend, ok: true, ms: took() })
    } catch (error) {
      attempts.push({ backend, ok: false, reason: (error as Error).message, ms: took() })
    }
  }
  return attempts
}
