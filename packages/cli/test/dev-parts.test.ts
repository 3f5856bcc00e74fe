// SPDX-License-Identifier: MIT
// What `arranger dev` reads of compilers, and what it puts around a plugin.
import { createEngine, type Descriptor, listPlugins } from '@arranger/engine'
import { describe, expect, it } from 'vitest'
import { dependenciesOf, editable, includesOf } from '../src/dev/dependencies.ts'
import { diagnosticsOf } from '../src/dev/diagnostics.ts'
import { nudged, shown, travel } from '../src/dev/parameters.ts'
import { graphAround, kindOf, phraseFor } from '../src/dev/part.ts'

describe('what a build says', () => {
  it.each([
    ['gcc', '/p/a.cpp:14:41: error: no such name', ['/p/a.cpp', 14, 41, 'error', 'no such name']],
    ['gcc, of a file beside', '../a.h:3:1: warning: unused', ['/a.h', 3, 1, 'warning', 'unused']],
    ['gcc, fatal', 'a.c:1:10: fatal error: b.h: No such file', ['/p/a.c', 1, 10, 'error', 'b.h: No such file']],
    ['msvc', '/p/a.cpp(14,41): error C2065: no such name', ['/p/a.cpp', 14, 41, 'error', 'C2065: no such name']],
    [
      'cmake',
      'CMake Error at CMakeLists.txt:3 (find):\n  No such thing.\n',
      ['/p/CMakeLists.txt', 3, 0, 'error', 'No such thing.'],
    ],
    [
      'the linker',
      "ld: a.o: in function `f':\na.c:(.text+0x5): undefined reference to `g'\ncollect2: error: ld returned 1 exit status",
      ['', 0, 0, 'error', "a.c:(.text+0x5): undefined reference to `g'"],
    ],
  ])('names the place: %s', (_, output, [file, line, column, severity, message]) => {
    expect(diagnosticsOf(output, '/p')).toEqual([{ file, line, column, severity, message }])
  })

  it('finds no place in what has none', () => {
    expect(diagnosticsOf('ninja: build stopped\n/p/a.c: In function f:\n  14 | x\n', '/p')).toEqual([])
  })

  it('names the files that were read', () => {
    const rule = 'out.so: /p/my\\ file.c \\\n  inc/a.h \\\n /usr/include/stdio.h\n\ninc/a.h:\n'
    expect(dependenciesOf(rule, '/p')).toEqual(['/p/my file.c', '/p/inc/a.h', '/usr/include/stdio.h'])
    expect(editable(dependenciesOf(rule, '/p'), '/p')).toEqual(['/p/my file.c', '/p/inc/a.h'])
    expect(editable(['/usr/src/mine/a.c', '/usr/include/stdio.h'], '/usr/src/mine')).toEqual(['/usr/src/mine/a.c'])
    expect(includesOf('Note: including file:   C:\\p\\a.h\r\na.cpp\r\n')).toEqual(['C:\\p\\a.h'])
  })
})

describe('what is around a plugin', () => {
  const plugins = listPlugins()
  const find = (id: string) => plugins.find((plugin) => plugin.id === `builtin.${id}`) as Descriptor
  // These sound of a file that somebody has chosen.
  const fileless = plugins.filter(({ id }) => !['builtin.fluidsynth', 'builtin.sampler'].includes(id))

  it('is chosen by its ports', () => {
    const kinds = ['delay', 'compressor', 'sine', 'noise', 'arpeggiator', 'control_lfo', 'control_monitor']
    expect(kinds.map((id) => kindOf(find(id)))).toEqual([
      ...['effect', 'effect', 'instrument', 'source', 'midi', 'control', 'monitor'],
    ])
  })

  it.each(fileless.map((plugin) => [plugin.id, plugin] as const))('lets %s be heard', async (_, plugin) => {
    await using engine = await createEngine({ backend: 'binding', outputDevice: null })
    const song = { graph: graphAround(plugin, false), events: phraseFor(kindOf(plugin)) }
    expect(await engine.load(song)).toEqual([])
    const { channelData } = await engine.render(undefined, { durationBeats: 2 })
    const peak = channelData[0]?.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) ?? 0
    expect(peak).toBeGreaterThan(0.05)
    expect(peak).toBeLessThan(2)
  })
})

describe('a parameter', () => {
  const port = {
    min: 0,
    max: 1,
    default: 0.5,
    step: 0,
    taper: 'linear',
    hint: 'continuous',
    unit: '',
    choices: [] as string[],
  }
  const at = (value: number, more: object = {}) => ({
    port: { ...port, ...more } as unknown as Descriptor['ports'][number],
    value,
  })

  it('moves by a fortieth of its way, by a step, or to the next choice, and not beyond its ends', () => {
    expect(nudged(at(0.5), 1)).toBe(0.525)
    expect(nudged(at(nudged(at(0.5), 1)), -1)).toBe(0.5)
    expect(nudged(at(1), 1)).toBe(1)
    expect(nudged(at(100, { min: 10, max: 1000, taper: 'log' }), 1)).toBeCloseTo(100 * 100 ** (1 / 40))
    expect(nudged(at(4, { max: 8, step: 1 }), 1)).toBe(5)
    expect(nudged(at(1, { max: 2, choices: ['Saw', 'Square', 'Sine'] }), 1)).toBe(2)
    expect(nudged(at(0, { hint: 'toggle' }), 1)).toBe(1)
  })

  it('is shown with its unit or the name of its choice', () => {
    expect(shown(at(5, { unit: 'Hz', max: 20 }))).toBe('5.00 Hz')
    expect(shown(at(1, { choices: ['Saw', 'Square'] }))).toBe('Square')
    expect(shown(at(1, { hint: 'toggle' }))).toBe('on')
    expect(travel(at(100, { min: 10, max: 1000, taper: 'log' }))).toBeCloseTo(0.5)
  })
})
