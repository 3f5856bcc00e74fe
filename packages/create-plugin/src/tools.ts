// What builds a plugin: whether it is there, and the line that brings it.
import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Language } from './templates.ts'

/** A program that is missing, and the line that installs it. */
export interface MissingTool {
  tool: 'compiler' | 'cmake' | 'make'
  name: string
  /** For the package manager of this system, or where to get it. */
  install: string
}

/** Whether a program is on the PATH. It is looked for and not run: some tools take seconds to say their version. */
export function findProgram(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : ['']
  for (const folder of (environment.PATH ?? '').split(delimiter).filter((entry) => entry !== ''))
    for (const ending of endings) {
      const file = join(folder, name + ending)
      try {
        accessSync(file, constants.X_OK)
        return file
      } catch {
        // Not here.
      }
    }
  return undefined
}

/** How each package manager is told to install all that builds plugins; the first that is there is taken. */
const managers: Record<string, readonly [program: string, line: string][]> = {
  linux: [
    ['apt-get', 'sudo apt-get install -y build-essential cmake'],
    ['dnf', 'sudo dnf install -y gcc-c++ make cmake'],
    ['pacman', 'sudo pacman -S --needed base-devel cmake'],
    ['zypper', 'sudo zypper install -y gcc-c++ make cmake'],
    ['apk', 'sudo apk add build-base cmake'],
  ],
  darwin: [['brew', 'xcode-select --install; brew install cmake']],
  win32: [
    [
      'winget',
      'winget install Kitware.CMake; winget install Microsoft.VisualStudio.2022.BuildTools --override "--wait --passive --add Microsoft.VisualStudio.Workload.VCTools"',
    ],
  ],
}

/** The line that installs compiler and CMake on this system. */
export function installLine(platform: string = process.platform, has: (program: string) => boolean = isThere): string {
  const known = managers[platform] ?? []
  const found = known.find(([program]) => has(program))
  return found?.[1] ?? 'install a C++20 compiler (https://gcc.gnu.org) and CMake 3.21 (https://cmake.org/download)'
}

const isThere = (program: string) => findProgram(program) !== undefined

/** Visual Studio is not on the PATH, and CMake finds it all the same; its installer's tool says whether it is there. */
function hasVisualStudio(): Promise<boolean> {
  const folder = process.env['ProgramFiles(x86)'] ?? 'C:\\Program Files (x86)'
  const program = join(folder, 'Microsoft Visual Studio', 'Installer', 'vswhere.exe')
  const wanted = ['-products', '*', '-requires', 'Microsoft.VisualStudio.Component.VC.Tools.x86.x64']
  return new Promise((resolve) => {
    execFile(program, [...wanted, '-property', 'installationPath'], (error, stdout) =>
      resolve(!error && stdout.trim() !== ''),
    )
  })
}

/** What is missing to build a plugin of a language. */
export async function missingTools(language: Language): Promise<MissingTool[]> {
  const windows = process.platform === 'win32'
  const chosen = language === 'c' ? process.env.CC : process.env.CXX
  const compilers = language === 'c' ? ['cc', 'gcc', 'clang', 'cl'] : ['c++', 'g++', 'clang++', 'cl']
  const install = installLine()
  const missing: MissingTool[] = []
  if (!chosen && !compilers.some(isThere) && !(windows && (await hasVisualStudio())))
    missing.push({ tool: 'compiler', name: language === 'c' ? 'a C compiler' : 'a C++ compiler', install })
  if (!isThere('cmake')) missing.push({ tool: 'cmake', name: 'CMake', install })
  // CMake's choice where none was made; a generator that somebody named is theirs.
  if (!windows && !process.env.CMAKE_GENERATOR && !isThere('make'))
    missing.push({ tool: 'make', name: 'make', install })
  return missing
}
