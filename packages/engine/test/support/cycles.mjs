// A process that makes engines, plays and closes them, and prints what it holds after some and after all of them:
// node --expose-gc cycles.mjs <index.js> <count>
import { readdirSync, readFileSync } from 'node:fs'
import { play } from './play.mjs'

const [, , index, count] = process.argv
const cycle = async (number) => {
  const { engine } = await play(index, number % 2 ? () => {} : undefined)
  await engine.close()
}
const settled = async () => {
  for (let i = 0; i < 5; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    residentPages: Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]),
    files: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
  }
}
for (let i = 0; i < Number(count) / 5; i++) await cycle(i)
const before = await settled()
for (let i = 0; i < Number(count); i++) await cycle(i)
console.log(JSON.stringify({ before, after: await settled() }))
