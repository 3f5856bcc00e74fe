// SPDX-License-Identifier: MIT
// What is made, and what is refused; that it builds and sounds is tested from the packed packages (scripts/lib/scaffolds.mjs).
import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPlugin, installLine, type Kind, kinds, type Language, languages } from '../src/index.ts'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arranger-create-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const filesBelow = (path: string) =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((file) => statSync(join(path, file)).isFile())

/** Runs the command in the folder, with nobody at a terminal. */
function create(args: string[], env: NodeJS.ProcessEnv = {}) {
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], options)
  return { status, stdout, stderr }
}

describe.each(Object.keys(kinds) as Kind[])('a plugin of kind %s', (kind) => {
  it.each(Object.keys(languages) as Language[])('in %s is all its own', (language) => {
    const path = join(folder, 'deep-space.2')
    const { files, name } = createPlugin({ folder: path, kind, language })
    expect(name).toBe('deep-space.2')
    expect(files).toEqual(filesBelow(path).sort())
    expect(files).toEqual(
      expect.arrayContaining(['.gitignore', `src/deep-space.2.${language}`, 'test/deep-space.2.test.js', 'LICENSE']),
    )
    const text = files.map((file) => readFileSync(join(path, file), 'utf8')).join('\n')
    expect(text).not.toMatch(/my-plugin|my plugin|EXTENSION|ARRANGER_VERSION|\bLANGUAGE\b|YEAR/i)
    expect(text).toContain('"com.example.deep-space.2"')
    expect(text).toContain('"Deep Space 2"')
    const { arranger, version, name: packageName } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
    expect(arranger).toEqual({ plugins: ['lib/{platform}-{arch}/deep-space.2'] })
    expect([packageName, version]).toEqual(['deep-space.2', '0.1.0'])
  })
})

describe('what is refused', () => {
  it('is a folder that has something in it, and that is left alone', () => {
    mkdirSync(join(folder, 'used'))
    writeFileSync(join(folder, 'used', 'precious.txt'), 'precious')
    expect(() => createPlugin({ folder: join(folder, 'used') })).toThrow(
      expect.objectContaining({ code: 'folder_not_empty', message: expect.stringContaining('precious.txt') }),
    )
    expect(readdirSync(join(folder, 'used'))).toEqual(['precious.txt'])
  })

  it('is no folder that has only a repository', () => {
    mkdirSync(join(folder, 'fresh', '.git'), { recursive: true })
    expect(createPlugin({ folder: join(folder, 'fresh') }).files).toContain('package.json')
  })

  it.each(['My-Gain', 'my gain', '-gain', '.gain', 'ä', 'a'.repeat(101), 'test', 'install', 'fs', 'node_modules'])(
    "is the name '%s'",
    (name) => {
      expect(() => createPlugin({ folder: join(folder, name) })).toThrow(
        expect.objectContaining({ code: 'invalid_name', message: expect.stringContaining(`'${name}'`) }),
      )
      expect(existsSync(join(folder, name))).toBe(false)
    },
  )
})

describe('the command', () => {
  it('tells the three lines to run next', () => {
    const { status, stderr } = create(['my-gain'])
    expect(status).toBe(0)
    expect(stderr).toMatch(/effect in C\+\+/)
    expect(stderr.trimEnd().split('\n').slice(-3)).toEqual(['  cd my-gain', '  npm install', '  npx arranger dev'])
  })

  it('prints JSON', () => {
    const made = JSON.parse(create(['my-keys', '--kind', 'instrument', '--lang', 'c', '--json']).stdout)
    expect(made).toMatchObject({ status: 'ok', name: 'my-keys', kind: 'instrument', language: 'c' })
    expect(made.files).toContain('src/my-keys.c')
    const refused = create(['my-keys', '--json'])
    expect(refused.status).toBe(1)
    expect(JSON.parse(refused.stdout)).toMatchObject({ status: 'error', code: 'folder_not_empty' })
  })

  it('takes what npm keeps of `npm create @arranger/plugin my-keys --kind midi`', () => {
    const made = JSON.parse(create(['my-keys', '--json'], { npm_config_kind: 'midi', npm_config_lang: 'c' }).stdout)
    expect(made).toMatchObject({ kind: 'midi', language: 'c' })
  })

  it('says what a wrong line should have been', () => {
    expect(create([])).toMatchObject({ status: 2, stderr: expect.stringContaining('npm create @arranger/plugin') })
    const unknown = create(['my-gain', '--kind', 'drum', '--json'])
    expect(unknown.status).toBe(2)
    expect(JSON.parse(unknown.stdout)).toMatchObject({ code: 'usage', message: expect.stringContaining('effect') })
    expect(readdirSync(folder)).toEqual([])
  })

  it.runIf(process.platform === 'linux')('tells what is missing to build it, and how to get that', () => {
    const bare = join(folder, 'bin')
    mkdirSync(bare)
    const without = { PATH: bare, CXX: '', CC: '', CMAKE_GENERATOR: '' }
    symlinkSync('/bin/true', join(bare, 'dnf'))
    const { missing } = JSON.parse(create(['my-gain', '--json'], without).stdout)
    const install = 'sudo dnf install -y gcc-c++ make cmake'
    expect(missing).toEqual([
      { tool: 'compiler', name: 'a C++ compiler', install },
      { tool: 'cmake', name: 'CMake', install },
      { tool: 'make', name: 'make', install },
    ])
    expect(create(['my-other'], without).stderr).toContain(`    ${install}\n`)
    for (const tool of ['g++', 'cmake', 'make']) symlinkSync('/bin/true', join(bare, tool))
    expect(JSON.parse(create(['my-third', '--json'], without).stdout).missing).toEqual([])
  })

  it.each([
    ['linux', 'apt-get', /^sudo apt-get install -y build-essential cmake$/],
    ['linux', 'pacman', /^sudo pacman -S/],
    ['darwin', 'brew', /brew install cmake/],
    ['win32', 'winget', /^winget install Kitware.CMake/],
    ['linux', 'none that is known', /cmake\.org/],
  ])('on %s with %s', (platform, manager, line) => {
    expect(installLine(platform, (program) => program === manager)).toMatch(line)
  })

  // util-linux's `script` gives it a terminal, of no size.
  it.runIf(process.platform === 'linux')('asks where there is a terminal', async () => {
    const line = `stty cols 80 rows 24 && "${process.execPath}" "${main}"`
    const child = spawn('script', ['-qec', line, '/dev/null'], { cwd: folder })
    const answers: [question: string, keys: string][] = [
      ['Name of the plugin', 'my-keys\r'],
      ['What it is', '\u001b[B\r'],
      ['Language', '\r'],
    ]
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [question, keys] = answers[0] ?? []
      if (question === undefined || keys === undefined || !said.includes(question)) return
      answers.shift()
      child.stdin.write(keys)
    })
    await new Promise((ended) => child.on('close', ended))
    expect(said).toContain('npx arranger dev')
    expect(answers).toEqual([])
    expect(existsSync(join(folder, 'my-keys/src/my-keys.cpp'))).toBe(true)
    expect(readFileSync(join(folder, 'my-keys/src/my-keys.cpp'), 'utf8')).toContain('Category::synth')
  })
})
