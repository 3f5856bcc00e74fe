// Asked once, before all files of a run: what the back end under test has.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { createEngine } from '../../src/index.ts'

/** What the set-up installs on Debian must not be missing there, or much would be skipped in silence. */
const installed = ['fluidsynth', 'portaudio', 'midi', 'flac', 'ogg', 'mp3']

export default async function setup(project: TestProject): Promise<void> {
  Object.assign(process.env, project.config.env)
  const folder = mkdtempSync(join(tmpdir(), 'arr-'))
  const engine = await createEngine({ outputDevice: null, serverAddress: join(folder, 'asked') })
  const { features } = await engine.send({ cmd: 'ping' })
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
  if (features.includes('plugin_libraries') && existsSync('/var/lib/dpkg/status'))
    for (const feature of installed)
      if (!features.includes(feature)) throw new Error(`ping lacks ${feature}; the set-up installs what it needs`)
  project.provide('features', features)
}
