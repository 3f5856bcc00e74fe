import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
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

describe.skipIf(process.platform === 'win32')('PartialFile at a place that is no file', () => {
  async function finished(target: string): Promise<void> {
    using file = new PartialFile(target)
    writeFileSync(file.path, 'all of it')
    await file.finish()
  }

  it('replaces what a link points to, and keeps the link', async () => {
    const cwd = folder()
    mkdirSync(join(cwd, 'elsewhere'))
    const [link, dangling] = [join(cwd, 'link.wav'), join(cwd, 'dangling.wav')]
    writeFileSync(join(cwd, 'elsewhere/real.wav'), 'before')
    symlinkSync('elsewhere/real.wav', link)
    symlinkSync('elsewhere/new.wav', dangling)
    for (const path of [link, dangling]) {
      await finished(path)
      expect(lstatSync(path).isSymbolicLink()).toBe(true)
      expect(readFileSync(path, 'utf8')).toBe('all of it')
    }
    expect(readdirSync(join(cwd, 'elsewhere')).sort()).toEqual(['new.wav', 'real.wav'])
    expect(readdirSync(cwd).sort()).toEqual(['dangling.wav', 'elsewhere', 'link.wav'])
  })

  it('writes into a pipe with a name, also through a link, and keeps it', async () => {
    const cwd = folder()
    const pipe = join(cwd, 'pipe.wav')
    execFileSync('mkfifo', [pipe])
    symlinkSync('pipe.wav', join(cwd, 'link.wav'))
    for (const path of [pipe, join(cwd, 'link.wav')]) {
      const [, read] = await Promise.all([finished(path), readFile(pipe, 'utf8')])
      expect(read).toBe('all of it')
      expect(lstatSync(pipe).isFIFO()).toBe(true)
    }
    expect(readdirSync(cwd).sort()).toEqual(['link.wav', 'pipe.wav'])
  })

  it('waits for the reader of a pipe no longer than it is told to', async () => {
    const pipe = join(folder(), 'pipe.wav')
    execFileSync('mkfifo', [pipe])
    using file = new PartialFile(pipe)
    writeFileSync(file.path, 'all of it')
    const controller = new AbortController()
    const finishing = file.finish(controller.signal)
    controller.abort(new Error('no reader came'))
    await expect(finishing).rejects.toMatchObject({ cause: { message: 'no reader came' } })
  })
})
