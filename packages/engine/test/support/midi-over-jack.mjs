// MIDI through a JACK server of its own, in a process of its own, which also outlives that server: node midi-over-jack.mjs
// <the package's index> <a name for servers>. Prints what was sent and what came of it as JSON.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

const [index = '', name = ''] = process.argv.slice(2)
process.env.JACK_DEFAULT_SERVER = name
process.env.JACK_NO_AUDIO_RESERVATION = '1'
const { createEngine } = await import(index)

async function startServer() {
  const args = ['--no-realtime', '-S', '-n', name, '-d', 'dummy', '-r', '48000', '-p', '64']
  const server = spawn('setpriv', ['--pdeathsig', 'KILL', 'jackd', ...args], { stdio: 'ignore' })
  while (spawnSync('jack_lsp', { stdio: 'ignore' }).status !== 0) {
    if (server.exitCode !== null) throw new Error(`jackd ended with ${server.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return server
}

/** Asks again until the answer fits. @param {() => Promise<any>} question @param {(answer: any) => boolean} fits */
async function until(question, fits) {
  for (let tries = 0; tries < 1500; tries++) {
    const answer = await question()
    if (fits(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`It never came: ${question}`)
}

const port = 'to the synth'
const nodes = [
  { id: 'track', type: 'track_source' },
  { id: 'mixer', type: 'mixer' },
]
const config = { sampleRate: 48000, blockSize: 128, outputDevice: 'none' }
const listener = await createEngine(config)
const sender = await createEngine(config)
await listener.load({ graph: { nodes }, events: [] })
let server = await startServer()
try {
  await sender.midi.openOutput(port, { virtual: true })
  const { inputs } = await listener.midi.list()
  await listener.midi.openInput(inputs.find((/** @type {string} */ input) => input.endsWith(`:${port}`)))
  await listener.midi.record({ whileStopped: true })
  const sent = Array.from({ length: 400 }, (_, i) => [i % 2 ? 0x83 : 0x93, 30 + ((i >> 1) % 90), 1 + ((i * 5) % 127)])
  for (const message of sent) await sender.midi.send(port, message)
  // A port keeps the order: when the controller has come, all before it have.
  const learned = listener.midi.learn('mixer', 'gain_0')
  await until(
    () => sender.midi.send(port, [0xb3, 75, 127]).then(() => listener.midi.list()),
    ({ mappings }) => mappings.length > 0,
  )
  const mapping = await learned
  const played = (await listener.midi.stopRecording()).filter((/** @type {any} */ { type }) => type.startsWith('note'))

  server.kill('SIGKILL')
  await once(server, 'exit')
  const state = (/** @type {boolean} */ connected) => async () =>
    [...(await listener.midi.list()).open, ...(await sender.midi.list()).open].every(
      (open) => open.connected === connected,
    )
  await until(state(false), (all) => all)
  const refused = await sender.midi.send(port, [0x93, 60, 1]).catch((/** @type {any} */ error) => error.code)
  server = await startServer()
  await until(state(true), (all) => all)
  await listener.midi.record({ whileStopped: true })
  await until(
    () => sender.midi.send(port, [0xb3, 75, 0]).then(() => listener.send({ cmd: 'get_graph' })),
    ({ nodes: now }) => now.at(-1).params.gain_0 === 0,
  )
  console.log(JSON.stringify({ sent, played, mapping, refused, lost: (await listener.midi.list()).open[0].lostEvents }))
} finally {
  await listener.close()
  await sender.close()
  server.kill('SIGKILL')
}
