import type { SwitchableConnection } from './connection-switchable.ts'
import { EngineError } from './error.ts'
import type { EventHub } from './event-hub.ts'
import type { Commands, RenderProgressEvent } from './generated/protocol.ts'
import type { LocalFiles } from './local-files.ts'
import { abandonable, abortError, ask, lastWordsMs, settledWithin } from './requests.ts'
import { deinterleaved } from './samples.ts'

type RenderRequest = Commands['render']['request']
type RenderReply = Commands['render']['reply']

/** What the engine noticed and did not refuse. */
export type Warning = RenderReply['warnings'][number]
/**
 * How a file is written: `wav` (RF64 where it may pass 4 GiB), `flac`, `ogg` (Vorbis), `mp3`, or `raw_f32` (interleaved
 * little-endian float32 without a header).
 */
export type RenderFormat = NonNullable<RenderRequest['format']>

/** How far a render is. */
export interface RenderProgress {
  /** 0..1 */
  ratio: number
  /** Frames rendered, in both passes if there are two. */
  frames: number
  /** A guess, never far off, when the render goes on until silence. */
  totalFrames: number
}

/** Options of every render. */
export interface RenderOptions {
  /** In hertz. The graph runs at this rate; nothing is resampled. Default: that of the engine. */
  sampleRate?: number | undefined
  /**
   * Where to begin, as after a seek: programs, controllers, tempo and parameters are as if played from beat 0, and notes that
   * began before are not heard. Default 0.
   */
  fromBeat?: number | undefined
  /** Beats to play; 0 plays to the last event. Default 0. */
  durationBeats?: number | undefined
  /**
   * Seconds to go on after that, so that sound can fade, 0..3600; or until the output has stayed below −90 dBFS for half a
   * second, at most 60 s. Default 1.
   */
  tailSeconds?: number | 'until_silence' | undefined
  /** Ids of nodes whose audio output is to be had too, as long as the whole and aligned with it. Default none. */
  stems?: readonly string[] | undefined
  /**
   * Integrated loudness to bring the whole to, −70..0 LUFS: it is rendered twice, and one gain applied to all. Silence stays
   * as it is, with a warning. Default: no gain.
   */
  normaliseLufs?: number | undefined
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
  /** Bits of a sample, or 32-bit float. Default 16 for WAV, 24 for FLAC; the others have no choice. */
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

/** The output of one node. */
export interface RenderedStem {
  nodeId: string
  /** Absolute path of its file, beside the whole: `song.wav` has `song.drums.wav`. */
  path: string
  /** As of the whole. */
  hash: string
  analysis?: RenderAnalysis
}

/** The output of one node, as samples. */
export interface RenderedStemAudio extends Omit<RenderedStem, 'path'> {
  /** As of the whole. */
  channelData: Float32Array[]
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
  /** 64 bits in hexadecimal of the float samples: equal for renders that are equal bit for bit. */
  hash: string
  /** Best instruction-set level that plugins are opened at: `x86-64-v4`, `x86-64-v3` or `base`. It changes no sample. */
  isa: string
  /** With `normaliseLufs`: the gain that was applied. */
  gainDb?: number
  analysis?: RenderAnalysis
  /** In the order asked for; empty without `stems`. */
  stems: RenderedStem[]
  warnings: Warning[]
}

/** What was rendered, as samples. */
export interface RenderedAudio extends Omit<RenderInfo, 'path' | 'format' | 'stems'> {
  /** One array a channel, of `frames` samples each. */
  channelData: Float32Array[]
  stems: RenderedStemAudio[]
}

const formatOfExtension: Readonly<Record<string, RenderFormat>> = {
  '.wav': 'wav',
  '.wave': 'wav',
  '.flac': 'flac',
  '.ogg': 'ogg',
  '.oga': 'ogg',
  '.mp3': 'mp3',
  '.f32': 'raw_f32',
  '.raw': 'raw_f32',
}

function formatOf(path: string): RenderFormat {
  const format = formatOfExtension[/\.[^./\\]*$/.exec(path)?.[0].toLowerCase() ?? '']
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

/** Runs the renders of one engine: their ids, progress, cancelling and temporary files. */
export class Renderer {
  readonly #connection: SwitchableConnection
  readonly #events: EventHub
  readonly #files: LocalFiles | undefined
  /** What ends each render that runs. */
  readonly #running = new Set<() => Promise<void>>()
  #count = 0

  constructor(connection: SwitchableConnection, events: EventHub, files: LocalFiles | undefined) {
    this.#connection = connection
    this.#events = events
    this.#files = files
  }

  async toFile(path: string, options: RenderFileOptions): Promise<RenderInfo> {
    const { format = formatOf(path), bitDepth, ...rest } = options
    const file = this.#files ? this.#files.absolute(path) : path
    const fields: Partial<RenderRequest> = { path: file, format }
    if (bitDepth !== undefined) fields.bit_depth = String(bitDepth) as '16' | '24' | '32f'
    const reply = await this.#run(fields, rest)
    return { path: file, format, ...infoOf(reply), stems: (reply.stems ?? []).map(stemOf) }
  }

  async toMemory(options: RenderOptions): Promise<RenderedAudio> {
    if (!this.#files) return this.#inReply(options)
    const { readChannels, temporaryFolder } = this.#files
    await using folder = temporaryFolder()
    const file = `${folder.path}/render.f32`
    const reply = await this.#run({ path: file, format: 'raw_f32' }, options)
    const { channels, frames } = reply
    const channelData = await readChannels(file, channels, frames)
    const stems: RenderedStemAudio[] = []
    for (const { path, ...stem } of (reply.stems ?? []).map(stemOf)) {
      stems.push({ ...stem, channelData: await readChannels(path, channels, frames) })
    }
    return { ...infoOf(reply), channelData, stems }
  }

  /** Where there are no files in between, a reply has room for two minutes. */
  async #inReply(options: RenderOptions): Promise<RenderedAudio> {
    const { data, stems = [], ...reply } = await this.#run({ format: 'raw_f32' }, options)
    const channelData = (text: string | undefined) => deinterleaved(text ?? '', reply.channels)
    return {
      ...infoOf(reply),
      channelData: channelData(data),
      stems: stems.map(({ node_id: nodeId, hash, analysis, data }) => ({
        ...{ nodeId, hash, ...analysisOf({ analysis }) },
        channelData: channelData(data),
      })),
    }
  }

  /** Sends a render that the signal cancels; where its id is left out, it gets one. It is over when this is. */
  async send(request: RenderRequest, signal: AbortSignal | undefined): Promise<RenderReply> {
    throwIfAborted(signal)
    const { id = this.#newId() } = request
    if (this.#connection.switching) await this.#connection.switching
    // A render is cancelled where it was begun, also when another back end is in use by then.
    const { present } = this.#connection
    const render = ask(present, { ...request, id }) as Promise<RenderReply>
    let giveUp = () => {}
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = () => reject(abortError(signal, 'The render was cancelled, and the engine did not answer'))
    })
    const outcome = Promise.race([render, givenUp])
    this.#connection.keep(present, outcome)
    let over = false
    // A cancel can overtake its render on the way to the engine, which then does not know it yet: ask until it is over.
    const cancel = async () => {
      while (!over) {
        const { cancelled } = (await ask(present, { cmd: 'cancel', render_id: id })) as Commands['cancel']['reply']
        if (cancelled > 0) break
        await new Promise((next) => setTimeout(next, 10))
      }
      await outcome.catch(() => {})
    }
    const onAbort = async () => {
      // Whoever waits for the render hears why.
      if (!(await settledWithin(lastWordsMs, [cancel()]))) giveUp()
    }
    this.#running.add(cancel)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await outcome
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'cancelled' || !signal?.aborted) throw error
      throw abortError(signal, error.message)
    } finally {
      over = true
      this.#running.delete(cancel)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Cancels what runs and waits for it. */
  async cancelAll(): Promise<void> {
    await settledWithin(
      lastWordsMs,
      [...this.#running].map((cancel) => cancel()),
    )
  }

  #newId(): string {
    return `render-${++this.#count}`
  }

  async #run(fields: Partial<RenderRequest>, options: RenderOptions): Promise<RenderReply> {
    const { signal, onProgress } = options
    throwIfAborted(signal)
    const id = this.#newId()
    const failed = new AbortController()
    const progress = onProgress && new ProgressReport(onProgress, () => failed.abort())
    const listening =
      progress && this.#events.listen('render_progress', (event) => event.id === id && progress.take(event))
    const either = progress && signal ? AbortSignal.any([signal, failed.signal]) : progress ? failed.signal : signal
    try {
      // Without it the render begins in this very turn: whoever closes next must see it.
      if (listening) await abandonable(either, () => listening.ready)
      const reply = await this.send({ cmd: 'render', id, ...fields, ...requestFields(options) }, either)
      progress?.finish(reply.frames * (options.normaliseLufs === undefined ? 1 : 2))
      return reply
    } catch (error) {
      throw progress?.failure ?? error
    } finally {
      listening?.stop().catch(() => {}) // over here, whatever the engine says to it
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
  if (signal?.aborted) throw abortError(signal, 'The render was cancelled')
}

function requestFields(options: RenderOptions): Partial<RenderRequest> {
  const fields: Partial<RenderRequest> = {}
  if (options.sampleRate !== undefined) fields.sample_rate = options.sampleRate
  if (options.fromBeat !== undefined) fields.from_beat = options.fromBeat
  if (options.durationBeats !== undefined) fields.duration_beats = options.durationBeats
  if (options.tailSeconds !== undefined) fields.tail_seconds = options.tailSeconds
  if (options.measure !== undefined) fields.measure = options.measure
  if (options.stems !== undefined) fields.stems = [...options.stems]
  if (options.normaliseLufs !== undefined) fields.normalise_lufs = options.normaliseLufs
  return fields
}

function infoOf(reply: RenderReply): Omit<RenderInfo, 'path' | 'format' | 'stems'> {
  const { sample_rate: sampleRate, channels, frames, seconds, hash, isa, gain_db: gainDb, warnings } = reply
  const info = { sampleRate, channels, frames, seconds, hash, isa, warnings }
  return { ...info, ...(gainDb === undefined ? {} : { gainDb }), ...analysisOf(reply) }
}

function stemOf({ node_id: nodeId, path, hash, analysis }: NonNullable<RenderReply['stems']>[number]): RenderedStem {
  return { nodeId, path: path as string, hash, ...analysisOf({ analysis }) }
}

function analysisOf({ analysis }: { analysis?: RenderReply['analysis'] }): { analysis?: RenderAnalysis } {
  if (!analysis) return {}
  const { peak_dbfs, rms_dbfs, integrated_lufs, overview } = analysis
  return {
    analysis: {
      // JSON has no infinity: the engine writes null for the level of silence.
      peakDbfs: peak_dbfs ?? -Infinity,
      rmsDbfs: rms_dbfs ?? -Infinity,
      integratedLufs: integrated_lufs ?? -Infinity,
      overview,
    },
  }
}
