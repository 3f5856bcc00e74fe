// @ts-check
// The calls of W5 in a process of their own, as one line of JSON. Microseconds of the clock for small calls, in batches whose
// median a busy machine does not move; milliseconds of the processor for large ones.
import { open } from '../engines/arranger.mjs'
import { chainRequests, largeGraphRequest } from '../engines/arranger-requests.mjs'
import { processorTime } from '../lib/measured.mjs'
import { control } from '../workloads.mjs'

const batch = 20
const batches = 10_000

/** @param {() => void} call @returns {{ p50: number, p99: number }} */
function times(call) {
  /** @type {number[]} */
  const out = []
  for (let at = -batches / 4; at < batches; at++) {
    const began = performance.now()
    for (let one = 0; one < batch; one++) call()
    if (at >= 0) out.push(((performance.now() - began) * 1000) / batch)
  }
  out.sort((a, b) => a - b)
  const part = (/** @type {number} */ share) => out[Math.floor(share * out.length)] ?? Number.NaN
  return { p50: part(0.5), p99: part(0.99) }
}

const { server, ask, plugins: pluginsOf } = await open()
const plugins = pluginsOf()
const [graph] = chainRequests({ nodes: 100, seconds: 1 }, plugins)
if (graph) ask(graph)
const param = plugins.has('builtin.gain') ? 'gain' : 'gain_db'
let turn = 0
const checked = (/** @type {object} */ request) => {
  if (JSON.parse(server.handle(JSON.stringify(request))).status !== 'ok') throw new Error(JSON.stringify(request))
}
const ping = times(() => checked({ cmd: 'ping' }))
const setParam = times(() => checked({ cmd: 'set_param', node_id: control.node, param_id: param, value: ++turn % 2 }))

/** The fast path for one number, where it is there. */
function numbers() {
  const fast =
    /** @type {{ prepare?: (request: string) => number, send?: (number: number, value: number) => void }} */ (
      /** @type {unknown} */ (server)
    )
  if (!fast.prepare || !fast.send) return undefined
  const number = fast.prepare(JSON.stringify({ cmd: 'set_param', node_id: control.node, param_id: param }))
  return times(() => fast.send?.(number, ++turn % 2)).p50
}
const send = numbers()

const large = JSON.stringify(largeGraphRequest(plugins))
const milliseconds = async (/** @type {() => unknown} */ action) => 1000 * (await processorTime(action)).cpu
const refused = `${large.slice(0, -1)},"no_such_field":1}`
const parses = []
for (let at = 0; at < 20; at++)
  parses.push(
    await milliseconds(() => {
      if (!server.handle(refused).includes('no_such_field')) throw new Error('it was not refused')
    }),
  )
const handled = (/** @type {string} */ text) =>
  milliseconds(() => {
    const reply = server.handle(text)
    if (!reply.startsWith('{"status":"ok"')) throw new Error(reply.slice(0, 300))
  })
const setGraph = await handled(large)
const setGraphAgain = await handled(large)

const [many] = chainRequests({ nodes: 10_000, seconds: 1 }, plugins)
if (many) ask(many)
const nodes = /** @type {{ id: string, params?: object }[]} */ (many?.nodes)
const changed = nodes.map((node) => (node.id === control.node ? { ...node, params: { [param]: 0.25 } } : node))
const oneChanged = await handled(JSON.stringify({ ...many, nodes: changed }))
server.close()
process.stdout.write(
  `${JSON.stringify({
    ...{ ping: ping.p50, pingWorst: ping.p99, setParam: setParam.p50, setParamWorst: setParam.p99, send },
    ...{ parse: Math.min(...parses), setGraph, setGraphAgain, oneChanged },
  })}\n`,
)
