// A worker that renders for a long time and tells of its progress: {index, session, output}
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'

const { createEngine, loadSession } = await import(pathToFileURL(workerData.index).href)
const engine = await createEngine()
await engine.load(await loadSession(workerData.session))
/** @param {object} progress */
const onProgress = (progress) => parentPort?.postMessage(progress)
await engine.render(workerData.output, { onProgress })
