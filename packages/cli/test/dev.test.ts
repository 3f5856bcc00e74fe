// SPDX-License-Identifier: MIT
// A session of `arranger dev` as somebody has it: keys, edits, and what the screen says of the sound.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Terminal } from './pty.ts'
import { Session } from './session.ts'
import { arranger, folder } from './support.ts'

const fixtures = fileURLToPath(new URL('../../engine/test/fixtures', import.meta.url))
const held = fileURLToPath(new URL('./fixtures/held.c', import.meta.url))
const environment = { CFLAGS: `-I${fixtures}` }
/** Without sound, and with blocks so long that a busy machine makes no isolated node late. */
const quiet = ['--device', 'none', '--block-size', '8192']

const up = '\u001b[A'
const left = '\u001b[D'
const right = '\u001b[C'

/** A copy of the plugin that puts out its parameter, times a scale, while a note is held. */
function project(): { place: string; source: string; edit: (from: string, to: string) => void } {
  const place = folder()
  const source = join(place, 'held.c')
  copyFileSync(held, source)
  const edit = (from: string, to: string) => writeFileSync(source, readFileSync(source, 'utf8').replace(from, to))
  return { place, source, edit }
}

const lineOf = (text: string) => readFileSync(held, 'utf8').split(text)[0]?.split('\n').length

/** The status line, with the generation and the level that it shows. */
const sounding = (generation: number, decibels: string) =>
  new RegExp(`▶ \\S+  generation ${generation} .* ${decibels} dB`)
const stopped = (decibels: string) => new RegExp(`■ \\S+ .* ${decibels} dB`)

/** Edits of a source and the builds that come of them; from a level of 0.5. */
async function editAndCompare(terminal: Terminal, edit: (from: string, to: string) => void): Promise<void> {
  edit('SCALE 1.0f', 'SCALE 0.5f')
  await terminal.shows(sounding(2, '-12.0'))
  expect(terminal.text).toMatch(/→ generation 2 +heard after \d+\.\d\d s, state kept \(level 0\.50\)/)

  edit('self->notes > 0', 'self->nots > 0')
  await terminal.shows(/generation 2 keeps playing/)
  expect(terminal.text).toMatch(new RegExp(`held\\.c:${lineOf('self->notes > 0')}:\\d+ +error: .*'nots'`))
  terminal.press(left)
  await terminal.shows(sounding(2, '-12.5'))

  edit('self->nots > 0', 'self->notes > 0')
  await terminal.shows(sounding(3, '-12.5'))
  edit('SCALE 0.5f', 'SCALE 0.25f')
  await terminal.shows(sounding(4, '-18.5'))

  terminal.press('a')
  await terminal.shows(sounding(3, '-12.5'))
  terminal.press('b')
  await terminal.shows(sounding(4, '-18.5'))

  terminal.press('q')
  expect(await terminal.ended).toBe(0)
}

describe.skipIf(process.platform === 'win32')('arranger dev on a terminal', () => {
  it('plays a file, takes keys, and lets every edit be heard', async () => {
    const { source, edit } = project()
    const terminal = new Terminal(['dev', source, ...quiet], environment)
    await terminal.shows(sounding(1, '-6.0'))
    await terminal.shows(/finite, real-time safe/)

    terminal.press(' ')
    await terminal.shows(stopped('−∞'))
    terminal.press('1')
    await terminal.shows(stopped('-6.0'))
    await terminal.shows(stopped('−∞'))

    terminal.press(right)
    await terminal.shows(/› level +0\.53/)
    terminal.press('1')
    await terminal.shows(stopped('-5.6'))
    terminal.press(`${left}${up} `)
    await terminal.shows(sounding(1, '-6.0'))
    await editAndCompare(terminal, edit)
  })

  it('does the same with a folder that CMake builds', async () => {
    const { place, edit } = project()
    const lists = join(place, 'CMakeLists.txt')
    const whole = [
      'cmake_minimum_required(VERSION 3.20)',
      'project(held C)',
      'find_package(ArrangerPluginSDK CONFIG REQUIRED)',
      'arranger_add_plugin(held held.c)',
    ].join('\n')
    writeFileSync(lists, `${whole}\ninclude(no_such_file)\n`)
    const terminal = new Terminal(['dev', place, ...quiet], environment)
    await terminal.shows(/CMakeLists\.txt:5 +error: include could not find/)
    expect(terminal.text).not.toContain('build/dev/CMakeLists')
    writeFileSync(lists, whole)
    await terminal.shows(sounding(1, '-6.0'))
    await editAndCompare(terminal, edit)
  })

  it.each([
    ['in a process of its own', []],
    ['in the same process', ['--in-process']],
  ])('outlives a crash in process (%s), says where, and plays the next build', async (_, more) => {
    const { source, edit } = project()
    const [good, crashes] = ['SCALE * value', '*(volatile float *)(size_t)call->frames']
    edit(good, crashes)
    const terminal = new Terminal(['dev', source, ...quiet, ...more], environment)
    await terminal.shows(/crashed.*SIGSEGV/)
    await terminal.shows(/▶ held .* crashed in process/)
    edit(crashes, good)
    await terminal.shows(sounding(2, '-6.0'))
    terminal.press('q')
    expect(await terminal.ended).toBe(0)
  })
})

/** One in C++ that takes memory while it plays, which is no sound to be heard. */
const allocating = `
#include <arranger/plugin.hpp>
using namespace arranger;

class Allocating final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In"};
  AudioOut out{*this, "audio_out", "Audio Out"};
  std::vector<float> copy;
  void process(const Block& block) override {
    copy = std::vector<float>(in.left, in.left + block.frames);
    for (Frame i : block) out.left[i] = out.right[i] = 0.25f + 0.0f * copy[static_cast<std::size_t>(i)];
  }
};
ARRANGER_PLUGIN(Allocating, {.id = "test.allocating", .name = "Allocating", .category = Category::effect, .version = 1})
`

describe.skipIf(process.platform === 'win32')('arranger dev without a terminal', () => {
  it('prints a JSON line for each event, takes keys, and says what is wrong with the code', async () => {
    const source = join(folder(), 'allocating.cpp')
    writeFileSync(source, allocating)
    const session = new Session(['dev', source, ...quiet])
    expect(await session.next('built')).toMatchObject({ optimised: false, warnings: [] })
    const generation = {
      generation: 1,
      plugin: 'test.allocating',
      kind: 'effect',
      isolated: true,
      a: null,
      b: 1,
      state: null,
    }
    expect(await session.next('generation')).toMatchObject({ ...generation, seconds: expect.any(Number) })
    expect(await session.next('verdict')).toMatchObject({ passed: false, failures: [{ check: 'real_time' }] })
    expect((await session.next('level')).peak_dbfs).toBeCloseTo(-12.04, 2)
    session.press(' ')
    expect(await session.next('playing')).toEqual({ event: 'playing', playing: false })
    session.press('q')
    expect(await session.ended).toBe(0)
  })

  it('plays on when the engine refuses a build, and follows a plugin that gets another id and other ports', async () => {
    const { source, edit } = project()
    const session = new Session(['dev', source, ...quiet], environment)
    await session.next('generation')
    edit('return registry->add', 'return ARR_STATUS_INVALID; (void)registry->add')
    expect(await session.next('error')).toMatchObject({ code: 'plugin_load_failed', generation: 1 })
    expect(await session.next('level')).toMatchObject({ generation: 1, peak_dbfs: expect.closeTo(-6.02, 2) })

    edit('return ARR_STATUS_INVALID; (void)registry->add', 'return registry->add')
    expect(await session.next('generation')).toMatchObject({ generation: 2, state: { kept: ['level'] } })
    edit('"test.held"', '"test.other"')
    expect(await session.next('generation')).toMatchObject({ generation: 3, plugin: 'test.other', state: null })
    edit('"level"', '"height"')
    const { state, parameters } = await session.next('generation')
    expect([state, parameters]).toMatchObject([{ dropped: ['level'] }, { height: 0.5 }])
    session.press('q')
    expect(await session.ended).toBe(0)
  })

  it('ends with 6 where nothing was ever built, and says what is missing', async () => {
    const { source, edit } = project()
    edit('fixture.h', 'missing.h')
    const session = new Session(['dev', source, ...quiet])
    expect(await session.next('error')).toMatchObject({
      code: 'build_failed',
      generation: null,
      errors: [{ file: source, line: 3 }],
    })
    session.press('q')
    expect(await session.ended).toBe(6)

    const { code, stderr } = await arranger(['dev', source], { environment: { CC: 'no-such-compiler' } })
    expect(code).toBe(6)
    expect(stderr).toMatch(/CC=no-such-compiler cannot be run[\s\S]*install/)
    expect((await arranger(['dev', join(folder(), 'none.c')])).code).toBe(3)
    expect((await arranger(['dev', folder()])).code).toBe(2)
  })
})
