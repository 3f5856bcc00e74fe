import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigParam, Port } from '@arranger/plugin-sdk'
import { describe, expect, it } from 'vitest'
import { pluginDeclarations } from '../src/index.ts'
import { createEngine } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'
import { descriptor } from './support/sidecars.ts'
import { compile } from './support/typescript.ts'

const root = temporaryFolder()
let count = 0

/** What the compiler says of a program beside these declarations. */
function compiled(declarations: string, program: string): string {
  const folder = join(root, String(count++))
  mkdirSync(folder)
  writeFileSync(join(folder, 'plugins.d.ts'), declarations)
  writeFileSync(join(folder, 'program.ts'), program)
  return compile(folder)
}

function port(id: string, more: Partial<Port> = {}): Port {
  const text = { display_name: id, doc: '', group: '', unit: '' as const }
  const signal = { type: 'control', role: 'input', hint: 'continuous', taper: 'linear', graph_type: 'none' } as const
  const numbers = { channel_count: 0, default: 0, min: 0, max: 1, step: 0, smoothing_ms: 0 }
  const rest = { choices: [], flags: [], show_port_default: false, since_version: 1, delay_frames: 0, value_count: 0 }
  return { id, ...text, ...signal, ...numbers, ...rest, ...more }
}

function config(id: string, type: ConfigParam['type'], choices: string[] = []): ConfigParam {
  return { id, type, choices, display_name: id, doc: '', default: '', min: 0, max: 0, file_filter: '' }
}

const stereo = { type: 'audio_stereo' } as const
const tremolo = descriptor('com.acme.tremolo', {
  ports: [port('audio_in', stereo), port('audio_out', { ...stereo, role: 'output' }), port('rate', { max: 20 })],
})

const program = (body: string) => `import { createEngine } from '@arranger/engine'
const engine = await createEngine()
const tremolo = await engine.add('com.acme.tremolo', { rate: 4 })
${body}`

describe('pluginDeclarations', () => {
  it('has the compiler know ids, parameters and ports of plugins that were written elsewhere', () => {
    const body = `await tremolo.connect('audio_out', engine.node('mixer', 'builtin.mixer'), 'audio_in_0')
await tremolo.setParam('rate', 3)
// @ts-expect-error an id with a typo
await engine.add('com.acme.tremlo')
// @ts-expect-error an unknown parameter
await engine.add('com.acme.tremolo', { rat: 4 })
// @ts-expect-error a text for a number
await engine.add('com.acme.tremolo', { rate: '4' })
// @ts-expect-error an unknown port
await tremolo.connect('audio_uot', engine.node('mixer', 'builtin.mixer'), 'audio_in_0')`
    expect(compiled(pluginDeclarations([tremolo]), program(body))).toBe('')
  })

  it('is what makes the difference', () => {
    expect(compiled('export {}', program(''))).toMatch(/program\.ts.*com\.acme\.tremolo/)
    expect(compiled(pluginDeclarations([tremolo]), program('await engine.add("com.acme.tremlo")'))).toMatch(
      /program\.ts\(4,.*com\.acme\.tremlo/,
    )
  })

  it('survives whatever texts a plugin has', () => {
    const nasty = descriptor('test.nasty', {
      doc: 'Ends */ early\nand `goes` on \\',
      ports: [
        port('kind', { doc: '*/ export const x = 1 /*', max: 1, choices: ["it's", '${x}'] }),
        port('class', { ...stereo, doc: '\u2028' }),
      ],
      config_params: [config('mode', 'categorical', ["it's", 'a "b"', '\\', '`']), config('font', 'filepath')],
    })
    const body = `await engine.add('test.nasty', { kind: 1, mode: "it's", font: 'x' })
await engine.add('test.nasty', { mode: 'a "b"' })
await engine.add('test.nasty', { mode: '\\\\' })
// @ts-expect-error a choice that is not there
await engine.add('test.nasty', { mode: 'b' })`
    expect(compiled(pluginDeclarations([nasty, tremolo]), program(body))).toBe('')
  })

  it('lets a config value say how many ports there are, and only then', () => {
    const ports = [
      port('in_0', stereo),
      port('in_1', stereo),
      port('gain_0'),
      port('out', { ...stereo, role: 'output' }),
    ]
    const fixed = descriptor('test.fixed', { ports })
    const sized = descriptor('test.sized', { ports, config_params: [config('count', 'integer')] })
    const body = `const sized = await engine.add('test.sized', { count: 9, gain_8: 1 })
await tremolo.connect('audio_out', sized, 'in_8')
await tremolo.connect('audio_out', sized, 'in_8_R')
// @ts-expect-error these are two
await engine.add('test.fixed', { gain_8: 1 })`
    expect(compiled(pluginDeclarations([fixed, sized, tremolo]), program(body))).toBe('')
  })

  it('is the same whatever the order of the plugins', async () => {
    await using engine = await createEngine()
    const plugins = await engine.listPlugins()
    expect(pluginDeclarations(plugins.toReversed())).toBe(pluginDeclarations(plugins))
  })
})
