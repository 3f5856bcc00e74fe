// @ts-check
// What one call from JavaScript costs in this process: `handle` with a ping, string in, string out.
//   node packages/engine/bench/ping.mjs [--calls 200000] [--json]
import { parseArgs } from 'node:util'
import { AudioServer } from '../dist/index.js'

/** Microseconds. */
const most = 1.5
/** As many calls between two looks at the clock, whose own cost is then nothing. */
const batch = 20
const { values } = parseArgs({ options: { calls: { type: 'string', default: '200000' }, json: { type: 'boolean' } } })

const server = new AudioServer({ outputDevice: null })
const request = '{"cmd":"ping"}'
const reply = JSON.parse(server.handle(request))
if (reply.status !== 'ok') throw new Error(JSON.stringify(reply))

/** @type {number[]} */
const times = []
const batches = Math.ceil(Number(values.calls) / batch)
for (let at = -batches / 4; at < batches; at++) {
  const began = performance.now()
  for (let call = 0; call < batch; call++) server.handle(request)
  if (at >= 0) times.push(((performance.now() - began) * 1000) / batch)
}
server.close()
times.sort((a, b) => a - b)
const at = (/** @type {number} */ part) => times[Math.floor(times.length * part)] ?? Number.NaN
const result = { median: at(0.5), p99: at(0.99), most, holds: at(0.5) <= most }
if (values.json) console.log(JSON.stringify(result))
else {
  console.log(`ping in process  median ${result.median.toFixed(3)} µs, p99 ${result.p99.toFixed(3)} µs`)
  console.log(`at most ${most} µs: ${result.holds ? 'holds' : 'DOES NOT HOLD'}`)
}
process.exitCode = result.holds ? 0 : 1
