// @ts-check
// A round trip to arranger-server against one to a bare echo server in C: the same request of 60 bytes, in turn.
//   node packages/engine/bench/server.mjs [--rounds 200] [--json]
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** How many times an echo a round trip may take. */
const most = 2
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' }, json: { type: 'boolean' } } })
const bin = fileURLToPath(new URL('../../../build/release/bin/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'arranger-bench-'))

/** A server that listens. @param {string} program @param {string[]} args */
async function start(program, args) {
  const server = spawn(join(bin, program), args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(server.stdout, 'data')
  return server
}

const echoAddress = join(folder, 'echo.sock')
const serverAddress = join(folder, 'server.sock')
const servers = [
  await start('arranger-echo', [echoAddress]),
  await start('arranger-server', ['--address', serverAddress, '--device', 'none']),
]
try {
  const args = [echoAddress, serverAddress, values.rounds]
  const lines = execFileSync(join(bin, 'arranger-round-trip'), args, { encoding: 'utf8' }).trim().split('\n')
  const [echo, server] = lines.map((line) => {
    const [median = Number.NaN, p99 = Number.NaN] = line.split(' ').map(Number)
    return { median, p99 }
  })
  if (!echo || !server) throw new Error(`Expected two lines but received ${lines}`)
  const ratio = server.median / echo.median
  const result = { echo, server, ratio: { median: ratio, p99: server.p99 / echo.p99 }, most, holds: ratio <= most }
  const line = (/** @type {{ median: number, p99: number }} */ { median, p99 }) =>
    `median ${median.toFixed(2)} µs, p99 ${p99.toFixed(2)} µs`
  if (values.json) console.log(JSON.stringify(result))
  else {
    console.log(`echo in C        ${line(echo)}`)
    console.log(`arranger-server  ${line(server)}`)
    console.log(`ratio            ${ratio.toFixed(3)} (at most ${most}): ${result.holds ? 'holds' : 'DOES NOT HOLD'}`)
  }
  process.exitCode = result.holds ? 0 : 1
} finally {
  for (const server of servers) server.kill()
  rmSync(folder, { recursive: true })
}
