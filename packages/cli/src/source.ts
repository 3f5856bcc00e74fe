import { open } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { importMidi, loadSession, parseSession, type Song } from '@arranger/engine'
import { CliError } from './failure.ts'

/** How a MIDI file is played; a session says that itself. */
export interface SourceOptions {
  soundfont?: string | undefined
  /** The SoundFont that plays it where nothing else is given. */
  usualSoundfont?: string | undefined
  instrument?: string | undefined
  /** Parameter `gain` of the instrument. */
  gain?: number | undefined
  /** Wet level 0..1 of a reverb at the end of the chain. */
  reverb?: number | undefined
}

export interface Source {
  /** What the user calls it. */
  name: string
  song: Song
  /** True when the graph was made for a MIDI file, false when the user wrote it. */
  generated: boolean
}

async function readStandardInput(signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of addAbortSignal(signal, process.stdin)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function firstBytes(file: string): Promise<Buffer> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(file)
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (missing) throw new CliError('not_found', `There is no file ${file}`)
    throw new CliError('failed', `Cannot read ${file}: ${(error as Error).message}`)
  }
  try {
    if (!(await handle.stat()).isFile()) throw new CliError('usage', `Expected a file but ${file} is none`)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

type Kind = 'midi' | 'session'

/** By content first, so that a wrong name does no harm; by name for a damaged beginning, so that the reader says where. */
function kindOf(start: Buffer, name: string): Kind {
  if (start.subarray(0, 4).toString('latin1') === 'MThd' || start.subarray(0, 4).toString('latin1') === 'RIFF')
    return 'midi'
  if (/^\uFEFF?\s*\{/.test(start.toString('utf8'))) return 'session'
  const extension = extname(name).toLowerCase()
  if (['.mid', '.midi', '.smf', '.kar', '.rmi'].includes(extension)) return 'midi'
  if (extension === '.json') return 'session'
  throw new CliError('usage', `Expected a MIDI file or a session in JSON but ${name} is neither`)
}

function refuseForSession({ soundfont, instrument, gain, reverb }: SourceOptions): void {
  const given = Object.entries({ '--sf2': soundfont, '--instrument': instrument, '--gain': gain, '--reverb': reverb })
  const wrong = given.find(([, value]) => value !== undefined)
  if (wrong) throw new CliError('usage', `${wrong[0]} is for MIDI files; a session already says what plays it`)
}

/** Reads a song from a file, or from standard input when the name is `-`. */
export async function readSource(file: string, options: SourceOptions, signal: AbortSignal): Promise<Source> {
  const bytes = file === '-' ? await readStandardInput(signal) : undefined
  const name = bytes ? 'standard input' : basename(file)
  if (bytes?.length === 0) throw new CliError('failed', 'Expected a song on standard input but it is empty')
  if (kindOf(bytes?.subarray(0, 64) ?? (await firstBytes(file)), name) === 'session') {
    refuseForSession(options)
    const song = bytes ? parseSession(bytes.toString('utf8'), name) : await loadSession(file)
    return { name, song, generated: false }
  }
  const { instrument, usualSoundfont, soundfont = instrument === undefined ? usualSoundfont : undefined } = options
  const { gain, reverb } = options
  const params = gain === undefined ? undefined : { gain }
  const song = await importMidi(bytes ?? file, { soundfont, instrument, params })
  if (reverb !== undefined) song.master.add('builtin.reverb', { wet: reverb })
  return { name, song, generated: true }
}
