// A worker that plays until it is told to end, by a message or from outside.
import { parentPort, workerData } from 'node:worker_threads'
import { play } from './play.mjs'

const { engine, heard } = await play(workerData.index, () => {})
parentPort.postMessage('playing')
parentPort.on('message', async (message) => {
  if (message === 'throw') throw new Error('from the worker')
  await heard(10)
  await engine.close()
  parentPort.postMessage('closed')
  parentPort.close()
})
