// SPDX-License-Identifier: MIT
import { type CompiledModule, type Imports, webAssembly } from './platform.ts'

/** Files of whoever runs the module; every function answers at once. Numbers below zero are errors of errno, negated. */
export interface HostFiles {
  /** 0: nothing there, 1: a regular file, 2: something else. */
  kind(name: string): number
  read(name: string, limit: number): Uint8Array | number
  /** In the place of what is there: a reader sees the old content or the new. */
  write(name: string, bytes: Uint8Array): number
}

/** What the module asks of whoever runs it. */
export interface Host {
  /** In ms, of a clock that never goes back. */
  now(): number
  random(bytes: Uint8Array): void
  /** Plays what is due and does nothing else: the engine is amid something. */
  whileWaiting(): void
  /** Plays what is due and answers other requests: a long job is between two blocks. */
  betweenBlocks(): void
  /** None: the engine reads and writes no files. */
  files?: HostFiles | undefined
}

/** What plays, for a host that has no pace of its own; zeros while nothing is live. */
export interface Pace {
  sampleRate: number
  blockSize: number
}

interface Exports {
  memory: { buffer: ArrayBuffer }
  _initialize(): void
  arranger_allocate(size: number): number
  arranger_free(pointer: number): void
  arranger_create(sampleRate: number, blockSize: number, device: number, length: number, hostRate: number): number
  arranger_handle(request: number, length: number, tag: number): void
  arranger_run_job(): number
  arranger_take_reply(): number
  arranger_take_event(): number
  arranger_look(): void
  arranger_process(frames: number, late: number): number
  arranger_sample_rate(): number
  arranger_block_size(): number
  arranger_share(size: number): number
}

const success = 0
const badDescriptor = 8
const noSuchFile = -44

/** A short text, where there may be no TextDecoder: an AudioWorklet has none. */
function decode(bytes: Uint8Array): string {
  return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''))
}

/** The engine as a WebAssembly module: bytes in and out, and nothing that needs Node.js or a page. */
export class WasmModule {
  readonly #host: Host
  readonly #exports: Exports
  #read: Uint8Array | undefined

  /** Compiled before, since that takes a while. */
  constructor(module: CompiledModule, host: Host) {
    this.#host = host
    const imports = { arranger: this.#hostImports(), wasi_snapshot_preview1: this.#systemImports() }
    this.#exports = new webAssembly.Instance(module, imports).exports as unknown as Exports
    this.#exports._initialize()
  }

  /**
   * Makes the engine; once, before all else.
   * @param hostRate In hertz, of a host that plays at no other; 0: it has none of its own.
   * @returns The code and the message of what is wrong, or nothing.
   */
  create(sampleRate: number, blockSize: number, device: Uint8Array, hostRate: number): Uint8Array | undefined {
    return this.#with(device, (pointer, length) =>
      this.#view(this.#exports.arranger_create(sampleRate, blockSize, pointer, length, hostRate)),
    )
  }

  /** Takes one request, whose reply comes under the tag by {@link takeReply}, at once or after a job. */
  handle(request: Uint8Array, tag: number): void {
    this.#with(request, (pointer, length) => this.#exports.arranger_handle(pointer, length, tag))
  }

  /** Runs what one request left to be done, if any did. Not from within {@link Host.betweenBlocks}. */
  runJob(): boolean {
    return this.#exports.arranger_run_job() !== 0
  }

  takeReply(): { tag: number; text: Uint8Array } | undefined {
    const view = this.#exports.arranger_take_reply()
    const text = this.#view(view)
    return text && { tag: this.#words(view, 3)[2] ?? 0, text }
  }

  takeEvent(): Uint8Array | undefined {
    return this.#view(this.#exports.arranger_take_event())
  }

  /** What is due beside playback; every 10 ms or so. */
  look(): void {
    this.#exports.arranger_look()
  }

  /** The next so many frames, left and right: views that the next call of any function may end. */
  process(frames: number, late: boolean): [Float32Array, Float32Array] {
    const [left = 0, right = 0] = this.#words(this.#exports.arranger_process(frames, late ? 1 : 0), 2)
    const { buffer } = this.#exports.memory
    return [new Float32Array(buffer, left, frames), new Float32Array(buffer, right, frames)]
  }

  get pace(): Pace {
    return { sampleRate: this.#exports.arranger_sample_rate(), blockSize: this.#exports.arranger_block_size() }
  }

  /** Where the engine shows what it plays from now on: a view for each look at it, or nothing when the size is too small. */
  share(size: number): (() => Int32Array) | undefined {
    const pointer = this.#exports.arranger_share(size)
    if (size === 0) return undefined
    return pointer === 0 ? undefined : () => new Int32Array(this.#exports.memory.buffer, pointer, size / 4)
  }

  #bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, pointer, length)
  }

  #words(pointer: number, count: number): Uint32Array {
    return new Uint32Array(this.#exports.memory.buffer, pointer, count)
  }

  /** A copy of what a pointer and a length stand for. */
  #view(pointer: number): Uint8Array | undefined {
    if (pointer === 0) return undefined
    const [data = 0, size = 0] = this.#words(pointer, 2)
    return this.#bytes(data, size).slice()
  }

  #with<T>(bytes: Uint8Array, use: (pointer: number, length: number) => T): T {
    const pointer = this.#exports.arranger_allocate(bytes.length)
    if (pointer === 0) throw new RangeError(`The module has no memory for ${bytes.length} bytes`)
    this.#bytes(pointer, bytes.length).set(bytes)
    try {
      return use(pointer, bytes.length)
    } finally {
      this.#exports.arranger_free(pointer)
    }
  }

  #hostImports(): Imports {
    const { files } = this.#host
    const name = (pointer: number, length: number) => decode(this.#bytes(pointer, length))
    return {
      while_waiting: () => this.#host.whileWaiting(),
      between_blocks: () => this.#host.betweenBlocks(),
      has_files: () => (files ? 1 : 0),
      file_kind: (pointer: number, length: number) => files?.kind(name(pointer, length)) ?? 0,
      file_read: (pointer: number, length: number, limit: number) => {
        const read = files?.read(name(pointer, length), limit) ?? noSuchFile
        if (typeof read === 'number') return read
        this.#read = read
        return read.length
      },
      file_take: (pointer: number) => {
        if (this.#read) this.#bytes(pointer, this.#read.length).set(this.#read)
        this.#read = undefined
      },
      file_write: (pointer: number, length: number, bytes: number, count: number) =>
        files?.write(name(pointer, length), this.#bytes(bytes, count)) ?? noSuchFile,
    }
  }

  /** The few functions of WASI that the C library asks for: a clock, random numbers, and files that are not there. */
  #systemImports(): Imports {
    const view = () => new DataView(this.#exports.memory.buffer)
    const none = () => badDescriptor
    const nothing = (countAt: number, bytesAt: number) => {
      view().setUint32(countAt, 0, true)
      view().setUint32(bytesAt, 0, true)
      return success
    }
    return {
      clock_time_get: (_clock: number, _precision: bigint, out: number) => {
        view().setBigUint64(out, BigInt(Math.round(this.#host.now() * 1e6)), true)
        return success
      },
      random_get: (pointer: number, length: number) => {
        this.#host.random(this.#bytes(pointer, length))
        return success
      },
      environ_sizes_get: nothing,
      environ_get: () => success,
      fd_write: (_file: number, _vectors: number, _count: number, written: number) => {
        view().setUint32(written, 0, true)
        return badDescriptor
      },
      fd_read: none,
      fd_close: none,
      fd_seek: none,
      fd_fdstat_get: none,
      proc_exit: (code: number) => {
        throw new Error(`The engine ended itself with ${code}`)
      },
    }
  }
}
