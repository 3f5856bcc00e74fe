// @ts-check
// Where the bench keeps what it makes, and the two small programs that it compiles.
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from '../../scripts/lib/run.mjs'

export { root }
export const folder = join(root, 'build/bench')
/** npm packages of peers: installed here, so that nobody else has to. */
export const peersFolder = join(folder, 'peers')

/** What a processor can do at best, not what all can: AVX2 where this one has it. */
const flags = ['-std=c++20', '-O3', '-fno-trapping-math', ...(process.arch === 'x64' ? ['-march=x86-64-v3'] : [])]

/** @param {'floor' | 'measure'} name @returns {Promise<string>} the program */
export async function program(name) {
  const [source, made] = [join(root, 'bench', `${name}.cpp`), join(folder, name)]
  if (existsSync(made) && statSync(made).mtimeMs > statSync(source).mtimeMs) return made
  mkdirSync(folder, { recursive: true })
  await run(process.env.CXX ?? 'c++', [...flags, source, '-o', made])
  return made
}
