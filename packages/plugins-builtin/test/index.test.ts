import { isAbsolute, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtinIds, pluginDirectory, pluginDirectoryCandidates } from '../src/index.ts'

describe('pluginDirectory', () => {
  it('is an absolute path', () => {
    expect(isAbsolute(pluginDirectory)).toBe(true)
  })

  it('is what ARRANGER_BUILTIN_PATH says, and nothing else then', () => {
    expect(pluginDirectoryCandidates({ ARRANGER_BUILTIN_PATH: 'some/where' })).toEqual([resolve('some/where')])
  })

  it('ends with the release build of the repository', () => {
    const root = resolve(import.meta.dirname, '../../..')
    expect(pluginDirectoryCandidates({}).at(-1)).toBe(join(root, 'build/release/bin/plugins'))
  })
})

describe('builtinIds', () => {
  it('names each plugin once', () => {
    expect(new Set(builtinIds).size).toBe(builtinIds.length)
    for (const id of builtinIds) expect(id).toMatch(/^builtin\.[a-z0-9_]+$/)
  })
})
