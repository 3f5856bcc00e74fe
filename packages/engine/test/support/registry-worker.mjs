// A worker that uses the native library by itself: loads a plugin library, says which plugins it sees, then goes on
// looking whenever it is asked.
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

const { handle, listPlugins, loadPluginLibrary } = createRequire(import.meta.url)(workerData.addon)
const result = loadPluginLibrary(workerData.library)
const ids = () => listPlugins().map(({ id }) => id)
parentPort?.postMessage({ result, ids: ids() })
parentPort?.on('message', () => {
  const { plugins } = JSON.parse(handle('{"cmd":"list_registered_plugins"}'))
  parentPort?.postMessage({ ids: ids(), registered: plugins.map(({ id }) => id) })
})
