// @ts-check
// A server of its own with so many clients, each of which asks and waits for the answer over and over. Linux.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../lib/paths.mjs'

const ticksPerSecond = 100

/** @param {number} pid */
function usageOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const resident = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s*(\d+) kB/m)
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentBytes: 1024 * Number(resident?.[1]),
  }
}

/** @param {string} text */
function framed(text) {
  const head = Buffer.alloc(4)
  head.writeUInt32LE(Buffer.byteLength(text))
  return Buffer.concat([head, Buffer.from(text)])
}

const request = framed('{"cmd":"set_param","node_id":"sine","param_id":"gain","value":0.5}')
const graph = framed('{"cmd":"set_graph","nodes":[{"id":"sine","type":"sine"},{"id":"mixer","type":"mixer"}]}')

/** Sends a message and waits for the whole reply, which is not looked into. @param {import('node:net').Socket} socket @param {Buffer} message */
function ask(socket, message) {
  return new Promise((done) => {
    let bytes = 0
    let wanted = Number.POSITIVE_INFINITY
    const take = (/** @type {Buffer} */ chunk) => {
      if (bytes === 0 && chunk.length >= 4) wanted = 4 + chunk.readUInt32LE()
      bytes += chunk.length
      if (bytes < wanted) return
      socket.off('data', take)
      done(undefined)
    }
    socket.on('data', take)
    socket.write(message)
  })
}

/** @param {number} count @param {number} each requests of each client */
export async function clients(count, each) {
  const folder = mkdtempSync(join(tmpdir(), 'arranger-bench-'))
  const address = join(folder, 'server.sock')
  const program = join(root, 'build/release/bin/arranger-server')
  const server = spawn(program, ['--address', address, '--device', 'none'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await once(server.stdout, 'data')
    const sockets = Array.from({ length: Math.max(1, count) }, () => connect(address))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    for (const socket of sockets.slice(0, 1)) await ask(socket, graph)
    await Promise.all(
      sockets.map(async (socket) => {
        for (let at = 0; at < each; at++) await ask(socket, request)
      }),
    )
    const usage = usageOf(/** @type {number} */ (server.pid))
    for (const socket of sockets) socket.destroy()
    return { ...usage, requests: count * each }
  } finally {
    server.kill()
    rmSync(folder, { recursive: true })
  }
}
