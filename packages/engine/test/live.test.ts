// Live playback, through the one method: the playhead, what is played by hand, edits while it plays.
import { describe, expect, it } from 'vitest'
import type { Json } from './support/engine.ts'
import { ask, chain, eventually, level, must, position, useEngine } from './support/live.ts'

useEngine()

describe('the playhead', () => {
  it('stands where it is put, before anything plays', async () => {
    await must(chain())
    expect(await position()).toEqual({ status: 'ok', beat: 0, playing: false, frame: 0, bar: 0, bpm: 120 })
    await must({ cmd: 'seek', beat: 9 })
    expect(await position()).toMatchObject({ beat: 9, bar: 2, playing: false })
    await must({ cmd: 'set_bpm', bpm: 60 })
    expect(await position()).toMatchObject({ beat: 9, bpm: 60 })
  })

  it('moves in real time, stops where it is, and is told at once what it was asked', async () => {
    await must(chain())
    await must({ cmd: 'play' })
    expect((await position()).playing).toBe(true)
    const { frame, beat } = await eventually(position, ({ beat: now }) => now > 0.1)
    expect(beat).toBeCloseTo(frame / 24000, 1)
    await must({ cmd: 'stop' })
    expect((await position()).playing).toBe(false)
    await must({ cmd: 'seek', beat: 40.5 })
    expect(await position()).toMatchObject({ beat: 40.5, playing: false })
    const rested = await eventually(position, (now) => now.frame > frame + 4800)
    expect(rested).toMatchObject({ beat: 40.5, playing: false })
  })

  it('goes round in a loop', async () => {
    await must(chain())
    await must({ cmd: 'set_loop', start: 4, end: 4.25 })
    await must({ cmd: 'seek', beat: 4 })
    await must({ cmd: 'play' })
    const seen: number[] = []
    await eventually(position, ({ beat, frame }) => seen.push(beat) > 0 && frame > 48000)
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(4)
    expect(Math.max(...seen)).toBeLessThan(4.25)
  })

  it('refuses a loop that ends before it begins, and keeps the one there is', async () => {
    await must({ cmd: 'set_loop', start: 1, end: 3 })
    expect(await ask({ cmd: 'set_loop', start: 4, end: 4 })).toMatchObject({ code: 'out_of_range', path: '/end' })
    expect((await must({ cmd: 'get_state' })).state.loop).toEqual({ enabled: true, start: 1, end: 3 })
    await must({ cmd: 'set_loop' }) // start = end = 0 switches it off
    expect((await must({ cmd: 'get_state' })).state.loop.enabled).toBe(false)
  })

  it('keeps its beat when the tempo changes', async () => {
    await must(chain())
    await must({ cmd: 'seek', beat: 100 })
    await must({ cmd: 'play' })
    await eventually(position, ({ beat }) => beat > 100.05)
    await must({ cmd: 'set_bpm', bpm: 30 })
    const { beat } = await eventually(position, ({ bpm }) => bpm === 30)
    expect(beat).toBeGreaterThan(100)
    expect(beat).toBeLessThan(110)
  })

  it('is told at once which tempo it was given, of the song as of a schedule', async () => {
    await must(chain())
    await must({ cmd: 'play' })
    await must({ cmd: 'stop' })
    for (let bpm = 60; bpm < 160; bpm++) {
      await must({ cmd: 'set_bpm', bpm })
      expect((await position()).bpm).toBe(bpm)
    }
    await must({ cmd: 'set_schedule', events: [{ type: 'tempo', value: 33 }] })
    expect((await position()).bpm).toBe(33)
  })

  it('counts bars by the time signatures of the schedule', async () => {
    const events = [
      { beat: 0, type: 'time_signature', pitch: 3, velocity: 4 },
      { beat: 6, type: 'time_signature', pitch: 7, velocity: 8 },
    ]
    await must({ cmd: 'set_schedule', events })
    await must({ cmd: 'seek', beat: 9.5 })
    expect((await position()).bar).toBe(3)
    const odd = { cmd: 'set_schedule', events: [{ type: 'time_signature', pitch: 3, velocity: 3 }] }
    expect(await ask(odd)).toMatchObject({ code: 'out_of_range', path: '/events/0/velocity' })
  })
})

describe('what is played by hand', () => {
  it('sounds at once, whether or not the song plays, until it ends', async () => {
    await must(chain())
    await must({ cmd: 'note_on', pitch: 69 })
    await eventually(level, (now) => now > 0.1)
    await must({ cmd: 'play' })
    await must({ cmd: 'stop' })
    await must({ cmd: 'seek', beat: 3 })
    await eventually(position, ({ frame }) => frame > 9600)
    expect(await level()).toBeGreaterThan(0.1)
    await must({ cmd: 'note_off', pitch: 69 })
    await eventually(level, (now) => now < 1e-4)
  })

  it('ends the oldest of two notes of one key first, and all at once when asked', async () => {
    await must(chain())
    // On one frame, so that their phases are one.
    const commands = [127, 40].map((velocity) => ({ cmd: 'note_on', pitch: 69, velocity }))
    await must({ cmd: 'batch', commands })
    await eventually(level, (now) => now > 0.5)
    await must({ cmd: 'note_off', pitch: 69 })
    const quiet = await eventually(level, (now) => now < 0.2)
    expect(quiet).toBeGreaterThan(0)
    await must({ cmd: 'note_on', pitch: 50 })
    await must({ cmd: 'all_notes_off' })
    await eventually(level, (now) => now < 1e-4)
  })

  it('needs a node that takes events', async () => {
    expect(await ask({ cmd: 'note_on' })).toMatchObject({ code: 'unknown_node', path: '/node_id' })
    await must(chain())
    expect(await ask({ cmd: 'note_on', node_id: 'trak' })).toMatchObject({ code: 'unknown_node', path: '/node_id' })
    expect(await ask({ cmd: 'note_on', node_id: 'mixer' })).toMatchObject({ code: 'type_mismatch', path: '/node_id' })
    expect(await ask({ cmd: 'send_event', type: 'tempo' })).toMatchObject({ code: 'out_of_range', path: '/type' })
    expect(await ask({ cmd: 'send_event', type: 'program', pitch: 128 })).toMatchObject({
      code: 'out_of_range',
      path: '/pitch',
    })
    expect((await must({ cmd: 'list_devices' })).open).toBeUndefined() // what was refused has started nothing
    await must({ cmd: 'send_event', type: 'program', pitch: 12, velocity: 128 })
  })
})

describe('edits while it plays', () => {
  it('leave what is the same sounding', async () => {
    await must(chain())
    await must({ cmd: 'note_on', pitch: 69 })
    await eventually(level, (now) => now > 0.1)
    expect(await must(chain({ id: 'more', type: 'builtin.reverb' }))).toMatchObject({
      kept: ['track', 'synth', 'mixer'],
      added: ['more'],
    })
    const { frame } = await position()
    await eventually(position, (now) => now.frame > frame + 4800)
    expect(await level()).toBeGreaterThan(0.1) // another instance would have no note
    await must({ cmd: 'note_off', pitch: 69 })
    await eventually(level, (now) => now < 1e-4)
  })

  it('set parameters, at once, along a line, or when the song comes there', async () => {
    await must(chain())
    await must({ cmd: 'note_on', pitch: 69, velocity: 127 })
    await eventually(level, (now) => now > 0.4)
    await must({ cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 0.1, ramp_ms: 50 })
    await eventually(level, (now) => now > 0 && now < 0.15)
    await must({ cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 0.9, at_beat: 0.2 })
    // Stopped: now. Playing: there.
    await eventually(level, (now) => now > 0.6)
    await must({ cmd: 'play' })
    await must({ cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 0, at_beat: 0.4 })
    await eventually(level, (now) => now < 1e-3)
    expect((await position()).beat).toBeGreaterThanOrEqual(0.4)
  })

  it('end the notes of a track that no longer reaches who plays them', async () => {
    await must(chain())
    await must({
      cmd: 'set_schedule',
      events: [
        { beat: 0, type: 'note_on', node_id: 'track', pitch: 60, velocity: 127 },
        { beat: 100, type: 'note_off', node_id: 'track', pitch: 60 },
      ],
    })
    await must({ cmd: 'play' })
    await must({ cmd: 'note_on', pitch: 69 })
    await eventually(level, (now) => now > 0.5)
    const { connections, ...graph } = chain()
    const change = await must({ ...graph, connections: connections.slice(1) })
    expect(change.kept).toEqual(['track', 'synth', 'mixer'])
    await eventually(level, (now) => now < 1e-4)
  })

  it('leave what the schedule has not moved where the client put it', async () => {
    await must(chain())
    await must({
      cmd: 'set_schedule',
      events: [
        { beat: 0.1, type: 'param', node_id: 'synth', param_id: 'gain', value: 0.01 },
        { beat: 50, type: 'cc', node_id: 'track', pitch: 1, velocity: 1 },
      ],
    })
    await must({ cmd: 'note_on', pitch: 69, velocity: 127 })
    await eventually(level, (now) => now > 0.4)
    await must({ cmd: 'play' })
    await eventually(level, (now) => now < 0.05)
    await must({ cmd: 'set_bpm', bpm: 119 }) // a score of its own
    await must({ cmd: 'stop' })
    await must({ cmd: 'seek', beat: 0 })
    await eventually(level, (now) => now > 0.4)
  })

  it('are all made or none', async () => {
    await must(chain())
    const before = [await must({ cmd: 'get_graph' }), await must({ cmd: 'get_state' }), await position()]
    const reply = await ask({
      cmd: 'batch',
      commands: [
        { cmd: 'set_bpm', bpm: 77 },
        { cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 0.9 },
        { cmd: 'seek', beat: 4 },
        { cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 9 },
      ],
    })
    expect(reply).toMatchObject({ status: 'error', code: 'out_of_range', path: '/commands/3/value' })
    expect([await must({ cmd: 'get_graph' }), await must({ cmd: 'get_state' }), await position()]).toEqual(before)
    expect(await ask({ cmd: 'batch', commands: [{ cmd: 'render' }] })).toMatchObject({ path: '/commands/0/cmd' })
    expect(await ask({ cmd: 'batch', commands: [{ cmd: 'set_gaph' }] })).toMatchObject({ code: 'unknown_command' })
    expect(await ask({ cmd: 'batch', commands: [3] })).toMatchObject({ code: 'type_mismatch', path: '/commands/0' })
  })

  it('may be one batch that builds on itself, and come at a frame', async () => {
    const { replies } = await must({
      cmd: 'batch',
      commands: [
        chain(),
        { cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 0.25 },
        { cmd: 'seek', beat: 8 },
      ],
    })
    expect(replies).toMatchObject([
      { status: 'ok', added: ['track', 'synth', 'mixer'] },
      { status: 'ok' },
      { status: 'ok' },
    ])
    expect((await must({ cmd: 'get_graph' })).nodes[1].params.gain).toBe(0.25)
    expect((await position()).beat).toBe(8)
    await must({ cmd: 'batch', at_frame: 24000, commands: [{ cmd: 'play' }] })
    const { beat, frame } = await eventually(position, ({ playing }) => playing)
    expect(frame).toBeGreaterThan(24000)
    expect(beat).toBeCloseTo(8 + (frame - 24000) / 24000, 6) // played from frame 24000 exactly
  })

  it('wait for a frame only where they still mean the same then', async () => {
    await must(chain())
    await must({ cmd: 'note_on', pitch: 69 })
    await eventually(level, (now) => now > 0.1)
    const { frame } = await position()
    const later = (at_frame: number, ...commands: Json[]) => ask({ cmd: 'batch', at_frame, commands })
    expect(await later(frame + 480000, chain({ id: 'x', type: 'sine' }))).toMatchObject({
      code: 'invalid_request',
      path: '/at_frame',
    })
    expect(await later(frame + 1e9, { cmd: 'stop' })).toMatchObject({ code: 'out_of_range', path: '/at_frame' })
    await must({ cmd: 'batch', at_frame: frame + 24000, commands: [{ cmd: 'all_notes_off' }] })
    expect(await ask(chain({ id: 'x', type: 'sine' }))).toMatchObject({ code: 'busy' })
    expect((await must({ cmd: 'get_graph' })).nodes).toHaveLength(3)
    await eventually(position, (now) => now.frame > frame + 24000)
    await eventually(level, (now) => now < 1e-4)
    await must(chain({ id: 'x', type: 'sine' }))
  })

  it('put a whole session in place of another', async () => {
    await must(chain())
    await must({ cmd: 'set_schedule', events: [{ beat: 1, type: 'note_on', node_id: 'track', pitch: 61 }] })
    await must({ cmd: 'set_loop', start: 0, end: 2 })
    const { state } = await must({ cmd: 'get_state' })
    await must({ cmd: 'set_graph' })
    await must({ cmd: 'set_schedule' })
    await must({ cmd: 'set_state', state })
    expect((await must({ cmd: 'get_state' })).state).toEqual(state)
    const wrong = { ...state, nodes: [{ id: 'a', type: 'nothing' }] }
    expect(await ask({ cmd: 'set_state', state: wrong })).toMatchObject({
      code: 'unknown_plugin',
      path: '/state/nodes/0/type',
    })
    expect((await must({ cmd: 'get_state' })).state).toEqual(state)
  })

  it('know parameters by number as long as their node stays', async () => {
    await must(chain())
    const { handle } = await must({ cmd: 'resolve', node_id: 'synth', param_id: 'gain' })
    await must({ cmd: 'set_param', handle, value: 0.75 })
    expect((await must({ cmd: 'get_graph' })).nodes[1].params.gain).toBe(0.75)
    await must(chain())
    await must({ cmd: 'set_param', handle, value: 0.5 })
    await must({ cmd: 'unload_node', node_id: 'synth' })
    for (const stale of [handle, handle + 1, 2 ** 52])
      expect(await ask({ cmd: 'set_param', handle: stale, value: 0.5 })).toMatchObject({
        code: 'out_of_range',
        path: '/handle',
      })
    expect(await ask({ cmd: 'set_param', value: 1 })).toMatchObject({ code: 'invalid_request', path: '/node_id' })
  })
})
