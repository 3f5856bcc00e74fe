// A plugin as its author has it, packed, and installed by somebody else.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Descriptor, discoverPlugins } from '@arranger/engine'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { fixture } from '../../engine/test/support/native.ts'
import { describeLibrary } from '../../engine/test/support/sidecars.ts'
import { compile } from '../../engine/test/support/typescript.ts'
import type { PackResult } from '../src/pack/pack.ts'
import { macArm64 } from './foreign-libraries.ts'
import { here, linkPackages, manifest, sharedFolder, writeJson, writeTremolo } from './pack-support.ts'
import { arranger, session } from './support.ts'

// A compiler, npm and an engine take their time on a machine that does other things, too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 })

const hasLevels = process.platform === 'linux' && process.arch === 'x64'
const ofPlatform = `@acme/tremolo-${here}`

describe.runIf(process.platform === 'linux')('a packed plugin', () => {
  const root = sharedFolder()
  const author = join(root, 'author')
  const user = join(root, 'user')
  const installed = join(user, 'node_modules', ofPlatform, 'lib', here)
  let result: PackResult
  let code: number | null

  /** As a user runs it: with the plugins of the project and none of the machine's own. */
  const inProject = (...args: string[]) =>
    arranger(args, { cwd: user, environment: { XDG_DATA_HOME: root, ARRANGER_PLUGIN_PATH: '' } })

  beforeAll(async () => {
    writeTremolo(author)
    const packed = await arranger(['pack', author, '--json'], { cwd: root })
    code = packed.code
    result = JSON.parse(packed.stdout.toString()) as PackResult
    mkdirSync(user)
    writeJson(join(user, 'package.json'), { private: true, type: 'module' })
    const tarballs = result.packages.map(({ path }) => path)
    const options = ['--offline', '--no-audit', '--no-fund', '--cache', join(root, 'cache')]
    execFileSync('npm', ['install', ...options, ...tarballs], { cwd: user, stdio: 'pipe' })
  })

  const read = (name: string, file: string) => readFileSync(join(user, 'node_modules', name, file), 'utf8')

  it('is built, checked, and becomes a tarball for all and one for the platform', () => {
    expect([code, result.status]).toEqual([0, 'ok'])
    expect(result.packages.map(({ name, version, platform }) => [name, version, platform])).toEqual([
      ['@acme/tremolo', '1.2.3', null],
      [ofPlatform, '1.2.3', here],
    ])
    const [all, one] = result.packages
    expect(all?.files).toEqual(['LICENSE', 'README.md', 'package.json', 'plugins.d.mts', 'tremolo.plugin.json'])
    const libraries = ['tremolo.plugin.json', 'tremolo.so', ...(hasLevels ? ['x86-64-v3/tremolo.so'] : [])]
    expect(one?.files).toEqual([
      'LICENSE',
      'README.md',
      ...libraries.map((file) => `lib/${here}/${file}`),
      'package.json',
    ])
    expect(one?.size).toBeLessThan(one?.unpacked_size ?? 0)
    const verdicts = result.checks.map(({ check, verdict }) => [check, verdict])
    expect(verdicts).toEqual(
      expect.arrayContaining([
        ['symbols', 'passed'],
        ['descriptor', 'passed'],
        ['validate', 'passed'],
      ]),
    )
  })

  it('says in its manifests what npm has to know, and nothing of how it was made', () => {
    const { scripts: _, devDependencies: __, ...kept } = manifest
    expect(JSON.parse(read('@acme/tremolo', 'package.json'))).toEqual({
      ...kept,
      types: './plugins.d.mts',
      optionalDependencies: { [ofPlatform]: '1.2.3' },
    })
    expect(JSON.parse(read(ofPlatform, 'package.json'))).toEqual({
      name: ofPlatform,
      version: '1.2.3',
      description: `@acme/tremolo for ${here}`,
      author: 'Acme',
      license: 'MIT',
      os: [process.platform],
      cpu: [process.arch],
      libc: ['glibc'],
      preferUnplugged: true,
      arranger: { plugins: [`lib/${here}/tremolo`] },
    })
    const [{ id }] = JSON.parse(read('@acme/tremolo', 'tremolo.plugin.json')).plugins as [Descriptor]
    expect(id).toBe('com.example.tremolo')
  })

  it('is found once, with what it brings, and listed', async () => {
    const { candidates } = await discoverPlugins({ cwd: user, environment: { XDG_DATA_HOME: root } })
    const path = join(installed, 'tremolo.so')
    expect(candidates).toMatchObject([{ path, package: ofPlatform, sidecar: { state: 'fresh' } }])
    const { stdout } = await inProject('plugins', 'list')
    expect(stdout.toString()).toMatch(new RegExp(`^com\\.example\\.tremolo .* ${ofPlatform} +${path}$`, 'm'))
  })

  it('is loaded and heard in a render', async () => {
    const song = session() as { graph: { nodes: object[]; connections: object[] } }
    writeJson(join(user, 'plain.json'), song)
    song.graph.nodes.push({ id: 'shake', type: 'com.example.tremolo', params: { rate: 5, depth: 1 } })
    const connect = (from_node: string, to_node: string, to_port: string) => {
      return { from_node, from_port: 'audio_out', to_node, to_port }
    }
    song.graph.connections.splice(1, 1, connect('tone', 'shake', 'audio_in'), connect('shake', 'mixer', 'audio_in_0'))
    writeJson(join(user, 'shaken.json'), song)
    const render = async (name: string) => {
      const { stdout } = await inProject('render', `${name}.json`, '-o', `${name}.wav`, '--json')
      return JSON.parse(stdout.toString()) as { chain: string[]; hash: string; rms_dbfs: number }
    }
    const [plain, shaken] = [await render('plain'), await render('shaken')]
    expect(shaken.chain).toEqual(['builtin.sine', 'com.example.tremolo', 'mixer'])
    // The mean square of a level that swings as (1 + cos) / 2 is 3/8: 4.3 dB less.
    expect(shaken.rms_dbfs - plain.rms_dbfs).toBeCloseTo(10 * Math.log10(3 / 8), 0)
    expect(plain.rms_dbfs).toBeGreaterThan(-40)
    expect(shaken.hash).not.toBe(plain.hash)
  })

  it('is known to the compiler of whoever installs it', () => {
    const program = `import { createEngine } from '@arranger/engine'
import type {} from '@acme/tremolo'
const engine = await createEngine()
await engine.add('com.example.tremolo', { rate: 5 })
// @ts-expect-error an unknown parameter
await engine.add('com.example.tremolo', { speed: 5 })`
    const folder = join(user, 'typed')
    mkdirSync(folder)
    writeFileSync(join(folder, 'program.ts'), program)
    linkPackages(user)
    expect(compile(folder)).toBe('')
  })

  it('is listed without being opened: a library that aborts then is noticed only by who opens it', async () => {
    const descriptors = JSON.parse(read(ofPlatform, `lib/${here}/tremolo.plugin.json`)).plugins as Descriptor[]
    rmSync(join(installed, 'x86-64-v3'), { recursive: true, force: true })
    copyFileSync(fixture('crash_load.so'), join(installed, 'tremolo.so'))
    describeLibrary(join(installed, 'tremolo.so'), descriptors)
    const listed = await inProject('plugins', 'list', '--json')
    expect([listed.code, listed.stderr]).toEqual([0, ''])
    const { plugins } = JSON.parse(listed.stdout.toString()) as { plugins: { id: string; package?: string }[] }
    expect(plugins.find(({ id }) => id === 'com.example.tremolo')).toMatchObject({ package: ofPlatform })
    const opened = await inProject('plugins', 'doctor')
    expect(opened.code).toBe(4)
    expect(opened.stdout.toString()).toContain('(plugin_crashed)')
  })

  it('has the libraries of other platforms that lie there, and files that the author names', async () => {
    const folder = join(author, 'lib/darwin-arm64')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'tremolo.dylib'), macArm64)
    const plugins = JSON.parse(readFileSync(join(author, 'lib', here, 'tremolo.plugin.json'), 'utf8')).plugins
    describeLibrary(join(folder, 'tremolo.dylib'), plugins)
    writeFileSync(join(author, 'slow.json'), '{}')
    writeJson(join(author, 'package.json'), { ...manifest, files: ['lib', 'slow.json'] })
    const out = join(root, 'out')
    const { stdout, code } = await arranger(['pack', author, '--no-build', '--out', out])
    expect(code).toBe(0)
    const text = stdout.toString()
    expect(text).toMatch(/^lib\/darwin-arm64\/tremolo\.dylib\n {2}✔ platform .*mach-o, arm64\n/m)
    expect(text).toMatch(/^ {2}– validate +it cannot run on linux/m)
    expect(text).toMatch(/^TARBALL +SIZE +UNPACKED +PLATFORM$/m)
    const names = ['', '-darwin-arm64', `-${here}`].map((platform) => `acme-tremolo${platform}-1.2.3.tgz`)
    expect(readdirSync(out).sort()).toEqual(names.sort())
    const list = (name: string) =>
      execFileSync('tar', ['-tf', join(out, name)], { encoding: 'utf8' })
        .trim()
        .split('\n')
    expect(list('acme-tremolo-1.2.3.tgz').sort()).toEqual(
      ['LICENSE', 'README.md', 'package.json', 'plugins.d.mts', 'slow.json', 'tremolo.plugin.json'].map(
        (file) => `package/${file}`,
      ),
    )
    expect(list('acme-tremolo-darwin-arm64-1.2.3.tgz')).toContain('package/lib/darwin-arm64/tremolo.dylib')
  })
})
