import { lstatSync, mkdtempSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { RenderFormat } from '@arranger/engine'
import { CliError } from './failure.ts'
import { copyInto } from './pipe.ts'
import { nearest } from './text.ts'

export type AudioFormat = RenderFormat
export type BitDepth = '16' | '24' | '32f'

const formats: Record<string, AudioFormat> = {
  '.wav': 'wav',
  '.flac': 'flac',
  '.ogg': 'ogg',
  '.mp3': 'mp3',
  '.raw': 'raw_f32',
  '.f32': 'raw_f32',
}
const depths: Record<AudioFormat, readonly BitDepth[]> = {
  wav: ['16', '24', '32f'],
  flac: ['16', '24'],
  raw_f32: ['32f'],
  ogg: [],
  mp3: [],
}

/** Where audio goes. */
export interface Target {
  format: AudioFormat
  /** Absolute path, or null for standard output. */
  path: string | null
}

/** Whether a name is that of an audio file, whatever is there. */
export const isAudioName = (file: string) => extname(file).toLowerCase() in formats

/** The format that a file name asks for. @throws CliError `usage` */
export function formatOf(file: string): AudioFormat {
  const extension = extname(file)
  const format = formats[extension.toLowerCase()]
  if (format) return format
  const known = Object.keys(formats)
  const near = nearest(extension, known)
  const received = extension === '' ? `'${file}', which has none` : `'${extension}'`
  throw new CliError(
    'usage',
    `Expected an output file that ends in ${known.join(', ')} but received ${received}${near ? `; nearest is '${near}'` : ''}`,
  )
}

// `bigint` keeps a pipe's figures out of the buffer that Node.js itself goes by when it next resolves a module: it would
// take the module's path for that of the pipe and not follow its links.
const asked = { throwIfNoEntry: false, bigint: true } as const

/** What is at a path, links followed; undefined for nothing. */
const kindOf = (path: string) => statSync(path, asked)

/** Where a file really is or will be: the absolute path without links, also for a link to a file that is not there yet. */
export function placeOf(file: string): string {
  if (kindOf(file)) return realpathSync.native(file)
  const folder = dirname(resolve(file))
  if (lstatSync(file, asked)?.isSymbolicLink()) return placeOf(resolve(folder, readlinkSync(file)))
  return kindOf(folder) ? join(realpathSync.native(folder), basename(file)) : resolve(file)
}

/** Refuses a file whose folder is not there, and a folder in place of a file. @throws CliError `not_found` or `usage` */
export function checkPlace(file: string): void {
  if (!kindOf(dirname(resolve(file)))?.isDirectory()) {
    throw new CliError(
      'not_found',
      `The folder ${dirname(file)} of ${basename(file)} does not exist`,
      `mkdir -p ${dirname(file)}`,
    )
  }
  if (kindOf(file)?.isDirectory()) throw new CliError('usage', `Expected the name of a file but ${file} is a folder`)
}

/** Refuses a bit depth that a format does not have. @throws CliError `usage` */
export function checkDepth(format: AudioFormat, depth: BitDepth | undefined): void {
  const allowed = depths[format]
  if (depth !== undefined && !allowed.includes(depth)) {
    const name = format === 'raw_f32' ? 'raw' : format
    if (allowed.length === 0) throw new CliError('usage', `--bit-depth is for formats that have one, not for ${name}`)
    throw new CliError('usage', `Expected --bit-depth ${allowed.join(' or ')} for ${name} but received ${depth}`)
  }
}

/** What `-o` and `--bit-depth` ask for, checked. @throws CliError `usage` or `not_found` */
export function targetFor(file: string, format: AudioFormat | undefined, depth: BitDepth | undefined): Target {
  if (file !== '-' && format !== undefined && format !== formatOf(file)) {
    throw new CliError('usage', `--format is for standard output (-o -); the name of ${file} already says its format`)
  }
  const target: Target = {
    format: file === '-' ? (format ?? 'wav') : formatOf(file),
    path: file === '-' ? null : resolve(file),
  }
  checkDepth(target.format, depth)
  if (file !== '-') checkPlace(file)
  else if (process.stdout.isTTY) {
    throw new CliError('usage', 'Expected a pipe or a file for -o - but standard output is a terminal')
  }
  return target
}

/**
 * A file in the making, in a folder of its own beside its place. It gets its name only when it is whole: whatever happens
 * before, no half-written file stays, and a file that was there keeps its content. A link stays a link: what it points
 * to is replaced. A device or a pipe is no file that could be replaced: the bytes go into it. Other files of the folder
 * can get their names with it, beside it.
 */
export class PartialFile {
  readonly path: string
  private readonly folder: string
  private readonly place: string | null
  private readonly replaces: boolean
  private readonly discard = () => rmSync(this.folder, { recursive: true, force: true })

  /** @param target Absolute path of the file to be made; null for one that never gets a name. */
  constructor(target: string | null) {
    this.place = target === null ? null : placeOf(target)
    this.replaces = this.place !== null && (kindOf(this.place)?.isFile() ?? true)
    this.folder = mkdtempSync(join(this.place !== null && this.replaces ? dirname(this.place) : tmpdir(), '.arranger-'))
    this.path = join(this.folder, target === null ? 'output' : basename(target))
    process.once('exit', this.discard)
  }

  /** Where a file of the folder will be: beside the file. */
  placeBeside(path: string): string {
    return join(dirname(this.place ?? this.path), basename(path))
  }

  /**
   * Gives the file its name, and those of its folder that belong to it theirs.
   * @param signal Ends the wait for a reader at the other end of a pipe.
   */
  async finish(signal?: AbortSignal, others: readonly string[] = []): Promise<void> {
    if (this.place === null) return
    for (const path of others) await rename(path, this.placeBeside(path))
    if (this.replaces) await rename(this.path, this.place)
    else await copyInto(this.path, this.place, signal)
  }

  /** Removes what is left of it. A second call does nothing. */
  [Symbol.dispose](): void {
    process.off('exit', this.discard)
    this.discard()
  }
}
