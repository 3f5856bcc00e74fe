import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { escapeXml, junit } from '../src/validate/junit.ts'
import { arranger, folder } from './support.ts'

const fixtures = fileURLToPath(new URL('../../../build/release/bin/fixtures/', import.meta.url))
const good = join(fixtures, 'faulty_none.so')
const late = join(fixtures, 'faulty_denies_latency.so')
const some = ['--only', 'descriptor', '--only', 'latency', '--only', 'hints']

describe.skipIf(process.platform === 'win32')('validate', () => {
  it('tells people what fails, why, and what to do', async () => {
    const { code, stdout } = await arranger(['validate', good, late, ...some], { environment: { NO_COLOR: '1' } })
    expect(code).toBe(4)
    const text = stdout.toString()
    expect(text).toMatch(/✔ descriptor +\d+\.\d\d s/)
    expect(text).toMatch(
      /✖ latency +declared are 0 frames, but a sound comes out after 16 to 16 frames\n +Set latency_frames/,
    )
    expect(text.trimEnd().split('\n').at(-1)).toBe('5 passed, 1 failed, 0 do not apply')
  })

  it('tells programs the same', async () => {
    const report = join(folder(), 'report.xml')
    const { code, stdout } = await arranger(['validate', late, ...some, '--json', '--junit', report])
    const { status, findings } = JSON.parse(stdout.toString())
    expect([code, status]).toEqual([4, 'error'])
    expect(findings.map(({ check, verdict }: { check: string; verdict: string }) => [check, verdict])).toEqual([
      ['descriptor', 'passed'],
      ['hints', 'passed'],
      ['latency', 'failed'],
    ])
    expect(readFileSync(report, 'utf8')).toContain('tests="3" failures="1" skipped="0"')
  })

  it('ends with 0 when all is well, 3 without a library, 2 for what it does not know', async () => {
    expect((await arranger(['validate', good, ...some])).code).toBe(0)
    expect((await arranger(['validate', join(folder(), 'none.so')])).code).toBe(3)
    const { code, stderr } = await arranger(['validate', good, '--only', 'latnecy'])
    expect(code).toBe(2)
    expect(stderr).toContain("nearest is 'latency'")
  })

  it('checks what the package here names, when no library is named', async () => {
    const cwd = folder()
    const check = () => arranger(['validate', ...some], { cwd, environment: { NO_COLOR: '1' } })
    expect(await check()).toMatchObject({ code: 2, stderr: expect.stringContaining('received none') })
    const arrangerField = { plugins: ['lib/{platform}-{arch}/late'] }
    const manifest = { name: 'late', version: '1.0.0', arranger: arrangerField }
    writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest))
    expect(await check()).toMatchObject({ code: 3, stderr: expect.stringContaining('not been built') })
    const place = join(cwd, `lib/${process.platform}-${process.arch}`)
    mkdirSync(place, { recursive: true })
    copyFileSync(late, join(place, `late.${process.platform === 'darwin' ? 'dylib' : 'so'}`))
    const { code, stdout } = await check()
    expect([code, stdout.toString().trimEnd().split('\n').at(-1)]).toEqual([4, '2 passed, 1 failed, 0 do not apply'])
  })

  it('lists the checks', async () => {
    const { stdout } = await arranger(['validate', '--list'])
    expect(stdout.toString()).toMatch(/^block_invariance +The output is the same/m)
  })
})

describe('a JUnit report', () => {
  it('holds any text', () => {
    expect(escapeXml('a<b>&"c"\n\u0000\ud800é🎵')).toBe('a&lt;b&gt;&amp;&quot;c&quot;&#10;\ufffd\ufffdé🎵')
  })

  it('has a suite for each library', () => {
    const finding = { plugin: null, check: 'a', reason: '<', remedy: '', seconds: 0.5 }
    const text = junit([
      { ...finding, library: 'one.so', verdict: 'skipped' },
      { ...finding, library: 'two.so', verdict: 'passed' },
    ])
    expect(text).toContain('<testsuite name="one.so" tests="1" failures="0" skipped="1">')
    expect(text).toContain('<testcase classname="two.so" name="a" time="0.500"/>')
    expect(text).toContain('<skipped message="&lt;"/>')
  })
})
