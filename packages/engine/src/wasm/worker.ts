// SPDX-License-Identifier: MIT
// The thread that runs the module for Node.js: requests come by its port, live playback goes by a clock.
import { randomFillSync } from 'node:crypto'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Clock } from './clock.ts'
import { nodeFiles } from './files.ts'
import { WasmModule } from './module.ts'
import type { CompiledModule } from './platform.ts'
import { type FromService, Service, type ToService } from './service.ts'

/** What the connection passes. */
export interface WorkerStart {
  module: CompiledModule
  /** In hertz; 0: the engine's own default. */
  sampleRate: number
  /** Frames; 0: the engine's own default. */
  blockSize: number
  device: string
}

const lookMs = 10
const port = parentPort
if (!port) throw new Error('Expected to be a worker')
const post = (message: FromService) => port.postMessage(message)

let isOver = false
/** What was posted still arrives: to exit at once could lose it. */
function end(): void {
  isOver = true
  port?.close()
}

/** What the module does not survive ends this thread, and the other side is told why. */
function guarded(work: () => void): void {
  try {
    work()
  } catch (error) {
    post({ type: 'crashed', message: error instanceof Error ? error.message : String(error) })
    end()
  }
}

const { module, sampleRate, blockSize, device } = workerData as WorkerStart
let nextLook = 0

guarded(() => {
  const wasm = new WasmModule(module, {
    now: () => performance.now(),
    random: (bytes) => randomFillSync(bytes),
    whileWaiting: () => clock.play(),
    betweenBlocks,
    files: nodeFiles,
  })
  const service = new Service(wasm, post)
  const clock = new Clock(wasm)

  function attend(): void {
    clock.play()
    service.show()
    if (performance.now() < nextLook) return
    nextLook = performance.now() + lookMs
    wasm.look()
    service.tell()
  }
  function betweenBlocks(): void {
    attend()
    for (let next = receiveMessageOnPort(port as never); next; next = receiveMessageOnPort(port as never))
      service.take(next.message)
  }
  function tick(): void {
    if (isOver) return
    guarded(attend)
    setTimeout(tick, Math.min(clock.msToNext(), lookMs))
  }

  const wrong = wasm.create(sampleRate, blockSize, new TextEncoder().encode(device), 0)
  if (wrong) {
    const [code = '', message = ''] = new TextDecoder().decode(wrong).split('\n')
    post({ type: 'refused', code, message })
    return end()
  }
  port.on('message', (message: ToService) =>
    guarded(() => {
      service.take(message)
      service.work()
    }),
  )
  post({ type: 'ready' })
  tick()
})
