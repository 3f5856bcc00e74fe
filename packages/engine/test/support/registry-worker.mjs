// A worker that uses the native library by itself: loads a plugin library, says which plugins it sees, then goes on
// looking whenever it is asked.
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

const { handle, listPlugins, loadPluginLibrary } = createRequire(import.meta.url)(workerData.addon)
const result = loadPluginLibrary(workerData.library)
/** @param {{ id: string }[]} plugins */
const idsOf = (plugins) => plugins.map(({ id }) => id)
parentPort?.postMessage({ result, ids: idsOf(listPlugins()) })
parentPort?.on('message', () => {
  const { plugins } = JSON.parse(handle('{"cmd":"list_registered_plugins"}'))
  parentPort?.postMessage({ ids: idsOf(listPlugins()), registered: idsOf(plugins) })
})
