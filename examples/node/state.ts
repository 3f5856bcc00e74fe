// What is kept: a song as a session document, the engine's session as get_state says it, and a node of it.
import { createEngine, loadSession, Song, saveSession } from '@arranger/engine'

const notes = [48, 55, 60].map((pitch, beat) => ({ beat, pitch, length: 1 }))
await saveSession('song.json', new Song({ title: 'Kept', bpm: 96, tracks: [{ id: 'keys', notes }] }))
const song = await loadSession('song.json')

await using engine = await createEngine({ outputDevice: 'none' })
await engine.load(song)
const echo = await engine.add('builtin.delay', { sync: 1, beats: 0.75 })

// One node: its parameters, the version of the plugin that they are of, and what it remembers beside them.
const { node } = await engine.send({ cmd: 'get_state', node_id: echo.id })
console.log(JSON.stringify(node))
await echo.setParam('beats', 0.5)
if (node) await engine.send({ cmd: 'set_state', node_id: echo.id, node })

// All: graph, parameters, plugin states, schedule, loop. Another engine plays the same.
const { state } = await engine.send({ cmd: 'get_state' })
await using other = await createEngine({ outputDevice: 'none' })
if (state) await other.send({ cmd: 'set_state', state })
const [one, two] = await Promise.all([engine.render(), other.render()])
if (one.hash !== two.hash) throw new Error('the copy plays something else')
console.log(`both engines: ${one.hash}`)
