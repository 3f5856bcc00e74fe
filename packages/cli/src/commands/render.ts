import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, resolve, sep } from 'node:path'
import type { Engine } from '@arranger/engine'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CliError } from '../failure.ts'
import { interruptible } from '../interrupt.ts'
import type { RenderFlags } from '../job.ts'
import { number } from '../number.ts'
import { type RenderResult, songLine, summary } from '../result.ts'
import { type AudioFormat, checkDepth, checkPlace, isAudioName, placeOf, type Target, targetFor } from '../target.ts'
import { output, paletteFor, say } from '../terminal.ts'
import { shortPath } from '../text.ts'

interface Flags extends RenderFlags {
  output?: string
  format?: Exclude<AudioFormat, 'raw_f32'> | 'raw'
  stems?: true | string[]
  sf2?: string
  instrument?: string
  gain?: number
  reverb?: number
  plugin?: string[]
  json?: boolean
}

/** One song and where its audio goes. */
interface Work {
  song: string
  target: Target
}

const seeHelp = "see 'arranger render --help'"
const formatNames = ['wav', 'flac', 'ogg', 'mp3', 'raw'] as const

function tail(text: string): number | 'until_silence' {
  if (text === 'until-silence') return 'until_silence'
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= 0 && value <= 3600) return value
  throw new InvalidArgumentError("Expected a number from 0 to 3600 or 'until-silence'.")
}

function ids(text: string): string[] {
  const list = text.split(',').map((id) => id.trim())
  if (list.includes('')) throw new InvalidArgumentError('Expected the ids of nodes with commas between them.')
  return list
}

export function configure(command: Command): void {
  command
    .argument('<song...>', "MIDI files (.mid) or sessions (.json); '-' reads one from standard input")
    .option(
      '-o, --output <file>',
      "the file to write: .wav, .flac, .ogg, .mp3 or .raw (32 bit float); '-' is standard output; a folder takes several songs",
    )
    .addOption(
      new Option('--format <name>', 'the format on standard output or in a folder (default: wav)').choices(formatNames),
    )
    .option('--from <beat>', 'where to begin (default: 0)', number(0, 1e7))
    .option('--beats <n>', 'how many beats to play (default: to the last event)', number(0, 1e7))
    .option('--tail <seconds>', "how long it rings out after that, or 'until-silence' (default: 1)", tail)
    .option('--stems [ids]', 'also write the output of these nodes, or of each track, to files beside it', ids)
    .option('--normalise <lufs>', 'bring the loudness to this; renders twice', number(-70, 0))
    .option(
      '--sf2 <file>',
      'play the song with this SoundFont (default: that of the settings, else builtin.synth plays it)',
    )
    .option('--instrument <id>', 'play the song with this plugin')
    .option('--gain <factor>', "how loud the instrument plays, in its own range (default: the instrument's)", number())
    .option('--reverb <wet>', 'add a reverb with this wet level, 0 to 1', number(0, 1))
    .option('--sample-rate <hz>', 'frames a second (default: 44100)', number(8000, 384000, true))
    .addOption(new Option('--bit-depth <bits>', 'bits a sample (default: 16, flac: 24)').choices(['16', '24', '32f']))
    .option('--plugin <library>', 'load this plugin library first; may be given several times', collect)
    .option('--picture <file>', 'also draw waveform and spectrogram into this PNG file')
    .option('--json', 'print the figures as JSON on standard output, one line a song')
    .action((songs: string[], flags: Flags) => renderAll(songs, flags))
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** All that can be refused before the engine starts. @throws CliError */
function check(songs: readonly string[], flags: Flags): Work[] {
  const { output: place, format, stems, picture } = flags
  if (place === undefined) throw new CliError('usage', 'Expected -o FILE but received none', seeHelp)
  const asked: AudioFormat | undefined = format === 'raw' ? 'raw_f32' : format
  const work = intoFolder(songs, place)
    ? worksInFolder(songs, place, asked, flags)
    : songs.map((song) => ({ song, target: targetFor(place, asked, flags.bitDepth) }))
  for (const { song, target } of work) {
    if (target.path !== null && song !== '-' && placeOf(song) === placeOf(target.path)) {
      throw new CliError('usage', `Expected an output file other than the song ${song}`)
    }
  }
  if (place === '-' && flags.json)
    throw new CliError('usage', 'Expected -o FILE with --json: standard output cannot hold both audio and JSON')
  if (place === '-' && stems) throw new CliError('usage', 'Expected -o FILE with --stems: they are files beside it')
  if (picture !== undefined) {
    if (songs.length > 1) throw new CliError('usage', 'Expected one song with --picture but received several')
    if (extname(picture).toLowerCase() !== '.png') {
      throw new CliError('usage', `Expected a picture that ends in .png but received '${picture}'`)
    }
    checkPlace(picture)
  }
  return work
}

function isFolder(path: string): boolean {
  if (path.endsWith('/') || path.endsWith(sep)) return true
  return !isAudioName(path) && (statSync(path, { throwIfNoEntry: false, bigint: true })?.isDirectory() ?? false)
}

/** Several songs need a folder; one song goes there too when the place is one, or ends like one. */
function intoFolder(songs: readonly string[], place: string): boolean {
  if (place !== '-' && isFolder(place)) return true
  if (songs.length === 1) return false
  throw new CliError('usage', `Expected -o FOLDER/ for ${songs.length} songs but received '${place}'`)
}

/** `songs/a.mid` becomes `folder/a.wav`. */
function worksInFolder(songs: readonly string[], folder: string, format: AudioFormat = 'wav', flags: Flags): Work[] {
  checkDepth(format, flags.bitDepth)
  const extension = format === 'raw_f32' ? '.raw' : `.${format}`
  const taken = new Map<string, string>()
  for (const song of songs) {
    if (song === '-') throw new CliError('usage', 'Expected names of songs for a folder but received -')
    const name = basename(song, extname(song)) + extension
    const other = taken.get(name)
    if (other !== undefined)
      throw new CliError('usage', `Expected songs of different names: ${other} and ${song} are both ${name}`)
    taken.set(name, song)
  }
  return [...taken].map(([name, song]) => ({ song, target: { format, path: resolve(folder, name) } }))
}

async function renderAll(songs: string[], flags: Flags): Promise<void> {
  const work = check(songs, flags)
  const [{ createEngine, readSettings }, { loadInto }] = await Promise.all([
    import('@arranger/engine'),
    import('../libraries.ts'),
  ])
  let written = 0
  const interrupted = () => (written > 0 ? `Interrupted; ${written} of ${work.length} songs are written` : undefined)
  await interruptible(async (signal) => {
    await using engine = await createEngine({ serverAddress: privateAddress() })
    tellOf(engine)
    for (const library of flags.plugin ?? []) await loadInto(engine, library)
    const usualSoundfont = soundfontThere((await readSettings()).settings.sf2_path)
    for (const one of work) {
      // A folder for several songs is made when it is not there; that of a single file was checked.
      if (one.target.path !== null) mkdirSync(dirname(one.target.path), { recursive: true })
      const { result, lines } = await render(engine, one, { ...flags, usualSoundfont }, signal)
      ++written
      if (flags.json) await output(`${JSON.stringify(result)}\n`)
      else for (const line of lines) say(line)
    }
  }, interrupted)
}

/** Where no other program has its session, which the songs would replace. The server removes what it makes there. */
function privateAddress(): string {
  const name = `arranger-${randomUUID()}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}

/** The SoundFont of the settings, if it is there: one that was moved keeps no song from being rendered. */
function soundfontThere(path: string | undefined): string | undefined {
  if (path === undefined || existsSync(path)) return path
  say(`${paletteFor(process.stderr).warn('!')} There is no ${path}, which the settings name as sf2_path`)
  return undefined
}

/** What renders is said where it is not what was preferred. */
function tellOf({ attempts, backend }: Engine): void {
  const { warn, dim } = paletteFor(process.stderr)
  for (const { ok, backend: wanted, reason = '' } of attempts)
    if (!ok) say(`${warn('!')} ${backend} renders, for ${wanted} cannot be had ${dim(reason)}`)
}

async function render(
  engine: Engine,
  { song, target }: Work,
  flags: Flags & { usualSoundfont: string | undefined },
  signal: AbortSignal,
): Promise<{ result: RenderResult; lines: string[] }> {
  const [{ readSource }, { loadSource }, { RenderJob }, { mixedNodes, splitByTrack }] = await Promise.all([
    import('../source.ts'),
    import('../load.ts'),
    import('../job.ts'),
    import('../stems.ts'),
  ])
  const { sf2: soundfont, usualSoundfont, instrument, gain, reverb, stems } = flags
  const source = await readSource(song, { soundfont, usualSoundfont, instrument, gain, reverb }, signal)
  const { generated } = source
  const split = stems === true && generated ? splitByTrack(source.song) : undefined
  const warnings = await loadSource(engine, split ?? source.song, { generated, gain })
  const palette = paletteFor(process.stderr)
  if (!flags.json) say(songLine(source.name, source.song, palette))
  const wanted = stems === true ? (split?.stems ?? mixedNodes(source.song)) : (stems ?? [])
  const job = new RenderJob(engine, source, target, flags, wanted, signal)
  const { result, overview } = await job.run(warnings)
  const names = {
    path: target.path === null ? 'standard output' : shortPath(target.path),
    picture: result.picture && shortPath(result.picture),
  }
  return { result, lines: summary(result, names, overview, palette) }
}
