// The engine under test, behind the connection that ARRANGER_BACKEND names: the binding where it names none. What a back end
// cannot do is said by its ping, and only that decides what is skipped.
import { expect, inject } from 'vitest'
import { type Connection, InProcessConnection } from '../../src/connection.ts'
import {
  type AudioEngineConfig,
  createEngine as createAnyEngine,
  type Engine,
  type EngineOptions,
} from '../../src/index.ts'

export type Json = Record<string, unknown>
// biome-ignore lint/suspicious/noExplicitAny: replies of any command
export type Reply = any

declare module 'vitest' {
  interface ProvidedContext {
    /** What ping says that the back end under test has. */
    features: string[]
  }
  interface TaskMeta {
    /** The features for want of which a test is skipped. */
    missing?: string[]
  }
}

/** Options of a test or a suite that cannot run without these features. */
export function needs(...features: string[]): { skip: boolean; meta: { missing: string[] } } {
  const missing = features.filter((feature) => !inject('features').includes(feature))
  return { skip: missing.length > 0, meta: { missing } }
}

/** As the package's own, with an engine of its own wherever that is. */
export function createEngine(options: EngineOptions = {}): Promise<Engine> {
  return createAnyEngine(options)
}

/** The environment of a process that makes an engine of its own, wherever that is. */
export function ownEngine(): NodeJS.ProcessEnv {
  return { ...process.env }
}

/** The process in which an engine is. */
export function processId(_engine: Engine): number {
  return process.pid
}

function connect(config: AudioEngineConfig): Promise<Connection> {
  return Promise.resolve(new InProcessConnection(config))
}

export interface JsonEngineOptions extends AudioEngineConfig {
  /** Plugin libraries to load first. */
  pluginPaths?: string[]
}

/** An engine for tests that speak JSON themselves. */
export class JsonEngine {
  readonly #connection: Connection

  private constructor(connection: Connection) {
    this.#connection = connection
  }

  static async open({ pluginPaths = [], ...config }: JsonEngineOptions = {}): Promise<JsonEngine> {
    const engine = new JsonEngine(await connect(config))
    for (const path of pluginPaths) await engine.must({ cmd: 'load_plugin', path })
    return engine
  }

  /** Text in, text out. */
  handle(text: string): Promise<string> {
    return this.#connection.request(text)
  }

  async ask(request: object): Promise<Reply> {
    return JSON.parse(await this.handle(JSON.stringify(request)))
  }

  /** The reply of what must not be refused. */
  async must(request: object): Promise<Reply> {
    const reply = await this.ask(request)
    expect(reply).toMatchObject({ status: 'ok' })
    return reply
  }

  onEvent(listener: ((text: string) => void) | null): void {
    this.#connection.onEvent(listener)
  }

  /** The process it is in. */
  processId(): number {
    return process.pid
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
