// SPDX-License-Identifier: MIT
import { EngineError } from '../error.ts'
import { webAssembly } from './platform.ts'
import { type Port, PortConnection } from './port-connection.ts'
import type { FromService, ToService } from './service.ts'
import { processorName, type WorkletStart } from './worklet-start.ts'

// What a page has, as far as it is used here: TypeScript would give its types to all of this package.
interface MessagePortLike {
  onmessage: ((event: { data: FromService }) => void) | null
  postMessage(message: ToService): void
}
/** An AudioWorkletNode. */
export interface WorkletNode {
  readonly port: MessagePortLike
  onprocessorerror: (() => void) | null
  connect(destination: object): unknown
  disconnect(): void
}
/** An AudioContext or an OfflineAudioContext. */
export interface WorkletContext {
  readonly audioWorklet: { addModule(url: string): Promise<void> }
  readonly destination: object
}

/** How an engine is made in a page. */
export interface WorkletOptions {
  /** Where `arranger.wasm` is served. */
  moduleUrl: string | URL
  /** Where `worklet.js` of this package is served, with the modules that it imports. */
  workletUrl: string | URL
  /** Frames per block of renders. Default 512. What is played comes in the context's quanta. */
  blockSize?: number | undefined
  /** What the engine finds under the names of files, such as samples; none: it has no files. */
  files?: Map<string, Uint8Array> | undefined
}

/** The way to the processor. A class: of an object literal Rollup takes `onMessage` for what it is at first, and leaves out its argument. */
class WorkletPort implements Port {
  readonly #node: WorkletNode
  onMessage: Port['onMessage'] = () => {}

  constructor(node: WorkletNode) {
    this.#node = node
    node.port.onmessage = ({ data }) => this.onMessage(data)
    node.onprocessorerror = () => this.onMessage({ type: 'crashed', message: 'its processor failed' })
  }

  post(message: ToService): void {
    this.#node.port.postMessage(message)
  }

  hold(): void {}

  async end(): Promise<void> {
    this.post({ type: 'share', memory: null })
    this.post({ type: 'close' })
    this.#node.disconnect()
  }
}

/** A connection, and the node to connect wherever its sound is wanted; that is the context's output at first. */
export class WorkletConnection extends PortConnection {
  /** The AudioWorkletNode. */
  readonly node: WorkletNode

  /** Use {@link createWorkletConnection}. */
  constructor(node: WorkletNode) {
    super(new WorkletPort(node))
    this.node = node
  }
}

/**
 * Starts an engine in the audio thread of a page: `new Engine(await createWorkletConnection(context, urls))`.
 * @throws EngineError `wasm_unavailable`
 */
export async function createWorkletConnection(
  context: WorkletContext,
  { moduleUrl, workletUrl, blockSize = 0, files }: WorkletOptions,
): Promise<WorkletConnection> {
  const start: WorkletStart = { module: await compile(moduleUrl), blockSize, files }
  await context.audioWorklet.addModule(String(workletUrl))
  const Node = (globalThis as unknown as { AudioWorkletNode: new (...given: unknown[]) => WorkletNode })
    .AudioWorkletNode
  const node = new Node(context, processorName, {
    numberOfInputs: 0,
    outputChannelCount: [2],
    processorOptions: start,
  })
  await new Promise<void>((resolve, reject) => {
    node.port.onmessage = ({ data }) => {
      if (data.type === 'ready') resolve()
      if (data.type === 'crashed') reject(new EngineError('wasm_unavailable', data.message))
    }
    node.onprocessorerror = () =>
      reject(new EngineError('wasm_unavailable', 'The processor of the WebAssembly module failed'))
  })
  const connection = new WorkletConnection(node)
  node.connect(context.destination)
  return connection
}

async function compile(url: string | URL) {
  const answer = await fetch(url)
  if (!answer.ok) throw new EngineError('wasm_unavailable', `Cannot fetch ${url}: ${answer.status}`)
  return webAssembly.compile(new Uint8Array(await answer.arrayBuffer()))
}
