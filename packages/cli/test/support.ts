import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The built command. */
export const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))

export interface Outcome {
  /** What the process ended with; null when a signal ended it. */
  code: number | null
  stdout: Buffer
  stderr: string
}

export interface RunOptions {
  /** Bytes for standard input; without them it is empty. */
  input?: Uint8Array
  environment?: NodeJS.ProcessEnv
  cwd?: string
  /** Called with all that standard error holds so far, whenever it grows. */
  onTalk?: (stderr: string, interrupt: () => void) => void
}

/** Runs `arranger …` as a child process. */
export function arranger(args: string[], options: RunOptions = {}): Promise<Outcome> {
  const { input, environment, cwd, onTalk } = options
  const child = spawn(process.execPath, [program, ...args], { cwd, env: { ...process.env, ...environment } })
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = []
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
      onTalk?.(stderr, () => child.kill('SIGINT'))
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr }))
    // A program that refuses its arguments closes its input before we have written it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

/** A new folder that is removed after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'arranger-cli-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A MIDI variable-length number. */
function variable(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}

function chunk(id: string, body: number[] | Buffer): Buffer {
  const head = Buffer.alloc(8, id, 'latin1')
  head.writeUInt32BE(body.length, 4)
  return Buffer.concat([head, Buffer.from(body)])
}

/** A Standard MIDI File of one track: quarter notes at 120 BPM that climb and fall, so half a second each. */
export function midi(notes: number): Buffer {
  const header = Buffer.from([0, 0, 0, 1, 0, 96])
  const events = Array.from({ length: notes }, (_, i) => {
    const pitch = 48 + (i % 24)
    return [0, 0x90, pitch, 100, ...variable(96), 0x80, pitch, 0]
  })
  return Buffer.concat([chunk('MThd', header), chunk('MTrk', Buffer.from([...events.flat(), 0, 0xff, 0x2f, 0]))])
}

/** A part of a song: quarter notes at 120 BPM after a rest of as many quarters. */
export interface Part {
  name: string
  channel: number
  pitches: number[]
  rest?: number
  program?: number
}

/** A Standard MIDI File of format 1 with one track a part. */
export function midiOf(parts: readonly Part[]): Buffer {
  const header = Buffer.from([0, 1, 0, parts.length, 0, 96])
  const tracks = parts.map(({ name, channel, pitches, rest = 0, program }) => {
    const text = Buffer.from(name, 'latin1')
    const notes = pitches.map((pitch, index) => [
      ...variable(index === 0 ? 96 * rest : 0),
      ...[0x90 | channel, pitch, 100],
      ...variable(96),
      ...[0x80 | channel, pitch, 0],
    ])
    const start = program === undefined ? [] : [0, 0xc0 | channel, program]
    return chunk('MTrk', [...[0, 0xff, 3, text.length, ...text], ...start, ...notes.flat(), ...[0, 0xff, 0x2f, 0]])
  })
  return Buffer.concat([chunk('MThd', [...header]), ...tracks])
}

/** The same short song as a session document. */
export function session(): object {
  const note = { node_id: 'track', channel: 0, pitch: 69 }
  return {
    version: 1,
    title: 'One note',
    graph: {
      bpm: 120,
      nodes: [
        { id: 'track', type: 'track_source' },
        { id: 'tone', type: 'builtin.sine' },
        { id: 'mixer', type: 'mixer', channel_count: 1 },
      ],
      connections: [
        { from_node: 'track', from_port: 'events_out', to_node: 'tone', to_port: 'events_in' },
        { from_node: 'tone', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
      ],
    },
    schedule: [
      { ...note, beat: 0, type: 'note_on', velocity: 127 },
      { ...note, beat: 2, type: 'note_off' },
    ],
  }
}

/** A number 0..1 that looks random and is the same in every run (a linear congruential generator). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
