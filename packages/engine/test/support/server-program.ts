// arranger-server as a process of its own, and what the system says of that process.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach } from 'vitest'
import { FramedSocket } from './framed-socket.ts'
import { addonPath } from './native.ts'

/** The program itself. */
export const serverPath = join(addonPath, `../arranger-server${process.platform === 'win32' ? '.exe' : ''}`)

/** Where a server of a test listens: a socket in the test's folder, or a pipe that is named after it. */
export const addressIn = (folder: string, name: string) =>
  process.platform === 'win32' ? `\\\\.\\pipe\\${basename(folder)}-${name}` : join(folder, `${name}.sock`)

export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
}

export class ServerProgram {
  readonly address: string
  readonly process: ChildProcess
  readonly ended: Promise<Ending>
  /** Its first line on stdout, where it has listened. */
  said = ''
  /** What it has said on stderr so far. */
  log = ''

  private constructor(address: string, args: string[], files: number | undefined) {
    this.address = address
    const all = ['--address', address, '--device', 'none', ...args]
    // The shell is replaced by the server, so that the process is the same.
    const [command, given] =
      files === undefined ? [serverPath, all] : ['sh', ['-c', `ulimit -n ${files}; exec "$0" "$@"`, serverPath, ...all]]
    this.process = spawn(command, given, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.process.stderr?.on('data', (chunk) => {
      this.log += chunk
    })
    this.ended = once(this.process, 'close').then(([code, signal]) => ({ code, signal }))
  }

  /**
   * A server that listens, or one that has ended because it could not.
   * @param files How many descriptors it may have.
   */
  static async start(address: string, args: string[] = [], files?: number): Promise<ServerProgram> {
    const server = new ServerProgram(address, args, files)
    started.add(server)
    const lines = createInterface({ input: server.process.stdout as NodeJS.ReadableStream })
    lines.once('line', (line) => {
      server.said = line
    })
    await Promise.race([once(lines, 'line'), server.ended])
    return server
  }

  get lives(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  async connect(): Promise<FramedSocket> {
    if (!this.lives) throw new Error(`The server has ended: ${this.log}`)
    return FramedSocket.connect(this.address)
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ending> {
    if (this.lives) this.process.kill(signal)
    return this.ended
  }

  // What follows is read from /proc.

  get threads(): number {
    return readdirSync(`/proc/${this.process.pid}/task`).length
  }
  get descriptors(): number {
    return readdirSync(`/proc/${this.process.pid}/fd`).length
  }
  /** Resident memory in MiB. */
  get memory(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.process.pid}/status`, 'utf8'))?.[1]) / 1024
  }
  /** Seconds of processor time so far. */
  get processorTime(): number {
    const fields = readFileSync(`/proc/${this.process.pid}/stat`, 'utf8').replace(/.*\)/s, '').trim().split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  }
}

const started = new Set<ServerProgram>()
process.on('exit', () => {
  for (const server of started) server.process.kill('SIGKILL')
})

/** Ends what a test has started when the test is over. */
export function endServersAfterEach(): void {
  afterEach(async () => {
    await Promise.all([...started].map((server) => server.kill()))
    started.clear()
  })
}
