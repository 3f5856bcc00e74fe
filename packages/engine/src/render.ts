import { open } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError, ioError } from './error.ts'
import type { EventHub } from './event-hub.ts'
import type { Commands, RenderProgressEvent } from './generated/protocol.ts'
import { TemporaryFolder } from './temporary-folder.ts'

type RenderRequest = Commands['render']['request']
type RenderReply = Commands['render']['reply']

/** What the engine noticed and did not refuse. */
export type Warning = RenderReply['warnings'][number]
/** How a file is written: `wav`, `flac`, or `raw_f32` (interleaved little-endian float32 without a header). */
export type RenderFormat = NonNullable<RenderRequest['format']>

/** How far a render is. */
export interface RenderProgress {
  /** 0..1 */
  ratio: number
  /** Frames rendered. */
  frames: number
  totalFrames: number
}

/** Options of every render. */
export interface RenderOptions {
  /** In hertz. Default: that of the engine. */
  sampleRate?: number | undefined
  /** Beats to play; 0 plays to the last event. Default 0. */
  durationBeats?: number | undefined
  /** Seconds to go on after that, so that sound can fade. Default 1. */
  tailSeconds?: number | undefined
  /** Measure level and loudness on the way. Default false. */
  measure?: boolean | undefined
  /** Ends the render early; it rejects with code `cancelled` and leaves no file. */
  signal?: AbortSignal | undefined
  /** Called about ten times a second, and once with ratio 1 at the end. What it throws ends the render. */
  onProgress?: ((progress: RenderProgress) => void) | undefined
}

/** Options of a render to a file. */
export interface RenderFileOptions extends RenderOptions {
  /** Default: by the extension of the path. */
  format?: RenderFormat | undefined
  /** Bits of a sample, or 32-bit float. Default 16 for WAV, 24 for FLAC. */
  bitDepth?: 16 | 24 | '16' | '24' | '32f' | undefined
}

/** Measured on the way; −Infinity for silence. */
export interface RenderAnalysis {
  peakDbfs: number
  rmsDbfs: number
  /** Integrated loudness (ITU-R BS.1770). */
  integratedLufs: number
  /** The peak of each of 512 equal parts, 0..1. */
  overview: number[]
}

/** What was rendered. */
export interface RenderInfo {
  /** Absolute path of the file. */
  path: string
  format: RenderFormat
  /** In hertz. */
  sampleRate: number
  channels: number
  /** Frames of the whole file. */
  frames: number
  /** Seconds that rendering took. */
  seconds: number
  analysis?: RenderAnalysis
  warnings: Warning[]
}

/** What was rendered, as samples. */
export interface RenderedAudio extends Omit<RenderInfo, 'path' | 'format'> {
  /** One array a channel, of `frames` samples each. */
  channelData: Float32Array[]
}

const formatOfExtension: Readonly<Record<string, RenderFormat>> = {
  '.wav': 'wav',
  '.flac': 'flac',
  '.f32': 'raw_f32',
  '.raw': 'raw_f32',
}

function formatOf(path: string): RenderFormat {
  const format = formatOfExtension[extname(path).toLowerCase()]
  if (format) return format
  const known = Object.keys(formatOfExtension).join(', ')
  throw new EngineError(
    'invalid_request',
    `Expected a path that ends in ${known}, or the option format, but received ${path}`,
    {
      path: '/path',
    },
  )
}

type Send = (command: RenderRequest | Commands['cancel']['request']) => Promise<unknown>

/** Runs the renders of one engine: their ids, progress, cancelling and temporary files. */
export class Renderer {
  readonly #send: Send
  readonly #events: EventHub
  readonly #running = new Map<string, Promise<unknown>>()
  #count = 0

  constructor(send: Send, events: EventHub) {
    this.#send = send
    this.#events = events
  }

  async toFile(path: string, options: RenderFileOptions): Promise<RenderInfo> {
    const { format = formatOf(path), bitDepth, ...rest } = options
    const file = resolve(path)
    const fields: Partial<RenderRequest> = { path: file, format }
    if (bitDepth !== undefined) fields.bit_depth = String(bitDepth) as '16' | '24' | '32f'
    const reply = await this.#run(fields, rest)
    return { path: file, format, ...infoOf(reply) }
  }

  async toMemory(options: RenderOptions): Promise<RenderedAudio> {
    await using folder = new TemporaryFolder()
    const file = join(folder.path, 'render.f32')
    const info = infoOf(await this.#run({ path: file, format: 'raw_f32' }, options))
    return { ...info, channelData: await readChannels(file, info.channels, info.frames) }
  }

  /** Cancels what runs and waits for it. */
  async cancelAll(): Promise<void> {
    const running = [...this.#running]
    await Promise.allSettled(running.map(([id, render]) => this.#cancel(id).then(() => render)))
  }

  async #run(fields: Partial<RenderRequest>, options: RenderOptions): Promise<RenderReply> {
    const { signal, onProgress } = options
    throwIfAborted(signal)
    const id = `render-${++this.#count}`
    const progress = onProgress && new ProgressReport(onProgress, () => void this.#cancel(id))
    const stop =
      progress && (await this.#events.listen('render_progress', (event) => event.id === id && progress.take(event)))
    const cancel = () => void this.#cancel(id)
    try {
      throwIfAborted(signal)
      const render = this.#send({ cmd: 'render', id, ...fields, ...requestFields(options) }) as Promise<RenderReply>
      this.#running.set(id, render)
      signal?.addEventListener('abort', cancel, { once: true })
      const reply = await render
      progress?.finish(reply.frames)
      return reply
    } catch (error) {
      throw progress?.failure ?? withReason(error, signal)
    } finally {
      this.#running.delete(id)
      signal?.removeEventListener('abort', cancel)
      await stop?.()
    }
  }

  /** A cancel can overtake its render on the way to the engine, which then does not know it yet: ask until it is over. */
  async #cancel(id: string): Promise<void> {
    while (this.#running.has(id)) {
      const { cancelled } = (await this.#send({ cmd: 'cancel', render_id: id })) as Commands['cancel']['reply']
      if (cancelled > 0) return
      await delay(10)
    }
  }
}

/** Passes progress on, and remembers what the callback threw. */
class ProgressReport {
  failure: unknown
  readonly #callback: (progress: RenderProgress) => void
  readonly #onFailure: () => void
  #ratio = 0

  constructor(callback: (progress: RenderProgress) => void, onFailure: () => void) {
    this.#callback = callback
    this.#onFailure = onFailure
  }

  take({
    ratio,
    frames,
    total_frames: totalFrames,
  }: Pick<RenderProgressEvent, 'ratio' | 'frames' | 'total_frames'>): void {
    // Events come from another thread: one may still be under way when the reply is here.
    if (this.failure !== undefined || this.#ratio === 1) return
    this.#ratio = ratio
    try {
      this.#callback({ ratio, frames, totalFrames })
    } catch (error) {
      this.failure = error
      this.#onFailure()
    }
  }

  finish(frames: number): void {
    this.take({ ratio: 1, frames, total_frames: frames })
    if (this.failure !== undefined) throw this.failure
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EngineError('cancelled', 'The render was cancelled', { cause: signal.reason })
}

function withReason(error: unknown, signal: AbortSignal | undefined): unknown {
  if (!(error instanceof EngineError) || error.code !== 'cancelled' || !signal?.aborted) return error
  return new EngineError('cancelled', error.message, { cause: signal.reason })
}

function requestFields(options: RenderOptions): Partial<RenderRequest> {
  const fields: Partial<RenderRequest> = {}
  if (options.sampleRate !== undefined) fields.sample_rate = options.sampleRate
  if (options.durationBeats !== undefined) fields.duration_beats = options.durationBeats
  if (options.tailSeconds !== undefined) fields.tail_seconds = options.tailSeconds
  if (options.measure !== undefined) fields.measure = options.measure
  return fields
}

function infoOf(reply: RenderReply): Omit<RenderInfo, 'path' | 'format'> {
  const { sample_rate: sampleRate, channels, frames, seconds, analysis, warnings } = reply
  const info = { sampleRate, channels, frames, seconds, warnings }
  if (!analysis) return info
  const { peak_dbfs, rms_dbfs, integrated_lufs, overview } = analysis
  return {
    ...info,
    analysis: {
      // JSON has no infinity: the engine writes null for the level of silence.
      peakDbfs: peak_dbfs ?? -Infinity,
      rmsDbfs: rms_dbfs ?? -Infinity,
      integratedLufs: integrated_lufs ?? -Infinity,
      overview,
    },
  }
}

/** Frames read at a time: few enough that sorting them into channels never holds up the event loop. */
const framesPerRead = 65_536

/** Reads interleaved float32 into one array a channel. */
async function readChannels(file: string, channels: number, frames: number): Promise<Float32Array[]> {
  const channelData = Array.from({ length: channels }, () => new Float32Array(frames))
  const frameBytes = channels * Float32Array.BYTES_PER_ELEMENT
  const samples = new Float32Array(framesPerRead * channels)
  const bytes = new Uint8Array(samples.buffer)
  const handle = await open(file).catch((error: unknown) => {
    throw ioError('read the rendered samples', file, error)
  })
  try {
    for (let frame = 0; frame < frames; ) {
      const wanted = Math.min(framesPerRead, frames - frame) * frameBytes
      const { bytesRead } = await handle.read(bytes, 0, wanted, frame * frameBytes)
      const read = Math.floor(bytesRead / frameBytes)
      if (read === 0)
        throw new EngineError('io_error', `Expected ${frames} rendered frames but ${file} ends after ${frame}`)
      deinterleave(samples, channelData, frame, read)
      frame += read
    }
  } finally {
    await handle.close()
  }
  return channelData
}

function deinterleave(samples: Float32Array, channelData: Float32Array[], start: number, count: number): void {
  const channels = channelData.length
  for (const [channel, target] of channelData.entries()) {
    for (let frame = 0; frame < count; frame++) target[start + frame] = samples[frame * channels + channel] as number
  }
}
