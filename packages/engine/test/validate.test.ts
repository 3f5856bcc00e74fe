// The conformance tool: each fault that is planted is found by the check it belongs to and by no other; what is right passes.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { soundfont } from './support/fluidsynth.mjs'
import { temporaryFolder } from './support/folder.ts'
import { addonPath, fixture } from './support/native.ts'

const bin = dirname(addonPath)
const folder = temporaryFolder()
const isWindows = process.platform === 'win32'

interface Finding {
  plugin: string | null
  check: string
  verdict: 'passed' | 'failed' | 'skipped'
  reason: string
  remedy: string
}

function validate(library: string, ...options: string[]) {
  const { stdout, status } = spawnSync(join(bin, 'arranger-validate'), [library, ...options], { encoding: 'utf8' })
  const lines = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  const findings = lines.filter(({ check }) => check !== undefined) as Finding[]
  const failed = findings.filter(({ verdict }) => verdict === 'failed')
  return { lines, findings, failed, status }
}

const faults = Object.entries(
  JSON.parse(readFileSync(fileURLToPath(new URL('./fixtures/faulty/faults.json', import.meta.url)), 'utf8')) as Record<
    string,
    { check: string; reason: string } | null
  >,
)

describe.skipIf(isWindows)('a planted fault', () => {
  it.each(faults.filter(([, found]) => found !== null))('%s is found by its check alone', (fault, expected) => {
    const { failed, status } = validate(
      fixture(`faulty_${fault}.so`),
      ...(fault.startsWith('hangs') ? ['--timeout', '5'] : []),
    )
    expect(failed.map(({ check }) => check)).toEqual([expected?.check])
    expect(failed[0]?.reason).toMatch(new RegExp(expected?.reason ?? ''))
    expect(failed[0]?.remedy).not.toBe('')
    expect(status).toBe(4)
  })

  it('is what the others find nothing of', () => {
    const { findings, status } = validate(fixture('faulty_none.so'))
    expect(findings.filter(({ verdict }) => verdict !== 'passed')).toMatchObject([
      { check: 'gain', verdict: 'skipped' },
    ])
    expect(status).toBe(0)
  })

  it('of a gain that is none is found by its check alone', () => {
    const { failed, status } = validate(fixture('not_a_gain.so'))
    expect(failed).toMatchObject([{ check: 'gain', reason: expect.stringMatching(/input times the parameter/) }])
    expect(status).toBe(4)
  })

  it('is known of every check', () => {
    const { findings } = validate(fixture('faulty_none.so'))
    const planted = new Set(faults.map(([, expected]) => expected?.check))
    expect(findings.map(({ check }) => check).filter((check) => !planted.has(check))).toEqual(['gain'])
  })
})

describe('a library that does not open or register', () => {
  it.each([
    ['truncated.so', 'symbols_and_stamp', 'truncated'],
    ['other_abi.so', 'symbols_and_stamp', 'ABI'],
    ['no_stamp.so', 'symbols_and_stamp', 'arranger_plugin_stamp'],
    ['undefined_symbol.so', 'symbols_and_stamp', 'undefined symbol'],
    ['crash_load.so', 'symbols_and_stamp', 'crashed'],
    ['hang_load.so', 'symbols_and_stamp', 'took longer'],
    ['crash_register.so', 'descriptor', 'crashed'],
    ['exits.so', 'descriptor', 'ended the process'],
    ['aborts.so', 'descriptor', 'SIGABRT'],
    ['hang_register.so', 'descriptor', 'took longer'],
    ['throws_exception.so', 'descriptor', 'threw'],
    ['duplicate_ids.so', 'descriptor', 'twice'],
  ])('%s fails %s', (name, check, reason) => {
    const { findings, failed, status } = validate(fixture(name), '--timeout', '2')
    expect(failed.map((finding) => finding.check)).toEqual([check])
    expect(failed[0]?.reason).toContain(reason)
    expect(findings.length).toBeGreaterThan(20)
    expect(status).toBe(4)
  })
})

describe('what ships', () => {
  /** One second of a decaying tone, as a WAV file of 16-bit integers. */
  function wavFile(): string {
    const rate = 44_100
    const bytes = Buffer.alloc(44 + 2 * rate)
    bytes.write('RIFF', 0)
    bytes.writeUInt32LE(36 + 2 * rate, 4)
    bytes.write('WAVEfmt ', 8)
    for (const [at, value] of [
      [16, 16],
      [24, rate],
      [28, 2 * rate],
      [40, 2 * rate],
    ] as const)
      bytes.writeUInt32LE(value, at)
    for (const [at, value] of [
      [20, 1],
      [22, 1],
      [32, 2],
      [34, 16],
    ] as const)
      bytes.writeUInt16LE(value, at)
    bytes.write('data', 36)
    for (let i = 0; i < rate; ++i) bytes.writeInt16LE(Math.round(20_000 * Math.sin(i / 9) * (1 - i / rate)), 44 + 2 * i)
    const path = join(folder, 'tone.wav')
    writeFileSync(path, bytes)
    return path
  }

  const settings: Record<string, () => string[]> = {
    fluidsynth: () => ['--config', `sf2_path=${soundfont}`],
    sampler: () => ['--config', `sample_path=${wavFile()}`],
  }
  /** What a library of others does on the audio thread, and we cannot keep it from: libgomp, on a thread's first call. */
  const known: Record<string, RegExp> = { fluidsynth: /libgomp.*fluid_synth_write_float/ }
  const libraries = (path: string) =>
    readdirSync(path)
      .filter((name) => /\.(so|dylib|dll)$/.test(name))
      .map((name) => join(path, name))

  it.each(libraries(join(bin, 'plugins')))('%s passes', { timeout: 120_000 }, (library) => {
    const name = library.replace(/^.*[\\/]|\.\w+$/g, '')
    const { findings, failed, status } = validate(library, ...(settings[name]?.() ?? []))
    const unexpected = failed.filter(({ check, reason }) => !(check === 'real_time' && known[name]?.test(reason)))
    expect(unexpected).toEqual([])
    expect(status).toBe(name in known ? 4 : 0)
    // Without its file an instrument would pass, having played nothing.
    expect(findings.filter(({ reason }) => reason.includes('needs a file'))).toEqual([])
  })
})

describe('the command line', () => {
  const good = () => fixture('faulty_none.so')

  it.skipIf(isWindows)('runs only what is asked for', () => {
    const { findings } = validate(good(), '--only', 'latency', '--only', 'descriptor')
    expect(findings.map(({ check, plugin }) => [check, plugin])).toEqual([
      ['descriptor', null],
      ['latency', 'test.faulty'],
    ])
  })

  it.skipIf(isWindows)('refuses what it does not know', () => {
    const refused = (...options: string[]) => {
      const { lines, status } = validate(good(), ...options)
      return [lines[0].error, status]
    }
    expect(refused('--only', 'latnecy')).toEqual(["there is no check 'latnecy'; nearest is 'latency'", 2])
    expect(refused('--plugin', 'test.other')).toEqual(['the library has no plugin test.other', 3])
    expect(refused('--config', 'file=a')).toEqual(['no plugin of the library has a config parameter file', 2])
    expect(refused('--config', 'file')).toEqual(["--config expects key=value but received 'file'", 2])
    expect(refused('--timeout', 'soon')).toEqual(["--timeout expects a number of 0.001 or more but received 'soon'", 2])
    expect(refused('--odd', '1')).toEqual(['there is no option --odd', 2])
  })

  it('says so when there is no library', () => {
    const { lines, status } = validate(join(folder, 'nothing.so'))
    expect(lines[0].error).toContain('there is no plugin library')
    expect(status).toBe(3)
  })
})
