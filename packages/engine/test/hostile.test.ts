// Texts that are meant to do harm: what JSON forbids, what it leaves open, and what only takes long.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JsonEngine, needs } from './support/engine.ts'
import { temporaryFolder } from './support/folder.ts'

const folder = temporaryFolder()
let engine: JsonEngine
beforeEach(async () => {
  engine = await JsonEngine.open()
})
afterEach(() => engine.close())

const send = async (text: string) => JSON.parse(await engine.handle(text))
const ask = (request: object) => send(JSON.stringify(request))
const bpm = (text: string) => `{"cmd":"set_bpm","bpm":${text}}`
const node = (id: string) => `{"cmd":"unload_node","node_id":"${id}"}`
const mixer = { id: 'mixer', type: 'mixer' }

describe('what is not JSON', () => {
  it.each([
    ...['NaN', 'Infinity', '+1', '.5', '1.', '01', '0x10', '1e', '--1', '1_0', "'90'", 'undefined', '// 90'].map(bpm),
    ...['\\x41', '\\u12', '\\', 'tab\there', 'line\nend', 'nul\u0000here'].map(node),
    ...['{"cmd":"ping",}', "{'cmd':'ping'}", '{"cmd":"ping"} {"cmd":"ping"}', '{"cmd":"ping"}\u0000', '{"cmd":"ping"'],
    ...['/**/{"cmd":"ping"}', '{cmd:"ping"}', ' ', '\u0000', '"', '[', '}', ','],
  ])('is refused: %j', async (text) => {
    expect(await send(text)).toMatchObject({ status: 'error', code: 'invalid_json' })
  })

  it.each(['\\ud800', '\\udc00', '\\udfb5\\ud83c', '\\ud83c\\ud83c'])(
    'is half of a surrogate pair: %s',
    async (text) => {
      expect(await send(node(text))).toMatchObject({ status: 'error', code: 'invalid_json' })
      expect((await send(node('\\ud83c\\udfb5'))).message).toContain('🎵')
    },
  )
})

describe('numbers', () => {
  it('beyond what a double holds are no numbers', async () => {
    for (const text of ['1e400', '-1e400', `1${'0'.repeat(400)}`])
      expect(await send(bpm(text)), text).toMatchObject({ status: 'error', code: 'invalid_json' })
  })

  it('of any spelling are the numbers that they are', async () => {
    for (const text of ['90', '9e1', '9E+1', '900e-1', '90.000', `90.${'0'.repeat(500)}1`]) {
      expect(await send(bpm(text)), text).toEqual({ status: 'ok' })
      expect((await ask({ cmd: 'get_graph' })).bpm).toBe(90)
    }
    for (const text of ['-0', '0e5', '1e-400', '5e-324', '18446744073709551616', '-9223372036854775809', '1e308'])
      expect(await send(bpm(text)), text).toMatchObject({ status: 'error', code: 'out_of_range', path: '/bpm' })
  })

  it('that must be whole are whole, and not beyond what a double counts', async () => {
    const at = (channel: string) =>
      send(`{"cmd":"set_schedule","events":[{"type":"tempo","value":9,"channel":${channel}}]}`)
    for (const whole of ['3', '3.0', '3e0', '30e-1', '-0'])
      expect(await at(whole), whole).toMatchObject({ status: 'ok' })
    for (const broken of ['3.5', '3.0000001', '-0.5'])
      expect(await at(broken), broken).toMatchObject({ code: 'type_mismatch', path: '/events/0/channel' })
    for (const large of ['9007199254740993', '4294967299', '1e30', '-1'])
      expect(await at(large), large).toMatchObject({ code: 'out_of_range', path: '/events/0/channel' })
  })
})

describe('fields', () => {
  it.each([
    ['{"cmd":"ping","cmd":"describe"}', '/cmd'],
    ['{"cmd":"ping","cmd":"ping"}', '/cmd'],
    ['{"cmd":"ping","id":1,"id":1}', '/id'],
    ['{"cmd":"ping","id":1,"\\u0069d":2}', '/id'],
    ['{"cmd":"set_graph","nodes":[{"id":"a","type":"sine","type":"mixer"}]}', '/nodes/0/type'],
    ['{"cmd":"set_graph","connections":[{"map":{"min":0,"min":1}}]}', '/connections/0/map/min'],
    [
      '{"cmd":"set_graph","nodes":[{"id":"a","type":"mixer","params":{"a/b~c":1,"a/b~c":1}}]}',
      '/nodes/0/params/a~1b~0c',
    ],
  ])('that are given twice are refused: %s', async (text, path) => {
    expect(await send(text)).toMatchObject({ status: 'error', code: 'invalid_request', path })
  })

  it.each([
    ['', '/'],
    ['a/b~c', '/a~1b~0c'],
    ['~1', '/~01'],
    ['__proto__', '/__proto__'],
    ['constructor', '/constructor'],
    ['\u0000', '/\u0000'],
    ['CMD', '/CMD'],
    ['🎵', '/🎵'],
  ])('of odd names are refused where they stand: %j', async (name, path) => {
    const error = await send(`{"cmd":"set_bpm","bpm":90,${JSON.stringify(name)}:1}`)
    expect(error).toMatchObject({ status: 'error', code: 'invalid_request', path })
  })

  it.each([
    [{ cmd: 'set_bpm', bmp: 90 }, "'bpm'"],
    [{ cmd: 'set_bpm', BPM: 90 }, "'bpm'"],
    [{ cmd: 'set_grahp' }, "'set_graph'"],
    [{ cmd: 'set_graph', conections: [] }, "'connections'"],
    [{ cmd: 'set_graph', nodes: [{ id: 'a', type: 'mixr' }] }, "'mixer'"],
    [{ cmd: 'set_graph', nodes: [{ id: 'a', type: 'builtin.mixr' }] }, "'builtin.mixer'"],
    [{ cmd: 'set_schedule', events: [{ type: 'note-on' }] }, "'note_on'"],
    [{ cmd: 'set_schedule', events: [{ type: 'note_on', nod_id: 'a' }] }, "'node_id'"],
    [{ cmd: 'render', format: 'wave' }, "'wav'"],
  ])('that are misspelled are told the nearest: %j', async (request, nearest) => {
    expect((await ask(request)).message).toContain(`nearest is ${nearest}`)
  })

  it('with a NUL are refused wherever text goes on to a plugin or a file', async () => {
    const text = 'a\u0000b'
    const nodes = (more: object) => ({ cmd: 'set_graph', nodes: [mixer, { id: 'piano', type: 'fluidsynth', ...more }] })
    for (const [request, path] of [
      [nodes({ id: text }), '/nodes/1/id'],
      [nodes({ sf2_path: text }), '/nodes/1/sf2_path'],
      [nodes({ params: { sf2_path: text } }), '/nodes/1/params/sf2_path'],
      [{ cmd: 'load_plugin', path: text }, '/path'],
      [{ cmd: 'load_sf2', path: text }, '/path'],
      [{ cmd: 'render', path: text }, '/path'],
    ] as const)
      expect(await ask(request), path).toMatchObject({ status: 'error', code: 'invalid_request', path })
  })

  it('beside params are named where they stand', needs('files', 'fluidsynth'), async () => {
    const bad = join(folder, 'bad.sf2')
    writeFileSync(bad, 'RIFF')
    const nodes = (sf2_path: string) => ({
      cmd: 'set_graph',
      nodes: [mixer, { id: 'piano', type: 'fluidsynth', sf2_path }],
    })
    expect(await ask(nodes(join(folder, 'none.sf2')))).toMatchObject({ code: 'io_error', path: '/nodes/1/sf2_path' })
    expect(await ask(nodes(bad))).toMatchObject({ code: 'plugin_failed', path: '/nodes/1/sf2_path' })
    const { warnings } = await ask({ cmd: 'set_graph', nodes: [{ ...mixer, channel_count: 2.6 }] })
    expect(warnings).toMatchObject([{ code: 'out_of_range', path: '/nodes/0/channel_count' }])
  })
})

describe('ids of nodes', () => {
  it('may hold anything but nothing', async () => {
    const ids = ['a/b~c', '~', '/', '🎵', ' ', '__proto__', '"', '\\', '\n', 'x'.repeat(1000)]
    const nodes = [mixer, ...ids.map((id) => ({ id, type: 'sine' }))]
    expect((await ask({ cmd: 'set_graph', nodes })).added).toEqual(['mixer', ...ids])
    for (const id of ids)
      expect(await ask({ cmd: 'set_param', node_id: id, param_id: 'gain', value: 0.5 })).toEqual({ status: 'ok' })
    expect((await ask({ cmd: 'get_graph' })).nodes.map((one: { id: string }) => one.id)).toEqual(['mixer', ...ids])
    const empty = await ask({ cmd: 'set_graph', nodes: [{ id: '', type: 'mixer' }] })
    expect(empty).toMatchObject({ status: 'error', code: 'invalid_request', path: '/nodes/0/id' })
  })
})

describe('nesting', () => {
  const ping = (depth: number) => `{"cmd":"ping","id":${'['.repeat(depth)}${']'.repeat(depth)}}`

  it('of a thousand levels is read and repeated, of more is refused, of millions as well', async () => {
    expect(await engine.handle(ping(1000))).toContain(`"id":${'['.repeat(1000)}`)
    for (const depth of [1024, 2_000_000])
      expect(await send(ping(depth)), String(depth)).toMatchObject({ status: 'error', code: 'invalid_json' })
    for (const open of ['['.repeat(2_000_000), '{"a":'.repeat(1_000_000)])
      expect(await send(open)).toMatchObject({ status: 'error', code: 'invalid_json' })
    expect((await ask({ cmd: 'ping' })).status).toBe('ok')
  })
})

describe('size', () => {
  const limit = 2 ** 26
  const padded = (size: number) => `{"cmd":"ping"${' '.repeat(size - 14)}}`

  it('is at most 64 MiB', async () => {
    expect((await send(padded(limit))).status).toBe('ok')
    expect(await send(padded(limit + 1))).toMatchObject({ status: 'error', code: 'message_too_large' })
    // In bytes, not in characters.
    expect(await send(`{"cmd":"ping","id":"${'é'.repeat(limit / 2)}"}`)).toMatchObject({ code: 'message_too_large' })
  })

  it('of a name does not become the size of a reply', async () => {
    const name = 'ä~'.repeat(500_000)
    for (const request of [
      { cmd: name },
      { cmd: 'ping', [name]: 1 },
      { cmd: 'set_param', node_id: name, param_id: 'gain', value: 0 },
      { cmd: 'set_graph', nodes: [{ ...mixer, type: name }] },
      { cmd: 'load_plugin', path: name },
    ]) {
      const reply = await ask(request)
      expect(reply.status).toBe('error')
      expect(reply.message).toMatch(/ä~/)
      expect(reply.message).not.toContain('\ufffd')
      expect(JSON.stringify(reply).length).toBeLessThan(2000)
    }
  })
})
