// node hot-reload.js build/tremolo.so: every build of the library is taken over while it plays.
import { appendFile, copyFile } from 'node:fs/promises'
import { createEngine } from '@arranger/engine'

const [, , build = 'tremolo.so'] = process.argv
await copyFile(build, 'plugin.so')

await using engine = await createEngine({ outputDevice: 'none' })
const { pluginIds } = await engine.loadPluginLibrary('plugin.so')
const noise = await engine.add('builtin.noise')
const plugin = await engine.addUntyped(pluginIds[0] as string, { depth: 0.8 })
await noise.connect('audio_out', plugin, 'audio_in')
await plugin.connect('audio_out', engine.node('mixer', 'builtin.mixer'), 'audio_in_0')
await engine.play()

const reloaded = engine.events('library_reloaded').next() // the next one from now on
await using _watch = await engine.watchPluginLibrary('plugin.so', {
  onFailed: ({ code, message }) => console.warn(`${code}: ${message}`), // the build before plays on
})
await appendFile('plugin.so', '\n') // to the engine this is another build
console.log(`generation ${(await reloaded).value?.generation} plays`)

// By hand it says what each node took over.
await appendFile('plugin.so', '\n')
const { nodes } = await engine.reloadPluginLibrary('plugin.so')
for (const { nodeId, kept, snapshot } of nodes)
  console.log(`${nodeId} kept ${kept.join(', ')}; what sounds: ${snapshot}`)
