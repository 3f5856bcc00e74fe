import type { RenderInfo, Song } from '@arranger/engine'
import { brailleWaveform } from './braille.ts'
import { columnsOf, type Palette } from './terminal.ts'
import { duration, factor, level, plural, shortPath } from './text.ts'

/** What became of a render, with the names and units of the JSON contract. Levels of silence are null. */
export interface RenderResult {
  status: 'ok'
  source: string
  title: string
  tracks: number
  notes: number
  /** Plugin ids in order of the signal. */
  chain: string[]
  path: string | null
  format: string
  sample_rate: number
  channels: number
  frames: number
  duration_seconds: number
  render_seconds: number
  times_real_time: number
  peak_dbfs: number | null
  rms_dbfs: number | null
  integrated_lufs: number | null
  /** Of `--normalise`; null without it. */
  gain_db: number | null
  /** Of the samples: equal for renders that are equal bit for bit. */
  hash: string
  stems: { node_id: string; path: string; peak_dbfs: number | null; integrated_lufs: number | null }[]
  picture: string | null
  warnings: RenderInfo['warnings']
}

/** The plugins of a song in order of the signal: instruments, effects, mixer. */
export function chainOf(song: Song): string[] {
  const { nodes = [], connections = [] } = song.graph
  const played = nodes.filter(({ type }) => type !== 'track_source')
  const rank = new Map(played.map(({ id }) => [id, 0]))
  // A rank rises at most once for each node before it; more rounds than nodes are a loop through a delay.
  for (let round = 0; round < played.length; ++round) {
    for (const { from_node, to_node } of connections) {
      const from = rank.get(from_node)
      const to = rank.get(to_node)
      if (from !== undefined && to !== undefined && to <= from) rank.set(to_node, from + 1)
    }
  }
  const sorted = [...played].sort((a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0))
  return [...new Set(sorted.map(({ type }) => type))]
}

/** `♪ song.mid  14 tracks, 2,613 notes, 2:13  builtin.synth → mixer` */
export function songLine(name: string, song: Song, { accent, bold, dim }: Palette): string {
  const facts = [plural(song.tracks.length, 'track'), plural(song.noteCount, 'note'), duration(song.durationSeconds)]
  return `${accent('♪')} ${bold(name)}  ${facts.join(', ')}  ${dim(chainOf(song).join(' → '))}`
}

const finite = (value: number | null | undefined) =>
  value === null || value === undefined || !Number.isFinite(value) ? null : value

export function resultOf(
  source: { name: string; song: Song },
  info: RenderInfo,
  target: { format: string; path: string | null; picture: string | null },
): RenderResult {
  const { song } = source
  const seconds = info.frames / info.sampleRate
  return {
    status: 'ok',
    source: source.name,
    title: song.title,
    tracks: song.tracks.length,
    notes: song.noteCount,
    chain: chainOf(song),
    path: target.path,
    format: target.format,
    sample_rate: info.sampleRate,
    channels: info.channels,
    frames: info.frames,
    duration_seconds: seconds,
    render_seconds: info.seconds,
    times_real_time: info.seconds > 0 ? seconds / info.seconds : 0,
    peak_dbfs: finite(info.analysis?.peakDbfs),
    rms_dbfs: finite(info.analysis?.rmsDbfs),
    integrated_lufs: finite(info.analysis?.integratedLufs),
    gain_db: info.gainDb ?? null,
    hash: info.hash,
    stems: info.stems.map(({ nodeId, path, analysis }) => ({
      node_id: nodeId,
      path,
      peak_dbfs: finite(analysis?.peakDbfs),
      integrated_lufs: finite(analysis?.integratedLufs),
    })),
    picture: target.picture,
    warnings: info.warnings,
  }
}

/** Levels and length in one line, for people. */
export function factsOf(result: RenderResult): string[] {
  return [
    duration(result.duration_seconds, 1),
    level(result.integrated_lufs, 'LUFS'),
    `peak ${level(result.peak_dbfs, 'dBFS')}`,
    `RMS ${level(result.rms_dbfs, 'dBFS')}`,
  ]
}

/** Waveform, result and warnings, for people. */
export function summary(
  result: RenderResult,
  names: { path: string; picture: string | null },
  overview: readonly number[],
  { accent, bold, dim, good, warn }: Palette,
): string[] {
  const width = Math.min(76, columnsOf(process.stderr) - 4)
  // The loudest moment fills the height: the shape is what this is for, the level stands below.
  const loudest = overview.reduce((most, peak) => Math.max(most, peak), 0)
  const waves = brailleWaveform(overview, width, 2, loudest || 1)
  const picture = names.picture === null ? '' : `   picture: ${names.picture}`
  const speed = `${factor(result.times_real_time)} real time`
  const gain = result.gain_db === null ? [] : [`gain ${level(result.gain_db, 'dB')}`]
  return [
    ...waves.map((line) => `  ${accent(line)}`),
    `${good('✔')} ${bold(names.path)}  ${[...factsOf(result), ...gain, speed].join('  ')}${picture}`,
    ...result.stems.map(({ path, integrated_lufs }) => `  ${shortPath(path)}  ${dim(level(integrated_lufs, 'LUFS'))}`),
    ...result.warnings.map(({ code, message }) => `${warn('!')} ${message} ${dim(`(${code})`)}`),
  ]
}
