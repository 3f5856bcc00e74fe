// A process in which clients send their commands to one engine that plays, each waiting for its own replies, and that
// prints what came of it: node storm.mjs <index.js> <commands>. The commands are lines of `arranger-storm --print`.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [, , index = '', path = ''] = process.argv
const { AudioServer } = await import(pathToFileURL(index).href)
const server = new AudioServer({ sampleRate: 48000, blockSize: 64 })
const ask = (request) => JSON.parse(server.handle(JSON.stringify(request)))

const sections = readFileSync(path, 'utf8').split(/^(?:storm|calm)\n/m)
const [prelude = [], storm = [], [calm = '', ...settled] = []] = sections.map((text) => text.trimEnd().split('\n'))
const requestIn = (line) => line.slice(2)
const calmGraph = requestIn(calm)

const tally = { sent: 0, ok: 0, busy: 0, explained: 0, wrong: [], events: 0 }
const own = []
server.onEvent(() => tally.events++)

/** Judges a reply; false when it is to be sent again: a note that is not ended would sound for ever, and the storm calms. */
function judge(client, text, reply) {
  tally.sent++
  if (reply.status === 'ok') {
    tally.ok++
    const request = text.startsWith('{"cmd":"set_param"') ? JSON.parse(text) : {}
    if (request.node_id === `own_${client}`) own[client] = request.value
  } else if (reply.code === 'busy') {
    tally.busy++
    return !text.startsWith('{"cmd":"note_off"') && text !== calmGraph
  } else if (['unknown_node', 'unknown_plugin'].includes(reply.code)) tally.explained++
  else tally.wrong.push(`${text} -> ${JSON.stringify(reply)}`)
  return true
}

// Some at a time, so that a busy machine's slow turns between threads do not make it hours.
async function send(client, texts) {
  for (let at = 0; at < texts.length; at += 16) {
    let unsent = texts.slice(at, at + 16)
    while (unsent.length > 0) {
      const replies = await Promise.all(unsent.map((text) => server.handleAsync(text)))
      unsent = unsent.filter((text, i) => !judge(client, text, JSON.parse(replies[i])))
    }
  }
}

async function sendAll(lines) {
  const clients = [[], [], [], []]
  for (const line of lines) clients[Number(line[0])].push(requestIn(line))
  await Promise.all(clients.map((texts, client) => send(client, texts)))
}
// One by one: a render runs beside what comes after it, and a graph needs its file.
for (const line of prelude) await send(0, [requestIn(line)])
await sendAll(storm)
await send(0, [calmGraph])
await sendAll(settled)

/** Asks until it is so, for at most a minute. */
async function eventually(question, what) {
  for (const end = Date.now() + 60_000; !question(); ) {
    if (Date.now() > end) return tally.wrong.push(what)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
const shown = (node_id, port_id) => ask({ cmd: 'get_node_data', node_id, port_id, source: 'live' }).value
const { nodes } = ask({ cmd: 'get_graph' })
for (const [client, value] of own.entries()) {
  const id = `own_${client}`
  const inGraph = nodes.find((node) => node.id === id).params.control_in
  if (inGraph !== value) tally.wrong.push(`${id} was set to ${value} but get_graph says ${inGraph}`)
  await eventually(() => Math.fround(shown(id, 'latest')) === Math.fround(value), `${id} does not play with ${value}`)
}
ask({ cmd: 'stop' })
await eventually(() => shown('mixer', 'level_l') < 1e-6, 'every note was ended but something sounds')
const stats = ask({ cmd: 'get_stats' })
server.close()
console.log(JSON.stringify({ ...tally, parameters: own.length, stats }))
