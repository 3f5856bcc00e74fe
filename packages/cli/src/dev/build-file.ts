// SPDX-License-Identifier: MIT
import { mkdir, readFile, rename, stat } from 'node:fs/promises'
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
  #compiler: Compiler | undefined
  #precompiled: Promise<void> | undefined
  /** When the last build began to read. */
  #began = 0
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
    this.#began = Date.now()
    this.#compiler ??= await findCompiler(this.#language)
    // C takes no time either way, and MSVC is asked for one kind of code only.
    const optimised = this.#language === 'c' || this.#compiler.kind === 'msvc'
    // Beside the first build, which takes as long; every other is done in a third of that.
    if (this.#precompiled) await this.#precompiled
    else this.#precompiled = this.#precompile(this.#compiler, signal)
    return this.#compile(this.#compiler, library, { optimised, signal })
  }

  async optimise(library: string, signal: AbortSignal): Promise<boolean> {
    if (!this.#compiler) return false
    await this.#precompiled
    const { ok } = await this.#compile(this.#compiler, library, { optimised: true, background: true, signal })
    return ok && !(await this.#changedSince(this.#began))
  }

  async #compile(
    compiler: Compiler,
    library: string,
    { optimised, ...running }: { optimised: boolean; background?: boolean; signal: AbortSignal },
  ): Promise<Outcome> {
    const dependencies = `${library}.d`
    const args = libraryArguments(compiler, {
      source: this.#source,
      language: this.#language,
      library,
      dependencies,
      sdk: this.#sdk,
      optimised,
      precompiled: this.#scratch,
    })
    const { code, output } = await runProgram(compiler.program, args, { cwd: this.#folder, ...running })
    const found = diagnosticsOf(output, this.#folder)
    const of = (severity: string) => found.filter((one) => one.severity === severity)
    if (code !== 0) return { ok: false, errors: of('error'), output: lastWords(output) }
    const read =
      compiler.kind === 'msvc' ? includesOf(output) : dependenciesOf(await readFile(dependencies, 'utf8'), this.#folder)
    this.#read = [this.#source, ...read]
    return { ok: true, optimised, warnings: of('warning') }
  }

  async sources(): Promise<string[]> {
    return editable(this.#read, this.#folder)
  }

  /** Compiles the C++ layer of the SDK. GCC uses that where it is included before anything else. */
  async #precompile(compiler: Compiler, signal: AbortSignal): Promise<void> {
    const out = join(this.#scratch, 'arranger/plugin.hpp.gch')
    const args = headerArguments(compiler, this.#sdk, `${out}.new`)
    const first = /^\s*#\s*include\s*[<"]([^>"]+)/m.exec(await readFile(this.#source, 'utf8'))?.[1]
    if (!args || this.#language === 'c' || first !== 'arranger/plugin.hpp') return
    await mkdir(dirname(out), { recursive: true })
    // Nothing depends on it. The build that runs meanwhile finds all of it or nothing.
    const made = await runProgram(compiler.program, args, { cwd: this.#folder, signal }).catch(() => undefined)
    if (made?.code === 0) await rename(`${out}.new`, out)
  }

  async #changedSince(time: number): Promise<boolean> {
    const times = this.#read.map((file) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => Infinity,
      ),
    )
    return Math.max(...(await Promise.all(times))) > time
  }
}
