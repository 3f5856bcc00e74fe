// Live playback, through the one method: the playhead, what is played by hand, edits while it plays.
import { describe, expect, it } from 'vitest'
import { ask, chain, eventually, type Json, level, must, position, useServer } from './support/live.ts'

useServer()

describe('the playhead', () => {
  it('stands where it is put, before anything plays', () => {
    must(chain())
    expect(position()).toEqual({ status: 'ok', beat: 0, playing: false, frame: 0, bar: 0, bpm: 120 })
    must({ cmd: 'seek', beat: 9 })
    expect(position()).toMatchObject({ beat: 9, bar: 2, playing: false })
    must({ cmd: 'set_bpm', bpm: 60 })
    expect(position()).toMatchObject({ beat: 9, bpm: 60 })
  })

  it('moves in real time, stops where it is, and is told at once what it was asked', async () => {
    must(chain())
    must({ cmd: 'play' })
    expect(position().playing).toBe(true)
    const { frame, beat } = await eventually(position, ({ beat: now }) => now > 0.1)
    expect(beat).toBeCloseTo(frame / 24000, 1)
    must({ cmd: 'stop' })
    expect(position().playing).toBe(false)
    must({ cmd: 'seek', beat: 40.5 })
    expect(position()).toMatchObject({ beat: 40.5, playing: false })
    const rested = await eventually(position, (now) => now.frame > frame + 4800)
    expect(rested).toMatchObject({ beat: 40.5, playing: false })
  })

  it('goes round in a loop', async () => {
    must(chain())
    must({ cmd: 'set_loop', start: 4, end: 4.25 })
    must({ cmd: 'seek', beat: 4 })
    must({ cmd: 'play' })
    const seen: number[] = []
    await eventually(position, ({ beat, frame }) => seen.push(beat) > 0 && frame > 48000)
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(4)
    expect(Math.max(...seen)).toBeLessThan(4.25)
  })

  it('refuses a loop that ends before it begins, and keeps the one there is', () => {
    must({ cmd: 'set_loop', start: 1, end: 3 })
    expect(ask({ cmd: 'set_loop', start: 4, end: 4 })).toMatchObject({ code: 'out_of_range', path: '/end' })
    expect(must({ cmd: 'get_state' }).state.loop).toEqual({ enabled: true, start: 1, end: 3 })
    must({ cmd: 'set_loop' }) // start = end = 0 switches it off
    expect(must({ cmd: 'get_state' }).state.loop.enabled).toBe(false)
  })

  it('keeps its beat when the tempo changes', async () => {
    must(chain())
    must({ cmd: 'seek', beat: 100 })
    must({ cmd: 'play' })
    await eventually(position, ({ beat }) => beat > 100.05)
    must({ cmd: 'set_bpm', bpm: 30 })
    const { beat } = await eventually(position, ({ bpm }) => bpm === 30)
    expect(beat).toBeGreaterThan(100)
    expect(beat).toBeLessThan(110)
  })

  it('counts bars by the time signatures of the schedule', () => {
    const events = [
      { beat: 0, type: 'time_signature', pitch: 3, velocity: 4 },
      { beat: 6, type: 'time_signature', pitch: 7, velocity: 8 },
    ]
    must({ cmd: 'set_schedule', events })
    must({ cmd: 'seek', beat: 9.5 })
    expect(position().bar).toBe(3)
    const odd = { cmd: 'set_schedule', events: [{ type: 'time_signature', pitch: 3, velocity: 3 }] }
    expect(ask(odd)).toMatchObject({ code: 'out_of_range', path: '/events/0/velocity' })
  })
})

describe('what is played by hand', () => {
  it('sounds at once, whether or not the song plays, until it ends', async () => {
    must(chain())
    must({ cmd: 'note_on', pitch: 69 })
    await eventually(level, (now) => now > 0.1)
    must({ cmd: 'play' })
    must({ cmd: 'stop' })
    must({ cmd: 'seek', beat: 3 })
    await eventually(position, ({ frame }) => frame > 9600)
    expect(level()).toBeGreaterThan(0.1)
    must({ cmd: 'note_off', pitch: 69 })
    await eventually(level, (now) => now < 1e-4)
  })

  it('ends the oldest of two notes of one key first, and all at once when asked', async () => {
    must(chain())
    for (const velocity of [127, 40]) must({ cmd: 'note_on', pitch: 69, velocity })
    await eventually(level, (now) => now > 0.5)
    must({ cmd: 'note_off', pitch: 69 })
    const quiet = await eventually(level, (now) => now < 0.2)
    expect(quiet).toBeGreaterThan(0)
    must({ cmd: 'note_on', pitch: 50 })
    must({ cmd: 'all_notes_off' })
    await eventually(level, (now) => now < 1e-4)
  })

  it('needs a node that takes events', () => {
    expect(ask({ cmd: 'note_on' })).toMatchObject({ code: 'unknown_node', path: '/node_id' })
    must(chain())
    expect(ask({ cmd: 'note_on', node_id: 'trak' })).toMatchObject({ code: 'unknown_node', path: '/node_id' })
    expect(ask({ cmd: 'note_on', node_id: 'mixer' })).toMatchObject({ code: 'type_mismatch', path: '/node_id' })
    expect(ask({ cmd: 'send_event', type: 'tempo' })).toMatchObject({ code: 'out_of_range', path: '/type' })
    expect(ask({ cmd: 'send_event', type: 'program', pitch: 128 })).toMatchObject({
      code: 'out_of_range',
      path: '/pitch',
    })
    expect(must({ cmd: 'list_devices' }).open).toBeUndefined() // what was refused has started nothing
    must({ cmd: 'send_event', type: 'program', pitch: 12, velocity: 128 })
  })
})

describe('edits while it plays', () => {
  it('leave what is the same sounding', async () => {
    must(chain())
    must({ cmd: 'note_on', pitch: 69 })
    await eventually(level, (now) => now > 0.1)
    expect(must(chain({ id: 'more', type: 'builtin.reverb' }))).toMatchObject({
      kept: ['track', 'synth', 'mixer'],
      added: ['more'],
    })
    const { frame } = position()
    await eventually(position, (now) => now.frame > frame + 4800)
    expect(level()).toBeGreaterThan(0.1) // another instance would have no note
    must({ cmd: 'note_off', pitch: 69 })
    await eventually(level, (now) => now < 1e-4)
  })

  it('set parameters, at once, along a line, or when the song comes there', async () => {
    must(chain())
    must({ cmd: 'note_on', pitch: 69, velocity: 127 })
    await eventually(level, (now) => now > 0.4)
    must({ cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 0.1, ramp_ms: 50 })
    await eventually(level, (now) => now > 0 && now < 0.15)
    must({ cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 0.9, at_beat: 0.2 })
    // Stopped: now. Playing: there.
    await eventually(level, (now) => now > 0.6)
    must({ cmd: 'play' })
    must({ cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 0, at_beat: 0.4 })
    await eventually(level, (now) => now < 1e-3)
    expect(position().beat).toBeGreaterThanOrEqual(0.4)
  })

  it('end the notes of a track that no longer reaches who plays them', async () => {
    must(chain())
    must({
      cmd: 'set_schedule',
      events: [
        { beat: 0, type: 'note_on', node_id: 'track', pitch: 60, velocity: 127 },
        { beat: 100, type: 'note_off', node_id: 'track', pitch: 60 },
      ],
    })
    must({ cmd: 'play' })
    must({ cmd: 'note_on', pitch: 69 })
    await eventually(level, (now) => now > 0.5)
    const { connections, ...graph } = chain()
    const change = must({ ...graph, connections: connections.slice(1) })
    expect(change.kept).toEqual(['track', 'synth', 'mixer'])
    await eventually(level, (now) => now < 1e-4)
  })

  it('leave what the schedule has not moved where the client put it', async () => {
    must(chain())
    must({
      cmd: 'set_schedule',
      events: [
        { beat: 0.1, type: 'param', node_id: 'synth', param_id: 'gain', value: 0.01 },
        { beat: 50, type: 'cc', node_id: 'track', pitch: 1, velocity: 1 },
      ],
    })
    must({ cmd: 'note_on', pitch: 69, velocity: 127 })
    await eventually(level, (now) => now > 0.4)
    must({ cmd: 'play' })
    await eventually(level, (now) => now < 0.05)
    must({ cmd: 'set_bpm', bpm: 119 }) // a score of its own
    must({ cmd: 'stop' })
    must({ cmd: 'seek', beat: 0 })
    await eventually(level, (now) => now > 0.4)
  })

  it('are all made or none', () => {
    must(chain())
    const before = [must({ cmd: 'get_graph' }), must({ cmd: 'get_state' }), position()]
    const reply = ask({
      cmd: 'batch',
      commands: [
        { cmd: 'set_bpm', bpm: 77 },
        { cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 0.9 },
        { cmd: 'seek', beat: 4 },
        { cmd: 'set_param', node_id: 'synth', param_id: 'gain', value: 9 },
      ],
    })
    expect(reply).toMatchObject({ status: 'error', code: 'out_of_range', path: '/commands/3/value' })
    expect([must({ cmd: 'get_graph' }), must({ cmd: 'get_state' }), position()]).toEqual(before)
    expect(ask({ cmd: 'batch', commands: [{ cmd: 'render' }] })).toMatchObject({ path: '/commands/0/cmd' })
    expect(ask({ cmd: 'batch', commands: [{ cmd: 'set_gaph' }] })).toMatchObject({ code: 'unknown_command' })
    expect(ask({ cmd: 'batch', commands: [3] })).toMatchObject({ code: 'type_mismatch', path: '/commands/0' })
  })

  it('may be one batch that builds on itself, and come at a frame', async () => {
    const { replies } = must({
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
    expect(must({ cmd: 'get_graph' }).nodes[1].params.gain).toBe(0.25)
    expect(position().beat).toBe(8)
    must({ cmd: 'batch', at_frame: 24000, commands: [{ cmd: 'play' }] })
    const { beat, frame } = await eventually(position, ({ playing }) => playing)
    expect(frame).toBeGreaterThan(24000)
    expect(beat).toBeCloseTo(8 + (frame - 24000) / 24000, 6) // played from frame 24000 exactly
  })

  it('wait for a frame only where they still mean the same then', async () => {
    must(chain())
    must({ cmd: 'note_on', pitch: 69 })
    await eventually(level, (now) => now > 0.1)
    const { frame } = position()
    const later = (at_frame: number, ...commands: Json[]) => ask({ cmd: 'batch', at_frame, commands })
    expect(later(frame + 480000, chain({ id: 'x', type: 'sine' }))).toMatchObject({
      code: 'invalid_request',
      path: '/at_frame',
    })
    expect(later(frame + 1e9, { cmd: 'stop' })).toMatchObject({ code: 'out_of_range', path: '/at_frame' })
    must({ cmd: 'batch', at_frame: frame + 24000, commands: [{ cmd: 'all_notes_off' }] })
    expect(ask(chain({ id: 'x', type: 'sine' }))).toMatchObject({ code: 'busy' })
    expect(must({ cmd: 'get_graph' }).nodes).toHaveLength(3)
    await eventually(position, (now) => now.frame > frame + 24000)
    await eventually(level, (now) => now < 1e-4)
    must(chain({ id: 'x', type: 'sine' }))
  })

  it('put a whole session in place of another', () => {
    must(chain())
    must({ cmd: 'set_schedule', events: [{ beat: 1, type: 'note_on', node_id: 'track', pitch: 61 }] })
    must({ cmd: 'set_loop', start: 0, end: 2 })
    const { state } = must({ cmd: 'get_state' })
    must({ cmd: 'set_graph' })
    must({ cmd: 'set_schedule' })
    must({ cmd: 'set_state', state })
    expect(must({ cmd: 'get_state' }).state).toEqual(state)
    const wrong = { ...state, nodes: [{ id: 'a', type: 'nothing' }] }
    expect(ask({ cmd: 'set_state', state: wrong })).toMatchObject({
      code: 'unknown_plugin',
      path: '/state/nodes/0/type',
    })
    expect(must({ cmd: 'get_state' }).state).toEqual(state)
  })

  it('know parameters by number as long as their node stays', () => {
    must(chain())
    const { handle } = must({ cmd: 'resolve', node_id: 'synth', param_id: 'gain' })
    must({ cmd: 'set_param', handle, value: 0.75 })
    expect(must({ cmd: 'get_graph' }).nodes[1].params.gain).toBe(0.75)
    must(chain())
    must({ cmd: 'set_param', handle, value: 0.5 })
    must({ cmd: 'unload_node', node_id: 'synth' })
    for (const stale of [handle, handle + 1, 2 ** 52])
      expect(ask({ cmd: 'set_param', handle: stale, value: 0.5 })).toMatchObject({
        code: 'out_of_range',
        path: '/handle',
      })
    expect(ask({ cmd: 'set_param', value: 1 })).toMatchObject({ code: 'invalid_request', path: '/node_id' })
  })
})
