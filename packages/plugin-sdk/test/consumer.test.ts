// SPDX-License-Identifier: MIT
// A plugin project outside the source tree, built with what the package ships: the rules for libraries hold.
import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { cmakeDir, includeDir } from '../src/index.ts'
import { cCompiler, cxxCompiler, output, run, temporaryFolder } from './toolchain.ts'

const examples = fileURLToPath(new URL('../../../examples/plugins', import.meta.url))
const onLinux = process.platform === 'linux'
const levels = onLinux && process.arch === 'x64' ? ['x86-64-v3'] : []
const suffix = process.platform === 'darwin' ? '.dylib' : '.so'

/** Copies an example out of the tree, and configures it. */
function consumer(example: string, ...options: string[]) {
  const folder = temporaryFolder()
  const source = join(folder, 'source')
  const build = join(folder, 'build')
  cpSync(join(examples, example), source, { recursive: true })
  const configure = (...more: string[]) =>
    output('cmake', ['-S', source, '-B', build, `-DArrangerPluginSDK_DIR=${cmakeDir}`, ...more])
  configure(...options)
  return {
    source,
    build,
    configure,
    compile: (...args: string[]) => output('cmake', ['--build', build, ...args]),
    tryToCompile: () => run('cmake', ['--build', build]),
  }
}

/** Names and kinds of what a library exports, as nm says. */
function exported(library: string): string[] {
  const flags = process.platform === 'darwin' ? ['-g', '-U'] : ['-D', '--defined-only']
  const lines = output('nm', [...flags, library])
    .trim()
    .split('\n')
  return lines.map((line) => line.replace(/^.* _?(\w+)$/, '$1')).sort()
}

describe.each([
  ['gain-c', 'gain'],
  ['tremolo', 'tremolo'],
])('%s', (example, name) => {
  let libraries: string[] = []
  beforeAll(() => {
    const project = consumer(example)
    libraries = ['.', ...levels].map((level) => join(project.build, level, name + suffix))
    project.compile()
  })

  test('is built once per level, without a build type', () => {
    for (const library of libraries) expect(existsSync(library)).toBe(true)
  })

  test('exports the entry and the stamp and nothing else', () => {
    for (const library of libraries) expect(exported(library)).toEqual(['arranger_plugin_stamp', 'register_plugin'])
  })

  test.runIf(onLinux)('has no unique symbols, and binds to itself', () => {
    for (const library of libraries) {
      expect(output('readelf', ['--dyn-syms', '--wide', library])).not.toContain('UNIQUE')
      expect(output('readelf', ['--dynamic', library])).toContain('SYMBOLIC')
    }
  })

  test('says in its stamp which level it is', () => {
    const level = (library: string) => {
      const bytes = readFileSync(library)
      const magic = bytes.indexOf('ARRANGER-PLUGIN\0')
      return bytes.toString('latin1', magic + 64, magic + 96).replace(/\0.*$/, '')
    }
    expect(libraries.map(level)).toEqual(['', ...levels])
  })
})

// Templates of the standard library have default visibility in their own headers: only the export list keeps them in.
test('a library that uses much of the standard library exports nothing more', () => {
  const project = consumer('tremolo')
  const more = `#include <regex>
#include <memory>
template <class T> struct Shared { inline static T value = 7; };
std::shared_ptr<std::regex> make() {
  static auto made = std::make_shared<std::regex>(std::string("a|b"));
  return Shared<int>::value > 0 ? made : nullptr;
}
`
  appendFileSync(join(project.source, 'tremolo.cpp'), more)
  project.compile()
  const library = join(project.build, `tremolo${suffix}`)
  expect(exported(library)).toEqual(['arranger_plugin_stamp', 'register_plugin'])
  if (onLinux) expect(output('readelf', ['--dyn-syms', '--wide', library])).not.toContain('UNIQUE')
})

describe('flags', () => {
  /** The compile commands of the gain, which has one source per level. */
  function commands(...options: string[]): string[] {
    const { build } = consumer('gain-c', '-G', 'Ninja', '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON', ...options)
    const entries = JSON.parse(readFileSync(join(build, 'compile_commands.json'), 'utf8')) as { command: string }[]
    return entries.map((entry) => entry.command)
  }

  test.each(['', 'Release', 'RelWithDebInfo', 'MinSizeRel'])(
    "-O3 has the last word with the build type '%s'",
    (type) => {
      for (const command of commands(`-DCMAKE_BUILD_TYPE=${type}`)) {
        expect(command.match(/ -O\w*/g)?.at(-1)).toBe(' -O3')
        expect(command).toContain(' -ffp-contract=off')
        expect(command).toContain(' -fvisibility=hidden')
      }
    },
  )

  test('a Debug build is not optimised', () => {
    for (const command of commands('-DCMAKE_BUILD_TYPE=Debug')) {
      expect(command).not.toContain(' -O')
      expect(command).toContain(' -ffp-contract=off')
    }
  })

  test.runIf(levels.length > 0)('levels are those that were asked for', () => {
    const marches = (list: string[]) => list.map((command) => / -march=([\w-]+)/.exec(command)?.[1] ?? 'base').sort()
    expect(marches(commands())).toEqual(['base', 'x86-64-v3'])
    expect(marches(commands('-DARRANGER_ISA_LEVELS='))).toEqual(['base'])
    const all = commands('-DARRANGER_ISA_LEVELS=x86-64-v3;x86-64-v4')
    expect(marches(all)).toEqual(['base', 'x86-64-v3', 'x86-64-v4'])
  })

  test('an unknown level is an error that names the known ones', () => {
    expect(() => consumer('gain-c', '-DARRANGER_ISA_LEVELS=avx2')).toThrow(/expected x86-64-v3 or x86-64-v4.*'avx2'/s)
  })
})

describe.runIf(levels.length > 0)('a level never goes stale', () => {
  test('building the base target builds the changed source at every level', () => {
    const project = consumer('gain-c')
    project.compile('--target', 'gain')
    const source = join(project.source, 'gain.c')
    writeFileSync(source, readFileSync(source, 'utf8').replace('louder or softer', 'LOUDER or softer'))
    project.compile('--target', 'gain')
    for (const level of ['.', ...levels])
      expect(readFileSync(join(project.build, level, `gain${suffix}`)).includes('LOUDER')).toBe(true)
  })

  test('a level that is not built any more is removed', () => {
    const project = consumer('gain-c')
    project.compile()
    const variant = join(project.build, 'x86-64-v3', `gain${suffix}`)
    expect(existsSync(variant)).toBe(true)
    project.configure('-DARRANGER_ISA_LEVELS=')
    expect(existsSync(variant)).toBe(false)
  })
})

describe('what is refused', () => {
  /** Compiles the gain with a changed source. */
  function changed(edit: (source: string) => string) {
    const project = consumer('gain-c')
    const source = join(project.source, 'gain.c')
    writeFileSync(source, edit(readFileSync(source, 'utf8')))
    return project
  }

  test('a function that nobody defines fails at link time', () => {
    const project = changed((text) =>
      text
        .replace('static arr_plugin *create', 'void elsewhere(arr_plugin *plugin);\nstatic arr_plugin *create')
        .replace('plugin->reset = reset;', 'plugin->reset = reset;\n  elsewhere(plugin);'),
    )
    const outcome = project.tryToCompile()
    expect(outcome.code).not.toBe(0)
    expect(outcome.output).toMatch(/undefined (reference|symbol).*elsewhere/s)
  })

  test('a library without the entry is not left behind', () => {
    const project = changed((text) => text.replace('arr_status register_plugin', 'arr_status register_plugins'))
    const outcome = project.tryToCompile()
    expect(outcome.code).not.toBe(0)
    expect(outcome.output).toContain('register_plugin is not exported')
    expect(existsSync(join(project.build, `gain${suffix}`))).toBe(false)
  })

  test('no sources', () => {
    const folder = temporaryFolder()
    writeFileSync(
      join(folder, 'CMakeLists.txt'),
      'cmake_minimum_required(VERSION 3.20)\nproject(nothing C)\nfind_package(ArrangerPluginSDK REQUIRED)\narranger_add_plugin(nothing)\n',
    )
    const outcome = run('cmake', ['-S', folder, '-B', join(folder, 'build'), `-DArrangerPluginSDK_DIR=${cmakeDir}`])
    expect(outcome.code).not.toBe(0)
    expect(outcome.output).toContain('arranger_add_plugin(nothing): no sources')
  })
})

// The rules are checked on the finished library too, since a project may add flags and libraries of its own.
describe.runIf(onLinux)('the check of the symbol table', () => {
  const entry =
    '#include <arranger/plugin.h>\nARR_DEFINE_STAMP();\narr_status register_plugin(arr_registry *) { return 0; }\n'

  function check(source: string): { code: number | null; output: string; kept: boolean } {
    const folder = temporaryFolder()
    const file = join(folder, 'plugin.cpp')
    const library = join(folder, 'plugin.so')
    writeFileSync(file, entry + source)
    output(cxxCompiler, ['-std=c++20', '-shared', '-fPIC', '-I', includeDir, file, '-o', library])
    const script = join(cmakeDir, 'ArrangerCheckSymbols.cmake')
    const outcome = run('cmake', [`-DLIBRARY=${library}`, '-DNM=nm', '-P', script])
    return { code: outcome.code, output: outcome.output.replace(/\s+/g, ' '), kept: existsSync(library) }
  }

  test('passes a good library', () => {
    expect(check('')).toEqual({ code: 0, output: '', kept: true })
  })

  test.each([
    ['a third symbol', 'extern "C" void helper() {}', 'helper is exported'],
    [
      'a unique symbol',
      'template <class T> int unique_value = 7;\nint *use() { return &unique_value<int>; }',
      'unique symbol',
    ],
    [
      'a thread_local with a destructor',
      'struct S { S(); ~S(); int v; };\nstatic S *last;\nS::S() : v(1) {}\nS::~S() { last = nullptr; }\nthread_local S s;\nstatic int use() { return s.v; }\nstatic int (*volatile keep)() = use;',
      'thread_local with a destructor',
    ],
  ])('refuses and removes a library with %s', (_, source, message) => {
    const outcome = check(source)
    expect(outcome.code).not.toBe(0)
    expect(outcome.output).toContain(message)
    expect(outcome.kept).toBe(false)
  })
})

describe('the version', () => {
  function find(version: string) {
    const folder = temporaryFolder()
    const text = `cmake_minimum_required(VERSION 3.20)\nproject(asks NONE)\nfind_package(ArrangerPluginSDK ${version} REQUIRED CONFIG)\nmessage(STATUS "found \${ArrangerPluginSDK_VERSION}")\n`
    writeFileSync(join(folder, 'CMakeLists.txt'), text)
    return run('cmake', ['-S', folder, '-B', join(folder, 'build'), `-DCMAKE_PREFIX_PATH=${cmakeDir}`])
  }

  test.each(['', '0.1', '0.1.0', '0.1.0 EXACT'])("a request for '%s' is met by 0.1.0", (version) => {
    const outcome = find(version)
    expect(outcome.output).toContain('found 0.1.0')
    expect(outcome.code).toBe(0)
  })

  test.each(['0.0', '0.2', '0.1.1', '1.0', '0.1.1 EXACT'])("a request for '%s' is not", (version) => {
    expect(find(version).code).not.toBe(0)
  })
})

test('a C project needs no C++ compiler, and paths may have spaces', () => {
  const folder = join(temporaryFolder(), 'a folder')
  cpSync(join(examples, 'gain-c'), folder, { recursive: true })
  const sdk = join(temporaryFolder(), 'the sdk')
  cpSync(cmakeDir, join(sdk, 'cmake'), { recursive: true })
  cpSync(includeDir, join(sdk, 'include'), { recursive: true })
  output('cmake', [
    '-S',
    folder,
    '-B',
    join(folder, 'build'),
    `-DArrangerPluginSDK_DIR=${join(sdk, 'cmake')}`,
    `-DCMAKE_C_COMPILER=${cCompiler}`,
    '-DCMAKE_CXX_COMPILER=/none',
  ])
  output('cmake', ['--build', join(folder, 'build')])
  expect(existsSync(join(folder, 'build', `gain${suffix}`))).toBe(true)
})
