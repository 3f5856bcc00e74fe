// SPDX-License-Identifier: MIT
import { installLine } from '@arranger/create-plugin'
import { CliError, exitCodes } from '../failure.ts'
import { runProgram } from './program.ts'
import type { Sdk } from './sdk.ts'

export type Language = 'c' | 'cpp'

/** A compiler that is there. */
export interface Compiler {
  program: string
  /** Given with its name, as in CXX="ccache g++", and in CXXFLAGS. */
  args: string[]
  kind: 'gcc' | 'clang' | 'msvc'
}

/** In the order in which CMake looks for them. */
const programs = {
  c: { variable: 'CC', flags: 'CFLAGS', names: ['cc', 'gcc', 'clang'] },
  cpp: { variable: 'CXX', flags: 'CXXFLAGS', names: ['c++', 'g++', 'clang++'] },
} as const

/** The compiler that CMake would take. @throws CliError `not_found` with the line that installs one; exit code 6. */
export async function findCompiler(language: Language): Promise<Compiler> {
  const { variable, flags, names } = programs[language]
  const named = process.env[variable]?.trim()
  const further = words(process.env[flags])
  const candidates = named ? [named] : process.platform === 'win32' ? ['cl', ...names] : names
  for (const candidate of candidates) {
    const [program = '', ...args] = words(candidate)
    const kind = await kindOf(program, args)
    if (kind) return { program, args: [...args, ...further], kind }
  }
  const received = named ? `${variable}=${named} cannot be run` : `none of ${candidates.join(', ')} can be run`
  throw new CliError('not_found', `Expected a compiler but ${received}`, installLine(), exitCodes.buildFailed)
}

const words = (text = '') => text.split(/\s+/).filter((word) => word !== '')

async function kindOf(program: string, args: readonly string[]): Promise<Compiler['kind'] | undefined> {
  if (/(^|[\\/])cl(\.exe)?$/i.test(program)) {
    return (await runProgram(program, []).catch(() => undefined)) && 'msvc'
  }
  const said = await runProgram(program, [...args, '--version']).catch(() => undefined)
  if (said?.code !== 0) return undefined
  return said.output.includes('Free Software Foundation') ? 'gcc' : 'clang'
}

/** What is compiled, and where what comes of it goes. */
export interface Compilation {
  source: string
  language: Language
  library: string
  /** The files that were read. MSVC writes them to its output instead. */
  dependencies: string
  sdk: Sdk
  optimised: boolean
  /** A folder with precompiled headers, for code that is not optimised. */
  precompiled: string
}

/**
 * The flags that decide what the code is: those of arranger_add_plugin (ArrangerAddPlugin.cmake), for the base level. Without
 * optimisation it computes the same numbers, since none of them lets the compiler round otherwise.
 */
export function codeFlags({ kind }: Compiler, language: Language, optimised: boolean): string[] {
  const standard = language === 'c' ? 'c11' : 'c++20'
  if (kind === 'msvc')
    return ['/nologo', `/std:${standard}`, ...(language === 'c' ? [] : ['/EHsc']), '/W4', '/utf-8', '/O2', '/MD']
  return [
    `-std=${language === 'c' ? 'gnu11' : 'gnu++20'}`,
    ...(process.platform === 'win32' ? [] : ['-fPIC']),
    '-fvisibility=hidden',
    ...(language === 'c' ? [] : ['-fvisibility-inlines-hidden']),
    ...['-Wall', '-Wextra', '-Wdouble-promotion'],
    ...[optimised ? '-O3' : '-Og', '-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math'],
    ...(kind === 'gcc' ? ['-fno-gnu-unique'] : []),
    '-DARR_BUILD_ID="dev"',
    '-fdiagnostics-color=never',
    '-pipe',
  ]
}

function linkFlags({ cmakeDir }: Sdk): string[] {
  if (process.platform === 'darwin') return ['-bundle', `-Wl,-exported_symbols_list,${cmakeDir}/exports.txt`]
  if (process.platform === 'win32') return ['-shared', `${cmakeDir}/exports.def`]
  return ['-shared', `-Wl,--version-script=${cmakeDir}/exports.map`, '-Wl,-Bsymbolic', '-Wl,-z,defs']
}

/**
 * The arguments that make a precompiled header of the C++ layer; none where that is not for GCC. It has to be made with the
 * flags of the code that uses it.
 */
export function headerArguments(compiler: Compiler, { includeDir }: Sdk, out: string): string[] | undefined {
  if (compiler.kind !== 'gcc') return undefined
  const flags = [...compiler.args, ...codeFlags(compiler, 'cpp', false)]
  return [...flags, '-isystem', includeDir, '-x', 'c++-header', `${includeDir}/arranger/plugin.hpp`, '-o', out]
}

/** The arguments of one call that makes a library of a source. */
export function libraryArguments(compiler: Compiler, compilation: Compilation): string[] {
  const { source, language, library, dependencies, sdk, optimised, precompiled } = compilation
  const flags = [...compiler.args, ...codeFlags(compiler, language, optimised)]
  if (compiler.kind === 'msvc') {
    const out = [`/Fe:${library}`, `/Fo:${library}.obj`]
    const link = ['/link', `/DEF:${sdk.cmakeDir}\\exports.def`, '/NOIMPLIB']
    return [
      ...flags,
      '/DARR_BUILD_ID=\\"dev\\"',
      '/showIncludes',
      `/I${sdk.includeDir}`,
      '/LD',
      source,
      ...out,
      ...link,
    ]
  }
  const headers = [...(optimised ? [] : ['-I', precompiled]), '-isystem', sdk.includeDir]
  return [...flags, ...headers, '-MMD', '-MF', dependencies, source, '-o', library, ...linkFlags(sdk)]
}
