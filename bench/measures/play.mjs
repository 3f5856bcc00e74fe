// @ts-check
// One stretch of live playback in a process of its own, as one line of JSON.
//   node bench/measures/play.mjs '{"kind":"song","blockSize":128,"seconds":10}'
import { setTimeout } from 'node:timers/promises'
import { open } from '../engines/arranger.mjs'
import { sineNodeRequests, songRequests } from '../engines/arranger-requests.mjs'

/** @type {{ kind: 'song' | 'nodes' | 'stopped' | 'silent', nodes?: number, blockSize: number, seconds: number }} */
const { kind, nodes = 1, blockSize, seconds } = JSON.parse(process.argv[2] ?? '{}')
const { server, ask, plugins: pluginsOf } = await open({ blockSize })
const plugins = pluginsOf()
const requests =
  kind === 'nodes' ? sineNodeRequests({ voices: nodes, seconds }) : songRequests({ seconds: seconds + 3 }, plugins)
const [graph, schedule] = requests
if (graph) ask(graph)
if (schedule && (kind === 'nodes' || kind === 'song')) ask(schedule)
ask({ cmd: 'play' })
if (kind === 'stopped') ask({ cmd: 'stop' })
// The first second is for what happens once.
await setTimeout(1000)
const before = process.cpuUsage()
const began = performance.now()
const { xruns: earlier } = ask({ cmd: 'get_stats' })
await setTimeout(1000 * seconds)
const { user, system } = process.cpuUsage(before)
const { load, p99_us, max_us, xruns } = ask({ cmd: 'get_stats' })
const cpu = (user + system) / 1000 / (performance.now() - began)
server.close()
process.stdout.write(`${JSON.stringify({ load, p99_us, max_us, xruns: xruns - earlier, cpu })}\n`)
