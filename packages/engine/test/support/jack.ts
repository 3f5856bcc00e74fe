// A sound card for tests: a JACK server of their own with the dummy driver, real in its timing and exact in its samples,
// and a client that records what the engine plays on it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { afterAll } from 'vitest'
import { fixture } from './native.ts'

const rate = 48_000

/** Whether the machine has what these tests need. Where the set-up installs it, it must not be missing. */
export function hasJack(): boolean {
  const found = spawnSync('jackd', ['--version']).error === undefined
  if (!found && existsSync('/var/lib/dpkg/status')) throw new Error('jackd is missing; the set-up installs it')
  if (!found) console.warn('SKIPPED: jackd is not installed, so nothing is played on a device')
  return found
}

const realTime = () => spawnSync('chrt', ['-f', '1', 'true']).status === 0

class Recorder {
  readonly process: ChildProcess
  readonly #lines: Interface
  readonly #seen: string[] = []
  #waiting: (() => void) | undefined

  constructor(env: NodeJS.ProcessEnv) {
    this.process = spawn(fixture('jack_recorder'), ['arranger', '60'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.process.stdout as NodeJS.ReadableStream })
    this.#lines.on('line', (line) => {
      this.#seen.push(line)
      this.#waiting?.()
    })
    this.#lines.on('close', () => {
      this.#seen.push('closed')
      this.#waiting?.()
    })
  }

  send(line: string): void {
    this.process.stdin?.write(`${line}\n`)
  }

  /** The next line that begins so; those before it are forgotten. */
  async line(begin: string): Promise<string> {
    while (true) {
      const at = this.#seen.findIndex((line) => line.startsWith(begin))
      const [found] = at < 0 ? [] : this.#seen.splice(0, at + 1).slice(-1)
      if (found !== undefined) return found
      if (this.#seen.includes('closed')) throw new Error(`The recorder ended before it said '${begin}'`)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
  }
}

export class JackServer {
  readonly #folder: string
  readonly #server: ChildProcess
  readonly #recorder: Recorder

  private constructor(name: string, folder: string, frames: number) {
    this.#folder = folder
    const env = { ...process.env, JACK_DEFAULT_SERVER: name, JACK_NO_AUDIO_RESERVATION: '1' }
    const scheduling = realTime() ? ['--realtime', '-P', '70'] : ['--no-realtime']
    const driver = ['-d', 'dummy', '-r', String(rate), '-p', String(frames)]
    // It must not outlive us, whatever ends us: its name would stay taken.
    const args = ['--pdeathsig', 'KILL', 'jackd', ...scheduling, '-S', '-n', name, ...driver]
    this.#server = spawn('setpriv', args, { env, stdio: 'ignore' })
    this.#recorder = new Recorder(env)
  }

  /** Null: the name is taken, by a server that runs. */
  static async start(name: string, folder: string, frames: number): Promise<JackServer | null> {
    const server = new JackServer(name, folder, frames)
    const ended = once(server.#server, 'exit').then(() => false)
    if (await Promise.race([server.#recorder.line('ready').then(() => true), ended])) return server
    await server.kill()
    return null
  }

  /** Until the recorder hears a client that came anew. */
  async connected(): Promise<void> {
    await this.#recorder.line('connected')
  }

  clear(): void {
    this.#recorder.send('clear')
  }

  /** Plays a sawtooth to the engine's inputs. */
  tone(): void {
    this.#recorder.send('tone')
  }

  /** As fast as the processor can, or in real time. */
  freewheel(on: boolean): void {
    this.#recorder.send(`freewheel ${on ? 1 : 0}`)
  }

  /** What the engine has played since the last `clear`: left and right. */
  async recorded(): Promise<[Float32Array, Float32Array]> {
    const path = join(this.#folder, 'recorded.raw')
    this.#recorder.send(`save ${path}`)
    await this.#recorder.line('saved')
    const bytes = readFileSync(path)
    const both = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    const channel = (offset: number) =>
      Float32Array.from({ length: both.length / 2 }, (_, i) => both[2 * i + offset] ?? 0)
    return [channel(0), channel(1)]
  }

  /** Ends the server after the engines have left it: PortAudio aborts when a server dies while it closes. */
  async stop(): Promise<void> {
    this.#recorder.send('alone')
    await this.#recorder.line('alone')
    await this.#end('SIGTERM')
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const children = [this.#server, this.#recorder.process].filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    )
    const ended = children.map((child) => once(child, 'exit'))
    for (const child of children) child.kill(child === this.#server ? signal : 'SIGKILL')
    await Promise.all(ended)
  }
}

/** Takes one of a few numbers for this process, which nobody else on the machine has then: as long as a port is open. */
async function takeNumber(number: number): Promise<boolean> {
  const lock = createServer().unref()
  const taken = new Promise<boolean>((resolve) => {
    lock.once('listening', () => resolve(true))
    lock.once('error', () => resolve(false))
  })
  lock.listen({ port: 41_700 + number, host: '127.0.0.1', exclusive: true })
  return taken
}

/**
 * Servers one after the other, which the engines of this process find; all are gone when the file is done. JACK has room for
 * eight names, and one whose server was killed is free only for another of that name: so it is always one of a few.
 */
export function jackServers(folder: string): (frames: number) => Promise<JackServer> {
  const before = process.env.JACK_DEFAULT_SERVER
  const started: JackServer[] = []
  afterAll(async () => {
    await Promise.all(started.map((server) => server.kill()))
    if (before === undefined) delete process.env.JACK_DEFAULT_SERVER
    else process.env.JACK_DEFAULT_SERVER = before
  })
  return async (frames) => {
    for (let number = 0; number < 7; number++) {
      if (own === undefined && !(await takeNumber(number))) continue
      const name = own ?? `arranger_test_${number}`
      const server = await JackServer.start(name, folder, frames)
      if (!server) continue
      started.push(server)
      own = process.env.JACK_DEFAULT_SERVER = name
      return server
    }
    throw new Error(`No JACK server could be started${own ? ` under the name ${own}` : ''}`)
  }
}

/** The name that this process has taken. */
let own: string | undefined
