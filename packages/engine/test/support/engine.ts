// The engine under test, behind the connection that ARRANGER_BACKEND names: the binding where it names none. What a back end
// cannot do is said by its ping, and only that decides what is skipped.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject } from 'vitest'
import { checkBackendName } from '../../src/backend-names.ts'
import { openBackend } from '../../src/backends.ts'
import type { Connection } from '../../src/connection.ts'
import { createEngine as createAnyEngine, type Engine, type EngineOptions } from '../../src/index.ts'
import type { ServerOptions } from '../../src/server/connection.ts'
import { type Process, processes } from './processes.ts'

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

/** A short name: sockets have no room for long ones. */
const sockets = mkdtempSync(join(tmpdir(), 'arr-'))
process.once('exit', () => rmSync(sockets, { recursive: true, force: true }))
let count = 0
const freshAddress = () =>
  process.platform === 'win32' ? `\\\\.\\pipe\\arranger-test-${process.pid}-${count++}` : join(sockets, String(count++))
const addresses = new WeakMap<Engine | JsonEngine, string>()

/** Options with which an engine has a server of its own, when it has one. */
export function apart<Options extends object>(options: Options): Options & { serverAddress: string } {
  return { serverAddress: freshAddress(), ...options }
}

/** The environment of a process that makes an engine of its own. */
export function ownEngine(): NodeJS.ProcessEnv {
  return { ...process.env, ARRANGER_SERVER_ADDRESS: freshAddress() }
}

/** As the package's own. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const own = apart(options)
  const engine = await createAnyEngine(own)
  addresses.set(engine, own.serverAddress)
  return engine
}

/** A connection alone. */
export async function connect(config: ServerOptions = {}): Promise<Connection> {
  return (await openBackend([checkBackendName(process.env.ARRANGER_BACKEND ?? '')], apart(config))).connection
}

const servers = new Map<string, number>()

/** The process in which an engine is, or was when this was asked first. */
export function processId(engine: Engine | JsonEngine): number {
  if (inject('features').includes('in_process')) return process.pid
  const address = addresses.get(engine) ?? 'nobody'
  const serves = ({ parent, command }: Process) => parent === process.pid && command.includes(`${address} `)
  const id = servers.get(address) ?? processes().find(serves)?.pid
  if (id === undefined) throw new Error(`No process serves ${address}`)
  servers.set(address, id)
  return id
}

export interface JsonEngineOptions extends ServerOptions {
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
    const own = apart(config)
    const engine = new JsonEngine(await connect(own))
    addresses.set(engine, own.serverAddress)
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

  close(): Promise<void> {
    return this.#connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
