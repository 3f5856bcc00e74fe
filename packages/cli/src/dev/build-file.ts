// SPDX-License-Identifier: MIT
import { mkdir, readFile, rename } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Builder, Outcome } from './builder.ts'
import { type Compiler, findCompiler, headerArguments, type Language, libraryArguments } from './compiler.ts'
import { dependenciesOf, editable, includesOf } from './dependencies.ts'
import { diagnosticsOf, lastWords } from './diagnostics.ts'
import { runProgram } from './program.ts'
import { type Sdk, sdkFor } from './sdk.ts'

/** Whether a file is one that a compiler takes. */
export const isSource = (file: string) => /\.(c|cc|cpp|cxx)$/i.test(file)

/** Makes a library of one source file, by one call of the compiler. */
export class FileBuilder implements Builder {
  readonly name: string
  readonly #source: string
  readonly #folder: string
  readonly #language: Language
  readonly #sdk: Sdk
  readonly #scratch: string
  #compiler: Promise<Compiler> | undefined
  #read: string[]

  /** @param scratch A folder for what is made besides. */
  constructor(source: string, scratch: string) {
    this.#source = source
    this.#folder = dirname(source)
    this.name = basename(source, extname(source))
    this.#language = extname(source).toLowerCase() === '.c' ? 'c' : 'cpp'
    this.#sdk = sdkFor(this.#folder)
    this.#scratch = scratch
    this.#read = [source]
  }

  async build(library: string, signal: AbortSignal): Promise<Outcome> {
    this.#compiler ??= findCompiler(this.#language)
    const compiler = await this.#compiler
    const dependencies = `${library}.d`
    const args = libraryArguments(compiler, {
      source: this.#source,
      language: this.#language,
      library,
      dependencies,
      sdk: this.#sdk,
      precompiled: this.#scratch,
    })
    const { code, output } = await runProgram(compiler.program, args, { cwd: this.#folder, signal })
    const found = diagnosticsOf(output, this.#folder)
    const of = (severity: string) => found.filter((one) => one.severity === severity)
    if (code !== 0) return { ok: false, errors: of('error'), output: lastWords(output) }
    const read =
      compiler.kind === 'msvc' ? includesOf(output) : dependenciesOf(await readFile(dependencies, 'utf8'), this.#folder)
    this.#read = [this.#source, ...read]
    return { ok: true, warnings: of('warning') }
  }

  async sources(): Promise<string[]> {
    return editable(this.#read, this.#folder)
  }

  /** Compiles the SDK's header once, which is half the time of every build that finds it. Nothing depends on it. */
  async precompile(signal: AbortSignal): Promise<void> {
    const compiler = await this.#compiler
    const out = join(this.#scratch, 'arranger/plugin.hpp.gch')
    const args = compiler && headerArguments(compiler, this.#sdk, `${out}.new`)
    if (!compiler || !args || this.#language === 'c') return
    await mkdir(dirname(out), { recursive: true })
    const { code } = await runProgram(compiler.program, args, { cwd: this.#folder, signal })
    // A build that runs meanwhile finds all of it or nothing.
    if (code === 0) await rename(`${out}.new`, out)
  }
}
