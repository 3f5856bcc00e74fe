// SPDX-License-Identifier: MIT
// A command that runs until it is told to end, without a terminal: keys in, a JSON line for each event out.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { program } from './support.ts'

type Event = Record<string, unknown> & { event: string }

export class Session {
  readonly #child: ChildProcess
  readonly #events: Event[] = []
  #arrived = () => {}
  #isOver = false
  /** What it ended with. */
  readonly ended: Promise<number | null>

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const env = { ...process.env, ...environment }
    this.#child = spawn(process.execPath, [program, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      this.#events.push(JSON.parse(line))
      this.#arrived()
    })
    this.ended = new Promise((resolve) => this.#child.once('close', resolve))
    void this.ended.then(() => {
      this.#isOver = true
      this.#arrived()
    })
    onTestFinished(() => void this.#child.kill())
  }

  press(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** The next event of a kind; those before it are past, and none of them may be an error. */
  async next(kind: string): Promise<Event> {
    for (;;) {
      const event = this.#events.shift()
      if (event?.event === kind) return event
      if (event?.event === 'error') throw new Error(`In place of '${kind}' came ${JSON.stringify(event)}`)
      if (event) continue
      if (this.#isOver) throw new Error(`It ended without '${kind}'`)
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }
}
