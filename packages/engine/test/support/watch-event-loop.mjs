// A process that renders a session and watches its own event loop meanwhile:
//   node watch-event-loop.mjs <package> <session.json> <output>
// Prints {stallMs, pings, slowestPingMs}: the longest delay of a timer, the pings that were answered during the render.
import { setPriority } from 'node:os'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const [, , index = '', session, output] = process.argv
const { createEngine, handle, loadSession } = await import(pathToFileURL(index).href)
const engine = await createEngine()
await engine.load(await loadSession(session))
handle('{"cmd":"ping"}')
putThisThreadFirst()

const resolution = 5
const loop = monitorEventLoopDelay({ resolution })
let running = true
let pings = 0
let slowestPingMs = 0
await delay(50)
loop.enable()
const render = engine.render(output).finally(() => {
  running = false
})
while (running) {
  const start = performance.now()
  const inline = JSON.parse(handle('{"cmd":"ping"}'))
  const reply = await engine.send({ cmd: 'ping' })
  if (inline.status !== 'ok' || reply.status !== 'ok') throw new Error('no answer to a ping')
  if (running) slowestPingMs = Math.max(slowestPingMs, performance.now() - start)
  pings++
  await delay(10)
}
loop.disable()
const { frames, seconds } = await render
await engine.close()
// The histogram counts the whole distance between two ticks of its timer.
console.log(JSON.stringify({ stallMs: loop.max / 1e6 - resolution, pings, slowestPingMs, frames, seconds }))

/**
 * What else a busy machine runs would delay this thread too. Where that is allowed, it goes before all others; the engine's
 * threads, which are there already, do not.
 */
function putThisThreadFirst() {
  try {
    setPriority(0, -20)
  } catch {
    // Not allowed: the caller takes the best of several runs.
  }
}
