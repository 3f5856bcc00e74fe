import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Engine, RenderInfo, RenderOptions, RenderProgress, Warning } from '@arranger/engine'
import { drawPicture } from './picture.ts'
import { factsOf, type RenderResult, resultOf } from './result.ts'
import type { Source } from './source.ts'
import { type BitDepth, PartialFile, type Target } from './target.ts'
import { outputFile, ProgressLine } from './terminal.ts'
import { duration } from './text.ts'
import { readWav } from './wav.ts'

/** Hertz of an engine that is told none. */
const defaultRate = 44_100

/** The flags that decide how it sounds and what is drawn. */
export interface RenderFlags {
  sampleRate?: number
  bitDepth?: BitDepth
  /** The beat to begin at. */
  from?: number
  /** Beats to play; to the last event without. */
  beats?: number
  /** Seconds. */
  tail?: number | 'until_silence'
  /** Integrated loudness to bring it to, in LUFS. */
  normalise?: number
  /** File of the picture. */
  picture?: string
}

/** One render of what the engine has loaded: audio, then picture. Files get their names only when all of it worked. */
export class RenderJob {
  constructor(
    private readonly engine: Engine,
    private readonly source: Source,
    private readonly target: Target,
    private readonly flags: RenderFlags,
    private readonly stems: readonly string[],
    private readonly signal: AbortSignal,
  ) {}

  /** @param loadWarnings What the engine noticed when the song was loaded; they join those of the render. */
  async run(loadWarnings: readonly Warning[]): Promise<{ result: RenderResult; overview: number[] }> {
    const { source, target, flags } = this
    using audio = new PartialFile(target.path)
    const info = await this.renderTo(audio.path)
    const picture = flags.picture === undefined ? null : resolve(flags.picture)
    const stems = info.stems.map((stem) => ({ ...stem, path: audio.placeBeside(stem.path) }))
    const warnings = [...loadWarnings, ...info.warnings]
    const result = resultOf(source, { ...info, stems, warnings }, { ...target, picture })
    using drawing = picture === null ? null : new PartialFile(picture)
    if (drawing) await writeFile(drawing.path, await this.draw(audio.path, result))
    this.signal.throwIfAborted()
    await drawing?.finish(this.signal)
    if (target.path === null) await outputFile(audio.path)
    await audio.finish(
      this.signal,
      info.stems.map(({ path }) => path),
    )
    return { result, overview: info.analysis?.overview ?? [] }
  }

  private get options(): RenderOptions {
    const { sampleRate, from, beats, tail, normalise } = this.flags
    return {
      sampleRate,
      fromBeat: from,
      durationBeats: beats,
      tailSeconds: tail,
      normaliseLufs: normalise,
      signal: this.signal,
    }
  }

  /** Renders into a file, with a progress line on a terminal. */
  private async renderTo(path: string): Promise<RenderInfo> {
    const { format } = this.target
    const line = new ProgressLine()
    const passes = this.flags.normalise === undefined ? 1 : 2
    try {
      return await this.engine.render(path, {
        ...this.options,
        format,
        bitDepth: this.flags.bitDepth,
        stems: this.stems,
        measure: true,
        onProgress: (progress) => line.update(progressText(progress, passes, this.flags.sampleRate ?? defaultRate)),
      })
    } finally {
      line.clear()
    }
  }

  /** The picture shows the samples of the WAV file itself; other formats are rendered again, to the same samples. */
  private async draw(file: string, result: RenderResult): Promise<Buffer> {
    const { sampleRate, channels } =
      this.target.format === 'wav' ? readWav(await readFile(file)) : await this.renderAgain()
    const subtitle = [...factsOf(result), `${sampleRate / 1000} kHz`].join(' · ')
    return drawPicture({ title: this.source.name, subtitle, channels, sampleRate })
  }

  private async renderAgain(): Promise<{ sampleRate: number; channels: Float32Array[] }> {
    const { sampleRate, channelData } = await this.engine.render(undefined, this.options)
    return { sampleRate, channels: channelData }
  }
}

/** ` 42 %  1:03 of 2:30`, and which of two passes it is. */
export function progressText({ ratio, totalFrames }: RenderProgress, passes: 1 | 2, sampleRate: number): string {
  const seconds = totalFrames / passes / sampleRate
  const second = ratio > 0.5
  const done = passes === 1 ? ratio : 2 * ratio - (second ? 1 : 0)
  const pass = passes === 1 ? '' : second ? '  normalising' : '  measuring the loudness'
  return `  ${String(Math.floor(100 * ratio)).padStart(3)} %  ${duration(done * seconds)} of ${duration(seconds)}${pass}`
}
