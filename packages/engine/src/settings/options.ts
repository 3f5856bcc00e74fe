// SPDX-License-Identifier: MIT
import type { BackendName } from '../backend-names.ts'
import type { ServerOptions } from '../server/connection.ts'
import { readSettings, type SettingsProblem, settingsPath } from './file.ts'

/** What the settings say where a program says nothing. */
export interface SettingsOptions extends ServerOptions {
  preferred: BackendName
  pluginPaths: string[]
}

const told = new Set<string>()

/** A user who has several programs, or a program with several engines, is told of a fault once by each process. */
function tell({ message }: SettingsProblem): void {
  if (told.has(message)) return
  told.add(message)
  process.emitWarning(message, { type: 'SettingsWarning', code: 'invalid_settings' })
}

/** The settings as options of an engine. @param from `false`: none are read; a path: of that file. */
export async function optionsOfSettings(from: false | string | undefined): Promise<SettingsOptions> {
  if (from === false) return { preferred: 'binding', pluginPaths: [] }
  const { settings, problems } = await readSettings(from ?? settingsPath())
  for (const problem of problems) tell(problem)
  const { audio_backend, server_address, sample_rate, audio_block_size, audio_threads, output_device, plugin_paths } =
    settings
  const { ARRANGER_SERVER_ADDRESS: address, ARRANGER_OUTPUT_DEVICE: device } = process.env
  // What stands in the environment is for this run, and comes before what holds for all.
  return {
    preferred: audio_backend,
    pluginPaths: plugin_paths,
    ...(sample_rate !== undefined && { sampleRate: sample_rate }),
    ...(audio_block_size !== undefined && { blockSize: audio_block_size }),
    ...(audio_threads !== undefined && { threads: audio_threads }),
    ...(server_address !== undefined && !address && { serverAddress: server_address }),
    ...(output_device !== undefined && !device && { outputDevice: output_device === 'none' ? null : output_device }),
  }
}
