// @ts-check
// A process that renders a song: node render-song.mjs <song.mid> <soundfont> <output> <sample rate> <tail seconds>
// Prints the processor's seconds of the rendering alone.
import { createEngine, importMidi } from '../dist/index.js'

const [, , song, soundfont, output, sampleRate, tailSeconds] =
  /** @type {[string, string, string, string, string, string, string]} */ (process.argv)
const engine = await createEngine({ sampleRate: Number(sampleRate) })
await engine.load(await importMidi(song, { soundfont }))
const before = process.cpuUsage()
await engine.render(output, { tailSeconds: Number(tailSeconds) })
const { user, system } = process.cpuUsage(before)
await engine.close()
console.log((user + system) / 1e6)
