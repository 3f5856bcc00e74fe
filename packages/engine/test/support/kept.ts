// What takes long to work out and depends on nothing that is tested, kept between runs under build/.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../../../build/kept', import.meta.url))

/**
 * The value that `make` gave for these inputs the first time. It must be plain JSON.
 * @param inputs All that the value depends on.
 */
export async function kept<T>(name: string, inputs: (string | Uint8Array)[], make: () => Promise<T>): Promise<T> {
  const hash = createHash('sha256')
  for (const input of inputs) hash.update(`${input.length}:`).update(input)
  const path = join(folder, `${name}-${hash.digest('hex').slice(0, 32)}.json`)
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch {
    const value = await make()
    await mkdir(folder, { recursive: true })
    // Written beside and renamed: a run that is interrupted leaves no half of it.
    await writeFile(`${path}.${process.pid}`, JSON.stringify(value))
    await rename(`${path}.${process.pid}`, path)
    return value
  }
}
