// @ts-check
// What a million events cost: to load, and to render with, against the same sounding notes alone.
// A message holds 64 MiB at most, so names are short here.
//   node packages/engine/bench/schedule.mjs [events = 1000000] [minutes = 10]
import { AudioServer } from '../dist/index.js'

const events = Number(process.argv[2] ?? 1_000_000)
const minutes = Number(process.argv[3] ?? 10)
const beats = minutes * 120

const graph = {
  cmd: 'set_graph',
  bpm: 120,
  nodes: [
    { id: 't', type: 'track_source' },
    { id: 'synth', type: 'builtin.synth' },
    { id: 'reverb', type: 'builtin.reverb' },
    { id: 'mixer', type: 'mixer' },
    { id: 'u', type: 'track_source' },
    { id: 'c', type: 'control_source' },
  ],
  connections: [
    { from_node: 't', from_port: 'events_out', to_node: 'synth', to_port: 'events_in' },
    { from_node: 'synth', from_port: 'audio_out', to_node: 'reverb', to_port: 'audio_in' },
    { from_node: 'reverb', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
  ],
}

/** Two chords of four notes a beat. */
function notes() {
  const out = []
  for (let step = 0; step < beats * 2; step++)
    for (const pitch of [48, 55, 60, 64]) {
      const beat = step / 2
      out.push({ beat, type: 'note_on', node_id: 't', pitch: pitch + (step % 5), velocity: 80 })
      out.push({ beat: beat + 0.45, type: 'note_off', node_id: 't', pitch: pitch + (step % 5) })
    }
  return out
}

/** As many more as it takes: events of the kind that sounds nothing, each at a place of its own. */
const fillers = {
  'for a node that is not there': (/** @type {number} */ i) => ({ type: 'cc', node_id: 'x', pitch: i % 120 }),
  'to a control source that nothing hears': (/** @type {number} */ i) => ({
    type: 'control',
    node_id: 'c',
    value: (i % 100) / 100,
  }),
  'on a track that feeds nothing': (/** @type {number} */ i) => ({ type: 'pressure', node_id: 'u', pitch: i % 128 }),
}

/** @param {AudioServer} server @param {object} request */
function ask(server, request) {
  const reply = JSON.parse(server.handle(JSON.stringify(request)))
  if (reply.status !== 'ok') throw new Error(`${reply.code}: ${reply.message}`)
  return reply
}

/** Processor seconds, so that what else runs here counts less. @param {() => void} work */
function cost(work) {
  const { user, system } = process.cpuUsage()
  const began = performance.now()
  work()
  const used = process.cpuUsage()
  return { cpu: (used.user - user + used.system - system) / 1e6, wall: (performance.now() - began) / 1000 }
}

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const render = { cmd: 'render', format: 'raw_f32', path: '/dev/null', duration_beats: beats, tail_seconds: 0 }

const sounding = notes()
const plain = { cmd: 'set_schedule', events: sounding }
console.log(`${sounding.length} events that sound, ${events} in all, ${minutes} minutes at 44.1 kHz`)
for (const [name, filler] of Object.entries(fillers)) {
  const more = Array.from({ length: events - sounding.length }, (_, i) => ({
    beat: (i * beats) / events,
    ...filler(i),
  }))
  const text = JSON.stringify({ cmd: 'set_schedule', events: [...sounding, ...more] })
  const minimal = new AudioServer({ sampleRate: 44100 })
  const full = new AudioServer({ sampleRate: 44100 })
  for (const server of [minimal, full]) ask(server, graph)
  ask(minimal, plain)
  const loads = [0, 1, 2].map(() => {
    let reply = ''
    const { wall } = cost(() => {
      reply = full.handle(text)
    })
    if (JSON.parse(reply).events !== events) throw new Error(`Not loaded: ${reply.slice(0, 300)}`)
    return wall
  })
  const ratios = []
  const hashes = ['', '']
  for (let round = 0; round < 3; round++) {
    const costs = [minimal, full].map((server, i) =>
      cost(() => {
        hashes[i] = ask(server, render).hash
      }),
    )
    ratios.push((costs[1]?.cpu ?? 0) / (costs[0]?.cpu ?? 1))
  }
  if (hashes[0] !== hashes[1]) throw new Error(`The two renders differ: ${hashes}`)
  console.log(
    `${name}: ${(text.length / 1e6).toFixed(0)} MB of JSON loaded in ${median(loads).toFixed(2)} s, render ${median(ratios).toFixed(3)} x the minimal one, same samples`,
  )
  minimal.close()
  full.close()
}
