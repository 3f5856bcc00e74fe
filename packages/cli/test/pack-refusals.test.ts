// What is not packed, and why: each check is seen to refuse.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { fixture } from '../../engine/test/support/native.ts'
import { describeLibrary, descriptor } from '../../engine/test/support/sidecars.ts'
import type { Check, PackCode } from '../src/pack/checks.ts'
import { type PackOptions, pack } from '../src/pack/pack.ts'
import { macArm64, macX64, windowsX64 } from './foreign-libraries.ts'
import { here, manifest, sharedFolder, writeJson } from './pack-support.ts'
import { arranger } from './support.ts'

// npm and an engine, several times, take their time on a machine that does other things, too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 })

const root = sharedFolder()
const good = join(root, 'good')
let count = 0

const libraryOf = (folder: string) => join(folder, 'lib', here, 'tremolo.so')

/** A copy of a project with which all is well, or was before it is changed. */
function changed(change: (folder: string) => void): string {
  const folder = join(root, String(count++))
  cpSync(good, folder, { recursive: true })
  change(folder)
  return folder
}

const withManifest = (more: object) => (folder: string) =>
  writeJson(join(folder, 'package.json'), { ...manifest, ...more })

/** Puts a library that the engine's tests build in the place of the good one; what is beside it is written anew. */
const withLibrary = (name: string) => (folder: string) => {
  copyFileSync(fixture(name), libraryOf(folder))
  rmSync(join(dirname(libraryOf(folder)), 'tremolo.plugin.json'))
}

const withFile = (path: string, content: string | Buffer) => (folder: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

/** Puts a library of another platform there, with what says that it brings the same plugin, or another version of it. */
const withForeign =
  (path: string, content: Buffer, version = 1) =>
  (folder: string) => {
    withFile(path, content)(folder)
    describeLibrary(join(folder, path), [{ ...descriptor('test.gain'), ...own(folder), version }])
  }

const own = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'lib', here, 'tremolo.plugin.json'), 'utf8')).plugins[0] as object

const only = (checks: readonly Check[], wanted: Check['verdict']) => checks.filter(({ verdict }) => verdict === wanted)

type Case = [what: string, change: (folder: string) => void, code: PackCode, found: RegExp, options?: PackOptions]

const cases: Case[] = [
  ['no licence', withManifest({ license: undefined }), 'license_missing', /no "license"/],
  ['no text of the licence', (folder) => rmSync(join(folder, 'LICENSE')), 'license_file_missing', /no LICENSE/],
  ['a licence that is not the plugin’s', withManifest({ license: 'ISC' }), 'license_mismatch', /says MIT.* ISC/],
  [
    'a library that was not built',
    withManifest({ arranger: { plugins: [...manifest.arranger.plugins, 'lib/{platform}-{arch}/chorus'] } }),
    'library_missing',
    /not there/,
  ],
  ['no library at all', (folder) => rmSync(join(folder, 'lib'), { recursive: true }), 'library_missing', /no platform/],
  ['a library of another system', withForeign('lib/win32-x64/tremolo.dll', macX64), 'wrong_platform', /mach-o, x64/],
  ['a library of another processor', withForeign('lib/darwin-x64/tremolo.dylib', macArm64), 'wrong_platform', /arm64/],
  [
    'what is no library',
    withForeign('lib/win32-x64/tremolo.dll', Buffer.from('MZ')),
    'wrong_platform',
    /no shared library/,
  ],
  ['symbols that others would see', withLibrary('faulty_exports_more.so'), 'wrong_exports', /one_more_export/],
  ['no entry', withLibrary('no_entry.so'), 'wrong_exports', /does not export register_plugin/],
  ['a C library that is too new', () => undefined, 'glibc_too_new', /GLIBC 2\.\d+.*GLIBC 2\.2$/, { glibc: '2.2' }],
  [
    'the debug run time of Windows',
    withForeign('lib/win32-x64/tremolo.dll', windowsX64),
    'wrong_runtime',
    /VCRUNTIME140D/,
  ],
  [
    'no descriptor for another platform',
    withFile('lib/darwin-arm64/tremolo.dylib', macArm64),
    'descriptor_missing',
    /no descriptor/,
  ],
  [
    'a descriptor of another build',
    (folder) => {
      withForeign('lib/darwin-arm64/tremolo.dylib', macArm64)(folder)
      writeFileSync(join(folder, 'lib/darwin-arm64/tremolo.dylib'), Buffer.concat([macArm64, Buffer.from('more')]))
    },
    'descriptor_stale',
    /another content|made for the content/,
  ],
  [
    'platforms that differ',
    withForeign('lib/darwin-arm64/tremolo.dylib', macArm64, 2),
    'descriptor_mismatch',
    new RegExp(`darwin-arm64 has other plugins.*than ${here}|${here} has other plugins.*than darwin-arm64`),
  ],
  ['a plugin that breaks its promises', withLibrary('faulty_denies_latency.so'), 'validation_failed', /latency/],
  [
    'what an ignore file keeps out',
    withFile(`lib/${here}/.gitignore`, '*'),
    'content_missing',
    /leaves out .*tremolo\.so/,
  ],
]

describe.runIf(process.platform === 'linux')('pack refuses', () => {
  beforeAll(() => {
    mkdirSync(join(good, 'lib', here), { recursive: true })
    copyFileSync(fixture('faulty_none.so'), libraryOf(good))
    writeFileSync(join(good, 'LICENSE'), 'MIT')
    writeFileSync(join(good, 'README.md'), '# Tremolo')
    writeJson(join(good, 'package.json'), manifest)
  })

  it('nothing of a project with which all is well, and warns of what may disappoint', async () => {
    const folder = changed((at) => rmSync(join(at, 'README.md')))
    const { status, checks, packages } = await pack(folder, {})
    expect([status, packages.length, only(checks, 'failed')]).toEqual(['ok', 2, []])
    expect(only(checks, 'warning')).toMatchObject([{ code: 'readme_missing' }])
    // The description was not there.
    expect(existsSync(join(folder, 'lib', here, 'tremolo.plugin.json'))).toBe(true)
    cpSync(join(folder, 'lib'), join(good, 'lib'), { recursive: true })
  })

  it.each(cases)('%s', async (_, change, code, found, options = {}) => {
    const folder = changed(change)
    const { status, checks, packages } = await pack(folder, options)
    const faults = only(checks, 'failed')
    expect([status, packages]).toEqual(['error', []])
    expect(faults.map((fault) => fault.code)).toContain(code)
    expect(faults.find((fault) => fault.code === code)?.found).toMatch(found)
    const made = join(folder, 'build/packages')
    expect(existsSync(made) ? readdirSync(made) : [], 'nothing is left behind').toEqual([])
  })

  it('nothing for a library that it is linked with, but warns when that does not come with it', async () => {
    const folder = changed(withLibrary('needs_helper.so'))
    const linked = async () => (await pack(folder, {})).checks.filter(({ check }) => check === 'linked with')
    expect(await linked()).toMatchObject([
      { code: 'library_not_packed', found: expect.stringMatching(/libfixture_helper\.so/) },
    ])
    copyFileSync(fixture('libfixture_helper.so'), join(folder, 'lib', here, 'libfixture_helper.so'))
    expect(await linked()).toMatchObject([{ verdict: 'passed' }])
  })

  it.each<[string, (folder: string) => void, RegExp]>([
    ['a name that npm does not take', withManifest({ name: 'Tremolo Deluxe' }), /a name .*"Tremolo Deluxe"/],
    ['a version that is none', withManifest({ version: '1.0' }), /a version such as 1\.0\.0 .*"1\.0"/],
    ['no plugins', withManifest({ arranger: undefined }), /names no plugins/],
    [
      'one place for all platforms',
      withManifest({ arranger: { plugins: ['lib/tremolo'] } }),
      /received "lib\/tremolo"/,
    ],
    ['a place outside', withManifest({ arranger: { plugins: ['../{platform}-{arch}/x'] } }), /received "\.\.\//],
    ['what is no JSON', withFile('package.json', '{'), /Cannot read/],
  ])('a package.json with %s', async (_, change, message) => {
    await expect(pack(changed(change), {})).rejects.toMatchObject({
      code: 'invalid_package',
      message: expect.stringMatching(message),
    })
  })

  it('with exit codes and JSON for programs', async () => {
    const json = async (...args: string[]) => {
      const { code, stdout } = await arranger(['pack', ...args, '--json'])
      return { exit: code, ...JSON.parse(stdout.toString()) }
    }
    const bare = changed(withManifest({ license: undefined }))
    expect(await json(bare)).toMatchObject({ exit: 4, status: 'error', code: 'license_missing', packages: [] })
    const broken = changed(withFile('CMakeLists.txt', 'message(FATAL_ERROR "no")'))
    expect(await json(broken)).toMatchObject({ exit: 6, status: 'error', code: 'build_failed' })
    expect(await json(broken, '--no-build')).toMatchObject({ exit: 0, status: 'ok' })
    expect(await json(root)).toMatchObject({ exit: 3, code: 'not_found' })
    expect(await json(bare, '--glibc', 'new')).toMatchObject({ exit: 2, code: 'usage' })
  })

  it('in words that say what to do', async () => {
    const { code, stdout } = await arranger(['pack', changed(withLibrary('faulty_exports_more.so'))])
    expect(code).toBe(4)
    expect(stdout.toString()).toMatch(
      /✖ symbols +it exports one_more_export \(wrong_exports\)\n +build it with arranger_add_plugin\(\)/,
    )
    expect(stdout.toString()).toMatch(/– validate +not before all else is well/)
    expect(stdout.toString()).toMatch(/Nothing was packed: 1 check failed\.\n$/)
  })
})
