// SPDX-License-Identifier: MIT
// An AudioWorkletProcessor that runs the engine's module: added to a context by createWorkletConnection. Requests are answered
// between two quanta, on the thread that plays.
import { WasmModule } from './module.ts'
import { type FromService, Service, type ToService } from './service.ts'
import { processorName, type WorkletStart } from './worklet-start.ts'

interface WorkletPort {
  onmessage: ((event: { data: ToService }) => void) | null
  postMessage(message: FromService): void
}

// What an AudioWorkletGlobalScope has; TypeScript knows it only with the types of a page.
declare const sampleRate: number
declare function registerProcessor(name: string, processor: unknown): void
declare class AudioWorkletProcessor {
  readonly port: WorkletPort
}

const framesPerLook = 512
const noSuchFile = -44
const readOnly = -69

class Running {
  readonly #wasm: WasmModule
  readonly #service: Service
  #sinceLook = 0

  constructor({ module, blockSize, files }: WorkletStart, post: (message: FromService) => void) {
    this.#wasm = new WasmModule(module, {
      now: () => Date.now(), // there is no finer clock here
      random: (bytes) => {
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.random() * 256
      },
      // Frames are the context's alone: nothing is played out of turn.
      whileWaiting() {},
      betweenBlocks() {},
      files: files && {
        kind: (name) => (files.has(name) ? 1 : 0),
        read: (name) => files.get(name) ?? noSuchFile,
        write: () => readOnly,
      },
    })
    const wrong = this.#wasm.create(0, blockSize, new Uint8Array(), sampleRate)
    if (wrong) throw new Error(String.fromCharCode(...wrong))
    this.#service = new Service(this.#wasm, post)
  }

  take(message: ToService): void {
    this.#service.take(message)
    this.#service.work()
  }

  play(left: Float32Array, right: Float32Array): void {
    const played = this.#wasm.process(left.length, false)
    left.set(played[0])
    right.set(played[1])
    this.#sinceLook += left.length
    if (this.#sinceLook < framesPerLook) return
    this.#sinceLook = 0
    this.#wasm.look()
    this.#service.tell()
    this.#service.show()
  }
}

class ArrangerProcessor extends AudioWorkletProcessor {
  #running: Running | undefined

  constructor({ processorOptions }: { processorOptions: WorkletStart }) {
    super()
    const post = (message: FromService) => this.port.postMessage(message)
    this.#guard(() => {
      this.#running = new Running(processorOptions, post)
    })
    this.port.onmessage = ({ data }) => {
      if (data.type === 'close') this.#running = undefined
      else this.#guard(() => this.#running?.take(data))
    }
    if (this.#running) post({ type: 'ready' })
  }

  /** False when it is over. */
  process(_inputs: unknown, outputs: Float32Array[][]): boolean {
    const [left, right] = outputs[0] ?? []
    if (left && right) this.#guard(() => this.#running?.play(left, right))
    return this.#running !== undefined
  }

  /** What the module does not survive ends it, and the page is told why. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#running = undefined
      this.port.postMessage({ type: 'crashed', message: error instanceof Error ? error.message : String(error) })
    }
  }
}

registerProcessor(processorName, ArrangerProcessor)
