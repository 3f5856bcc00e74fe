import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PartialFile } from '../src/target.ts'
import { folder } from './support.ts'

describe('PartialFile', () => {
  it('is not there before it is finished, and gone when it never is', () => {
    const cwd = folder()
    const target = join(cwd, 'out.wav')
    writeFileSync(target, 'before')
    {
      using file = new PartialFile(target)
      writeFileSync(file.path, 'half of it')
      expect(readFileSync(target, 'utf8')).toBe('before')
    }
    expect(readdirSync(cwd)).toEqual(['out.wav'])
    expect(readFileSync(target, 'utf8')).toBe('before')
  })

  it('has its name when it is finished', async () => {
    const cwd = folder()
    {
      using file = new PartialFile(join(cwd, 'out.wav'))
      writeFileSync(file.path, 'all of it')
      await file.finish()
    }
    expect(readdirSync(cwd)).toEqual(['out.wav'])
    expect(readFileSync(join(cwd, 'out.wav'), 'utf8')).toBe('all of it')
  })

  it('takes with it what others left beside it', () => {
    const cwd = folder()
    {
      using file = new PartialFile(join(cwd, 'out.wav'))
      writeFileSync(`${file.path}.part`, 'of an engine that was stopped')
    }
    expect(readdirSync(cwd)).toEqual([])
  })
})
