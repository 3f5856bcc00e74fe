import { extname } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CliError } from '../failure.ts'
import { interruptible } from '../interrupt.ts'
import type { RenderFlags } from '../job.ts'
import { songLine, summary } from '../result.ts'
import { type AudioFormat, checkPlace, placeOf, type Target, targetFor } from '../target.ts'
import { output, paletteFor, say } from '../terminal.ts'
import { shortPath } from '../text.ts'

interface Flags extends RenderFlags {
  output?: string
  format?: 'wav' | 'flac' | 'raw'
  sf2?: string
  instrument?: string
  gain?: number
  reverb?: number
  plugin?: string[]
  json?: boolean
}

const seeHelp = "see 'arranger render --help'"

/** A parser of numbers in a range, both ends included. */
function number(min = -Infinity, max = Infinity, whole = false): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value))) return value
    if (!Number.isFinite(min)) throw new InvalidArgumentError('Expected a number.')
    throw new InvalidArgumentError(`Expected ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}.`)
  }
}

export function configure(command: Command): void {
  command
    .argument('<song>', "a MIDI file (.mid) or a session (.json); '-' reads it from standard input")
    .option('-o, --output <file>', "the file to write: .wav, .flac or .raw (32 bit float); '-' is standard output")
    .addOption(
      new Option('--format <name>', 'the format on standard output (default: wav)').choices(['wav', 'flac', 'raw']),
    )
    .option('--sf2 <file>', 'play the song with this SoundFont (default: builtin.synth plays it)')
    .option('--instrument <id>', 'play the song with this plugin')
    .option('--gain <factor>', "how loud the instrument plays, in its own range (default: the instrument's)", number())
    .option('--reverb <wet>', 'add a reverb with this wet level, 0 to 1', number(0, 1))
    .option('--sample-rate <hz>', 'frames a second (default: 44100)', number(8000, 384000, true))
    .addOption(new Option('--bit-depth <bits>', 'bits a sample (default: 16, flac: 24)').choices(['16', '24', '32f']))
    .option('--tail <seconds>', 'how long the song rings out after its last event (default: 1)', number(0, 3600))
    .option('--plugin <library>', 'load this plugin library first; may be given several times', collect)
    .option('--picture <file>', 'also draw waveform and spectrogram into this PNG file')
    .option('--json', 'print the figures as JSON on standard output')
    .action((song: string, flags: Flags) => render(song, flags))
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** All that can be refused before the engine starts. @throws CliError */
function checkFlags(flags: Flags): Target {
  if (flags.output === undefined) throw new CliError('usage', 'Expected -o FILE but received none', seeHelp)
  const format: AudioFormat | undefined = flags.format === 'raw' ? 'raw_f32' : flags.format
  const target = targetFor(flags.output, format, flags.bitDepth)
  if (flags.json && target.path === null) {
    throw new CliError('usage', 'Expected -o FILE with --json: standard output cannot hold both audio and JSON')
  }
  if (flags.picture !== undefined) {
    if (extname(flags.picture).toLowerCase() !== '.png') {
      throw new CliError('usage', `Expected a picture that ends in .png but received '${flags.picture}'`)
    }
    checkPlace(flags.picture)
  }
  return target
}

async function render(song: string, flags: Flags): Promise<void> {
  const target = checkFlags(flags)
  if (target.path !== null && song !== '-' && placeOf(song) === placeOf(target.path)) {
    throw new CliError('usage', `Expected an output file other than the song ${song}`)
  }
  const [{ createEngine }, { readSource }, { loadSource }, { loadLibrary }, { RenderJob }] = await Promise.all([
    import('@arranger/engine'),
    import('../source.ts'),
    import('../load.ts'),
    import('../libraries.ts'),
    import('../job.ts'),
  ])
  await interruptible(async (signal) => {
    const { sf2: soundfont, instrument, gain, reverb } = flags
    const source = await readSource(song, { soundfont, instrument, gain, reverb }, signal)
    for (const library of flags.plugin ?? []) loadLibrary(library)
    await using engine = await createEngine()
    const warnings = await loadSource(engine, source, gain)
    const palette = paletteFor(process.stderr)
    if (!flags.json) say(songLine(source.name, source.song, palette))
    const job = new RenderJob(engine, source, target, flags, signal)
    const { result, overview } = await job.run(warnings)
    if (flags.json) return output(`${JSON.stringify(result)}\n`)
    const names = {
      path: target.path === null ? 'standard output' : shortPath(target.path),
      picture: result.picture && shortPath(result.picture),
    }
    for (const line of summary(result, names, overview, palette)) say(line)
  })
}
