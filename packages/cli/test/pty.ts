// SPDX-License-Identifier: MIT
// A command on a pseudo-terminal, and what its screen shows. `script` of the system makes the terminal, since packages that do
// are compiled or bring binaries; @xterm/headless understands what is written to it.
import { type ChildProcess, spawn } from 'node:child_process'
import xterm from '@xterm/headless'
import { onTestFinished } from 'vitest'
import { program } from './support.ts'

const columns = 120
const rows = 40

/** Far longer than anything takes; what never comes is told with what the screen shows. */
const longest = 40_000

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

export class Terminal {
  readonly #child: ChildProcess
  readonly #screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 })
  readonly #waiting = new Set<() => void>()
  /** What the command ended with. */
  readonly ended: Promise<number | null>

  /** Runs `arranger …` on a terminal of 120 columns. */
  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const command = [process.execPath, program, ...args].map(quoted).join(' ')
    const line = `stty rows ${rows} cols ${columns}; exec ${command}`
    const way = process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', line] : ['-qfec', line, '/dev/null']
    const env = { ...process.env, TERM: 'xterm-256color', ...environment }
    this.#child = spawn('script', way, { env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout?.on('data', (data: Buffer) =>
      this.#screen.write(data, () => {
        for (const look of this.#waiting) look()
      }),
    )
    this.ended = new Promise((resolve) => this.#child.once('close', resolve))
    onTestFinished(() => {
      this.#child.kill()
      this.#screen.dispose()
    })
  }

  /** All lines, also those that have gone off the top. */
  get text(): string {
    const { active } = this.#screen.buffer
    const lines = Array.from({ length: active.length }, (_, i) => active.getLine(i)?.translateToString(true) ?? '')
    return lines.join('\n').trimEnd()
  }

  /** Presses keys. */
  press(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** Waits until the screen shows something. */
  shows(expected: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void) => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        act()
      }
      const look = () => {
        if (expected.test(this.text)) end(resolve)
      }
      const fail = () => end(() => reject(new Error(`${expected} never showed; the screen has\n${this.text}`)))
      const timer = setTimeout(fail, longest)
      this.#waiting.add(look)
      void this.ended.then(() => setImmediate(() => this.#waiting.has(look) && fail()))
      look()
    })
  }
}
