import { readFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import {
  abiVersion,
  type ConfigParam,
  type Descriptor,
  type Port,
  portRoleValues,
  portTypeValues,
} from '@arranger/plugin-sdk'
import { list, number, object, oneOf, text } from '../session/shape.ts'
import { contentHash } from './content-hash.ts'

/** The descriptor file beside a library, by which its plugins are known without opening it. */
export interface Sidecar {
  /** `tremolo.plugin.json` beside `tremolo.so`. */
  path: string
  /** `stale`: made for another content of the library. Descriptors are taken from a `fresh` one only. */
  state: 'fresh' | 'stale' | 'invalid' | 'none'
  /** What is wrong with one that is stale or invalid. */
  message?: string
}

/** What a descriptor file says. */
interface SidecarFile {
  format: 1
  library: string
  abi: { major: number; minor: number }
  /** Hexadecimal. */
  content_hash: string
  plugins: Descriptor[]
}

const keys = <T extends object>(values: T) => Object.keys(values) as Extract<keyof T, string>[]

/** Only what this package relies on: a later engine may write more. */
const portShape = object<Pick<Port, 'id' | 'type' | 'role' | 'min' | 'max' | 'default'>>(
  {
    id: text(1),
    type: oneOf(...keys(portTypeValues)),
    role: oneOf(...keys(portRoleValues)),
    min: number(),
    max: number(),
    default: number(),
  },
  ['id', 'type', 'role', 'min', 'max', 'default'],
  true,
)
const configShape = object<Pick<ConfigParam, 'id' | 'type'>>(
  { id: text(1), type: oneOf('string', 'filepath', 'integer', 'float', 'bool', 'categorical') },
  ['id', 'type'],
  true,
)
const descriptorShape = object<
  Pick<Descriptor, 'id' | 'display_name' | 'version'> & { ports: object[]; config_params: object[] }
>(
  { id: text(1), display_name: text(), version: number(), ports: list(portShape), config_params: list(configShape) },
  ['id', 'display_name', 'version', 'ports', 'config_params'],
  true,
)
const sidecarShape = object<Omit<SidecarFile, 'plugins'> & { plugins: object[] }>(
  {
    format: oneOf(1),
    library: text(1),
    abi: object<SidecarFile['abi']>({ major: number(), minor: number() }, ['major', 'minor'], true),
    content_hash: text(1, { matches: /^[0-9a-f]{1,16}$/, means: 'up to 16 hexadecimal digits' }),
    plugins: list(descriptorShape),
  },
  ['format', 'library', 'abi', 'content_hash', 'plugins'],
  true,
)

/** Where the descriptor file of a library would be. */
export function sidecarPath(library: string): string {
  const { dir, name } = parse(library)
  return join(dir, `${name}.plugin.json`)
}

/** What a library's descriptor file tells. */
export interface Described {
  sidecar: Sidecar
  /** Of a fresh one. */
  plugins?: Descriptor[]
  /** Of a fresh one that was made for another ABI: the library will be refused. */
  otherAbi?: string
}

/** Reads what stands beside a library. Opens no library: it is only read, to compare its content. */
export async function describedBeside(library: string): Promise<Described> {
  const path = sidecarPath(library)
  const invalid = (message: string): Described => ({ sidecar: { path, state: 'invalid', message } })
  let json: unknown
  try {
    json = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { sidecar: { path, state: 'none' } }
    return invalid((error as Error).message)
  }
  const wrong = sidecarShape.check(json)
  if (wrong) return invalid(`${wrong.message}${wrong.path && ` at ${wrong.path}`}`)
  const { abi, content_hash: expected, plugins } = json as SidecarFile
  const found = contentHash(await readFile(library))
  if (found !== BigInt(`0x${expected}`)) {
    const message = `It was made for the content ${expected}, but the library's is ${found.toString(16)}`
    return { sidecar: { path, state: 'stale', message } }
  }
  const other = abi.major !== abiVersion.major
  return { sidecar: { path, state: 'fresh' }, plugins, ...(other && { otherAbi: `${abi.major}.${abi.minor}` }) }
}
