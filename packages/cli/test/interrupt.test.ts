import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { arranger, folder, midi } from './support.ts'

// Long enough that no machine is done with it before the signal arrives.
const hours = midi(20_000)

it.skipIf(process.platform === 'win32')('Ctrl-C ends a render with exit code 130 and leaves nothing', async () => {
  const cwd = folder()
  writeFileSync(join(cwd, 'song.mid'), hours)
  writeFileSync(join(cwd, 'out.wav'), 'before')
  let sent = false
  const { code, stdout, stderr } = await arranger(['render', 'song.mid', '-o', 'out.wav', '--picture', 'out.png'], {
    cwd,
    onTalk: (talk, interrupt) => {
      if (sent || !talk.includes('♪')) return
      sent = true
      interrupt()
    },
  })
  expect(stderr).toContain('Interrupted; nothing was written')
  expect(code).toBe(130)
  expect(stdout.length).toBe(0)
  expect(readdirSync(cwd).sort()).toEqual(['out.wav', 'song.mid'])
})
