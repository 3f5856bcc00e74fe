// A process that plays in workers, in ways that end well and badly, and prints how many threads it had before and after.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { Worker } from 'node:worker_threads'

const [, , index, times] = process.argv
const script = new URL('./play-in-worker.mjs', import.meta.url)
const threads = () => readdirSync('/proc/self/task').length
const playing = async () => {
  const worker = new Worker(script, { workerData: { index } })
  const exit = once(worker, 'exit')
  exit.catch(() => {})
  await once(worker, 'message')
  return { worker, exit }
}

const ways = {
  async two_at_once() {
    const both = await Promise.all([playing(), playing()])
    for (const { worker } of both) worker.postMessage('close')
    return Promise.all(both.map(({ exit }) => exit))
  },
  async terminated() {
    const { worker } = await playing()
    return worker.terminate()
  },
  async thrown() {
    const { worker } = await playing()
    const error = once(worker, 'error')
    worker.postMessage('throw')
    return (await error)[0].message
  },
}
const ended = {}
for (const way of Object.values(ways)) await way() // whatever starts once has started
const before = threads()
for (let i = 0; i < Number(times); i++) for (const [name, way] of Object.entries(ways)) ended[name] = await way()
// A thread that was joined stays listed until the system has taken it down.
for (let tries = 0; threads() > before && tries < 1000; tries++) await new Promise((resolve) => setTimeout(resolve, 5))
console.log(JSON.stringify({ ended, before, after: threads() }))
