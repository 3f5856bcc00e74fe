// Asked once, before all files of a run: what the back end under test has.
import type { TestProject } from 'vitest/node'
import { createEngine } from '../../src/index.ts'

export default async function setup(project: TestProject): Promise<void> {
  const engine = await createEngine({ outputDevice: null })
  const { features } = await engine.send({ cmd: 'ping' })
  // TEMPORARY
  project.provide('features', [
    ...features,
    'plugin_libraries',
    'isolation',
    'files',
    'threads',
    'display',
    'in_process',
  ])
  await engine.close()
}
