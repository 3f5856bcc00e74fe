// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { AudioEngineConfig } from '../addon.ts'
import { checkConfig } from '../config-check.ts'
import { EngineError } from '../error.ts'
import { type CompiledModule, webAssembly } from './platform.ts'
import { type Port, PortConnection, refusal } from './port-connection.ts'
import type { FromService } from './service.ts'
import type { WorkerStart } from './worker.ts'

/** The module, as the build makes it and the package brings it; the environment variable `ARRANGER_WASM` names another. */
export const wasmPath = fileURLToPath(new URL('../../wasm/dist/arranger.wasm', import.meta.url))

// A worker runs what is built also where this file is run from its source.
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/wasm/worker.js' : './worker.js',
  import.meta.url,
)

const compiled = new Map<string, Promise<CompiledModule>>()

/** Compiles a file once in this process. */
function compile(file: string): Promise<CompiledModule> {
  const before = compiled.get(file)
  if (before) return before
  const module = load(file)
  compiled.set(file, module)
  // It may be mended, and is looked at again.
  module.catch(() => compiled.delete(file))
  return module
}

async function load(file: string): Promise<CompiledModule> {
  if (!existsSync(file))
    throw new EngineError('wasm_unavailable', `There is no ${file}; build it with 'pnpm run build:wasm'`)
  try {
    return await webAssembly.compile(await readFile(file))
  } catch (cause) {
    throw new EngineError('wasm_unavailable', `Cannot load ${file}: ${(cause as Error).message}`, { cause })
  }
}

/** Starts a worker, and waits until it has made an engine. */
async function startWorker(start: WorkerStart): Promise<Port> {
  // Options of the process, such as --input-type with --eval, are not meant for it.
  const worker = new Worker(workerUrl, { workerData: start, name: 'arranger', execArgv: [] })
  const port: Port = {
    post: (message) => worker.postMessage(message),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    end: async () => {
      await worker.terminate()
    },
    onMessage() {},
  }
  await new Promise<void>((resolve, reject) => {
    const lose = (message: string, cause?: unknown) => {
      reject(new EngineError('wasm_unavailable', `The WebAssembly module cannot run: ${message}`, { cause }))
      port.onMessage({ type: 'crashed', message })
    }
    worker.on('message', (message: FromService) => {
      if (message.type === 'ready') resolve()
      else if (message.type === 'refused') reject(refusal(message.code, message.message))
      else if (message.type === 'crashed') lose(message.message)
      else port.onMessage(message)
    })
    worker.on('error', (error) => lose(error.message, error))
    worker.on('exit', (code) => lose(`its worker exited with ${code}`))
  })
  worker.unref()
  return port
}

/** An engine in a WebAssembly module, in a worker of this process. */
export class WasmConnection extends PortConnection {
  /**
   * @param file The module.
   * @throws EngineError `wasm_unavailable`; `out_of_range` and `device_unavailable` of the configuration.
   */
  static async open(
    config: AudioEngineConfig = {},
    file: string = process.env.ARRANGER_WASM || wasmPath,
  ): Promise<WasmConnection> {
    checkConfig(config)
    const start: WorkerStart = {
      module: await compile(file),
      sampleRate: config.sampleRate ?? 0,
      blockSize: config.blockSize ?? 0,
      device: config.outputDevice ?? 'none',
    }
    return new WasmConnection(await startWorker(start), () => startWorker(start))
  }
}
