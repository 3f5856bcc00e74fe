// SPDX-License-Identifier: MIT
// The description that lies beside a finished library, so that a list of plugins opens nothing.
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cmakeDir } from '../src/index.ts'
import { output, temporaryFolder } from './toolchain.ts'

const example = fileURLToPath(new URL('../../../examples/plugins/gain-c', import.meta.url))

/** A project of its own, the gain in C. */
function project() {
  const folder = temporaryFolder()
  const [source, build] = [join(folder, 'source'), join(folder, 'build')]
  cpSync(example, source, { recursive: true })
  return {
    source,
    sidecar: join(build, 'gain.plugin.json'),
    configure: (...options: string[]) =>
      output('cmake', ['-S', source, '-B', build, `-DArrangerPluginSDK_DIR=${cmakeDir}`, ...options]),
    compile: () => output('cmake', ['--build', build]),
  }
}

/** A program that stands for the engine's arranger-describe. */
function program(path: string, script: string): string {
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const writesName = 'echo "described $1" > "${1%.*}.plugin.json"'

describe.skipIf(process.platform === 'win32')('the description of a library', () => {
  test('is made of the base library by the program that ARRANGER_DESCRIBE names, and again with each build', () => {
    const { source, sidecar, configure, compile } = project()
    configure(`-DARRANGER_DESCRIBE=${program(join(temporaryFolder(), 'describe'), writesName)}`)
    compile()
    expect(readFileSync(sidecar, 'utf8')).toMatch(/^described .*build\/gain\.(so|dylib)\n$/)
    writeFileSync(sidecar, 'old')
    writeFileSync(join(source, 'gain.c'), `${readFileSync(join(source, 'gain.c'), 'utf8')}\n/* changed */\n`)
    compile()
    expect(readFileSync(sidecar, 'utf8')).toMatch(/^described/)
  })

  test('is not made, without a word, where there is no such program; an old one goes', () => {
    const { sidecar, configure, compile } = project()
    const describer = program(join(temporaryFolder(), 'describe'), writesName)
    configure(`-DARRANGER_DESCRIBE=${describer}`)
    compile()
    expect(existsSync(sidecar)).toBe(true)
    expect(configure('-DARRANGER_DESCRIBE=') + compile()).not.toMatch(/describe|warning/i)
    expect(existsSync(sidecar)).toBe(false)
  })

  test('is made by the engine that the project has installed', () => {
    const { source, sidecar, configure, compile } = project()
    const modules = join(source, 'node_modules/@arranger')
    const platform = `engine-${process.platform}-${process.arch}`
    for (const name of ['engine', platform]) {
      mkdirSync(join(modules, name), { recursive: true })
      writeFileSync(join(modules, name, 'package.json'), JSON.stringify({ name: `@arranger/${name}` }))
    }
    program(join(modules, platform, 'arranger-describe'), writesName)
    configure()
    compile()
    expect(readFileSync(sidecar, 'utf8')).toMatch(/^described/)
  })

  test('is missing, with a warning, when the library cannot be opened here', () => {
    const { sidecar, configure, compile } = project()
    const fails = 'echo half > "${1%.*}.plugin.json"; echo "it needs a licence" >&2; exit 1'
    configure(`-DARRANGER_DESCRIBE=${program(join(temporaryFolder(), 'describe'), fails)}`)
    expect(compile().replace(/\s+/g, ' ')).toContain('it needs a licence')
    expect(existsSync(sidecar)).toBe(false)
  })

  test('is not made for another system', () => {
    const { sidecar, configure, compile } = project()
    const describer = program(join(temporaryFolder(), 'describe'), writesName)
    configure(
      `-DARRANGER_DESCRIBE=${describer}`,
      `-DCMAKE_SYSTEM_NAME=${process.platform === 'darwin' ? 'Darwin' : 'Linux'}`,
    )
    compile()
    expect(existsSync(sidecar)).toBe(false)
  })
})
