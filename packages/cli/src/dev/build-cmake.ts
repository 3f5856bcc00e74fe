// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { installLine } from '@arranger/create-plugin'
import { askForDescription, readDescription, type TreeDescription } from '../cmake-reply.ts'
import { CliError, exitCodes } from '../failure.ts'
import type { Builder, Outcome } from './builder.ts'
import { dependenciesOfTree, editable } from './dependencies.ts'
import { diagnosticsOf, lastWords } from './diagnostics.ts'
import { isThere, runProgram } from './program.ts'
import { sdkFor } from './sdk.ts'

/** Makes the library of a CMake project, in a tree of its own: configured once, then built of what has changed. */
export class CMakeBuilder implements Builder {
  readonly name: string
  readonly #folder: string
  readonly #target: string | undefined
  readonly #tree: string
  #isConfigured = false
  #description: TreeDescription = { modules: [], inputs: [] }

  /** @param target Which library, of a project that makes several; default: the first. */
  constructor(folder: string, target: string | undefined) {
    this.#folder = folder
    this.#target = target
    this.#tree = join(folder, 'build', 'dev')
    this.name = target ?? basename(folder)
  }

  async build(library: string, signal: AbortSignal): Promise<Outcome> {
    if (!this.#isConfigured) {
      const configured = await this.#cmake(await this.#configuration(), signal)
      if (!configured.ok) return configured
      this.#isConfigured = true
      this.#description = await readDescription(this.#folder, this.#tree)
    }
    const target = this.#module().name
    const built = await this.#cmake(['--build', this.#tree, '--config', 'Release', '--target', target], signal)
    if (!built.ok) return built
    // CMakeLists.txt may have changed, which a build sees to.
    this.#description = await readDescription(this.#folder, this.#tree)
    await copyFile(this.#module().file, library)
    return built
  }

  async sources(): Promise<string[]> {
    const { inputs, modules } = this.#description
    const read = this.#isConfigured ? await dependenciesOfTree(this.#tree) : []
    const own = [join(this.#folder, 'CMakeLists.txt'), ...inputs, ...modules.flatMap(({ sources }) => sources), ...read]
    return editable(own, this.#folder).filter((file) => !file.startsWith(this.#tree))
  }

  async #configuration(): Promise<string[]> {
    await askForDescription(this.#tree)
    const isNew = !existsSync(join(this.#tree, 'CMakeCache.txt'))
    const wantsNinja = isNew && !process.env.CMAKE_GENERATOR && (await isThere('ninja'))
    return [
      ...['-S', this.#folder, '-B', this.#tree, ...(wantsNinja ? ['-G', 'Ninja'] : [])],
      ...['-DCMAKE_BUILD_TYPE=Release', `-DArrangerPluginSDK_DIR=${sdkFor(this.#folder).cmakeDir}`],
      // One level is enough to listen to.
      '-DARRANGER_ISA_LEVELS=',
    ]
  }

  async #cmake(args: string[], signal: AbortSignal): Promise<Outcome> {
    const { code, output } = await runProgram('cmake', args, { cwd: this.#folder, signal }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
        throw new CliError('not_found', 'Expected cmake but it cannot be run', installLine(), exitCodes.buildFailed)
      },
    )
    const found = diagnosticsOf(output, this.#tree, this.#folder)
    const errors = found.filter(({ severity }) => severity === 'error')
    if (code !== 0) return { ok: false, errors, output: lastWords(output) }
    return { ok: true, optimised: true, warnings: found.filter(({ severity }) => severity === 'warning') }
  }

  #module(): TreeDescription['modules'][number] {
    const { modules } = this.#description
    // Those of other instruction-set levels have the level behind their name.
    const found = this.#target === undefined ? modules[0] : modules.find(({ name }) => name === this.#target)
    if (found) return found
    const names = modules.map(({ name }) => name).join(', ') || 'none'
    const wanted = this.#target === undefined ? 'a plugin library' : `the target ${this.#target}`
    throw new CliError(
      'not_found',
      `Expected ${wanted} of ${this.#folder} but it makes ${names}`,
      'arranger_add_plugin(<name> <source>...) makes one',
    )
  }
}
