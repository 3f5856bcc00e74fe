// SPDX-License-Identifier: MIT
import { isAbsolute, resolve } from 'node:path'

/** What a compiler or CMake has to say of a place in a file. */
export interface Diagnostic {
  /** Absolute; empty of what has no place, such as a symbol that the linker misses. */
  file: string
  /** From 1; 0 where there is none. */
  line: number
  column: number
  severity: 'error' | 'warning'
  message: string
}

/** `tremolo.cpp:14:41: error: …`, as GCC and Clang write it. */
const gnu =
  /^(?<file>(?:[A-Za-z]:)?[^:\n]+):(?<line>\d+):(?:(?<column>\d+):)? (?:fatal )?(?<severity>error|warning): (?<message>.*)$/
/** `tremolo.cpp(14,41): error C2065: …`, as MSVC does. */
const msvc =
  /^(?<file>.+)\((?<line>\d+)(?:,(?<column>\d+))?\) ?: (?:fatal )?(?<severity>error|warning) (?<message>\w+: .*)$/
/** `CMake Error at CMakeLists.txt:3 (find_package):`, with the message on the lines below. */
const cmake = /^CMake (?<severity>Error|Warning)(?: \(dev\))? (?:at|in) (?<file>[^:\n]+):(?<line>\d+)/
/** What the linker says has an object file at best. */
const linker =
  /(?:undefined reference to|undefined symbol|unresolved external|multiple definition of|ld returned|breaks the symbol rules).*$/

function fromMatch(groups: Record<string, string | undefined>, folder: string, message: string): Diagnostic {
  const { file = '', line, column, severity = 'error' } = groups
  return {
    file: isAbsolute(file) ? file : resolve(folder, file),
    line: Number(line ?? 0),
    column: Number(column ?? 0),
    severity: severity.toLowerCase() as Diagnostic['severity'],
    message,
  }
}

/**
 * The places that the output of a build names, in its order.
 * @param folder Where the compiler ran: what relative names are relative to.
 * @param project Where CMakeLists.txt is, which CMake's names are relative to.
 */
export function diagnosticsOf(output: string, folder: string, project = folder): Diagnostic[] {
  const lines = output.split(/\r?\n/)
  const found: Diagnostic[] = []
  lines.forEach((line, index) => {
    const compiled = gnu.exec(line)?.groups ?? msvc.exec(line)?.groups
    const configured = cmake.exec(line)?.groups
    if (compiled) found.push(fromMatch(compiled, folder, compiled.message ?? ''))
    else if (configured) found.push(fromMatch(configured, project, lines[index + 1]?.trim() ?? ''))
    else if (linker.test(line) && !line.includes('ld returned'))
      found.push({ file: '', line: 0, column: 0, severity: 'error', message: line.trim() })
  })
  return found
}

/** The last lines of an output in which no place was found. */
export function lastWords(output: string): string {
  return output.trimEnd().split('\n').slice(-8).join('\n')
}
