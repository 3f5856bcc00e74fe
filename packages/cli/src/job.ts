import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Engine, RenderInfo, RenderOptions, Warning } from '@arranger/engine'
import { drawPicture } from './picture.ts'
import { factsOf, type RenderResult, resultOf } from './result.ts'
import type { Source } from './source.ts'
import { type BitDepth, PartialFile, type Target } from './target.ts'
import { outputFile, ProgressLine } from './terminal.ts'
import { duration } from './text.ts'
import { readWav } from './wav.ts'

/** The flags that decide how it sounds and what is drawn. */
export interface RenderFlags {
  sampleRate?: number
  bitDepth?: BitDepth
  /** Seconds. */
  tail?: number
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
    private readonly signal: AbortSignal,
  ) {}

  /** @param loadWarnings What the engine noticed when the song was loaded; they join those of the render. */
  async run(loadWarnings: readonly Warning[]): Promise<{ result: RenderResult; overview: number[] }> {
    const { source, target, flags } = this
    using audio = new PartialFile(target.path)
    const info = await this.renderTo(audio.path)
    const picture = flags.picture === undefined ? null : resolve(flags.picture)
    const result = resultOf(source, { ...info, warnings: [...loadWarnings, ...info.warnings] }, { ...target, picture })
    using drawing = picture === null ? null : new PartialFile(picture)
    if (drawing) await writeFile(drawing.path, await this.draw(audio.path, result))
    this.signal.throwIfAborted()
    await drawing?.finish(this.signal)
    if (target.path === null) await outputFile(audio.path)
    await audio.finish(this.signal)
    return { result, overview: info.analysis?.overview ?? [] }
  }

  private get options(): RenderOptions {
    const { sampleRate, tail } = this.flags
    return { sampleRate, tailSeconds: tail, signal: this.signal }
  }

  /** Renders into a file, with a progress line on a terminal. */
  private async renderTo(path: string): Promise<RenderInfo> {
    const { format } = this.target
    const line = new ProgressLine()
    const seconds = this.source.song.durationSeconds + (this.flags.tail ?? 1)
    try {
      return await this.engine.render(path, {
        ...this.options,
        format,
        bitDepth: format === 'raw_f32' ? undefined : this.flags.bitDepth,
        measure: true,
        onProgress: ({ ratio }) => {
          const percent = String(Math.floor(100 * ratio)).padStart(3)
          line.update(`  ${percent} %  ${duration(ratio * seconds)} of ${duration(seconds)}`)
        },
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
