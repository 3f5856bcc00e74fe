import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arranger, folder, midi } from './support.ts'

describe('usage', () => {
  it('prints help on standard output', async () => {
    const { code, stdout, stderr } = await arranger(['--help'])
    expect(code).toBe(0)
    expect(stderr).toBe('')
    for (const name of ['render', 'plugins', 'describe', 'doctor', 'Exit codes'])
      expect(stdout.toString()).toContain(name)
    expect((await arranger(['render', '--help'])).stdout.toString()).toContain('--sample-rate')
    const help = (await arranger(['help', 'render'])).stdout.toString()
    for (const option of ['--sample-rate', '--gain <factor>']) expect(help).toContain(option)
  })

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    const { code, stdout } = await arranger(['--version'])
    expect([code, stdout.toString()]).toEqual([0, `${version}\n`])
  })

  it.each<[string[], string]>([
    [[], 'Expected a command but received none'],
    [['rendr'], "unknown command 'rendr'; nearest is render"],
    [['render', 'a.mid', '--sampel-rate', '1'], "unknown option '--sampel-rate'; nearest is --sample-rate"],
    [['render', 'a.mid'], 'Expected -o FILE but received none'],
    [['render', '-o', 'a.wav'], "missing required argument 'song'"],
    [
      ['render', 'a.mid', '-o', 'a.wva'],
      "Expected an output file that ends in .wav, .flac, .ogg, .mp3, .raw, .f32 but received '.wva'; nearest is '.wav'",
    ],
    [['render', 'a.mid', '-o', 'a'], "received 'a', which has none"],
    [['render', 'a.mid', '-o', 'a.wav', '--sample-rate', '7999'], 'Expected a whole number from 8000 to 384000'],
    [['render', 'a.mid', '-o', 'a.wav', '--tail', 'long'], 'Expected a number from 0 to 3600'],
    [['render', 'a.mid', '-o', 'a.wav', '--reverb', '1.5'], 'Expected a number from 0 to 1'],
    [['render', 'a.mid', '-o', 'a.wav', '--bit-depth', '20'], 'Allowed choices are 16, 24, 32f'],
    [
      ['render', 'a.mid', '-o', 'a.flac', '--bit-depth', '32f'],
      'Expected --bit-depth 16 or 24 for flac but received 32f',
    ],
    [['render', 'a.mid', '-o', 'a.raw', '--bit-depth', '16'], 'Expected --bit-depth 32f for raw but received 16'],
    [['render', 'a.mid', '-o', 'a.wav', '--format', 'flac'], '--format is for standard output'],
    [
      ['render', 'a.mid', '-o', 'a.wav', '--picture', 'a.jpg'],
      "Expected a picture that ends in .png but received 'a.jpg'",
    ],
    [['render', 'a.mid', '-o', '-', '--json'], 'standard output cannot hold both'],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await arranger(args, { cwd: folder() })
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    if (!args.includes('--json')) expect(stdout.length).toBe(0)
  })

  it('says no in JSON too when JSON was asked for', async () => {
    const { code, stdout } = await arranger(['render', 'a.mid', '--sampel-rate', '1', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout.toString())).toMatchObject({ status: 'error', code: 'usage' })
  })

  it('keeps colours to terminals and to those who force them', async () => {
    const wrong = ['render', 'a.mid']
    const csi = '\u001b['
    expect((await arranger(wrong)).stderr).not.toContain(csi)
    expect((await arranger(wrong, { environment: { FORCE_COLOR: '1' } })).stderr).toContain(csi)
    expect((await arranger(wrong, { environment: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stderr).not.toContain(csi)
  })
})

describe('files that are not there', () => {
  it.each<[string, string[], string]>([
    ['song', ['none.mid', '-o', 'out.wav'], 'There is no file none.mid'],
    ['SoundFont', ['song.mid', '-o', 'out.wav', '--sf2', 'none.sf2'], 'none.sf2'],
    ['folder', ['song.mid', '-o', 'none/out.wav'], 'The folder none of out.wav does not exist'],
    ['folder of the picture', ['song.mid', '-o', 'out.wav', '--picture', 'none/a.png'], 'The folder none of a.png'],
    ['plugin library', ['song.mid', '-o', 'out.wav', '--plugin', 'none.so'], 'There is no plugin library none.so'],
  ])('a missing %s is exit code 3 and leaves nothing', async (_, args, message) => {
    const cwd = folder()
    writeFileSync(join(cwd, 'song.mid'), midi(1))
    const { code, stderr } = await arranger(['render', ...args], { cwd })
    expect(stderr).toContain(message)
    expect(code).toBe(3)
    expect(readdirSync(cwd)).toEqual(['song.mid'])
  })

  it('names the line that makes the folder', async () => {
    const { stderr } = await arranger(['render', 'a.mid', '-o', 'out/a.wav'], { cwd: folder() })
    expect(stderr).toContain('mkdir -p out')
  })

  it('does not take a folder for a song or an output', async () => {
    const cwd = folder()
    mkdirSync(join(cwd, 'folder.wav'))
    expect(await arranger(['render', 'folder.wav', '-o', 'out.wav'], { cwd })).toMatchObject({ code: 2 })
    expect(await arranger(['render', 'song.mid', '-o', 'folder.wav'], { cwd })).toMatchObject({ code: 2 })
    mkdirSync(join(cwd, 'folder.png'))
    const args = ['render', 'song.mid', '-o', 'out.wav', '--picture', 'folder.png']
    expect((await arranger(args, { cwd })).stderr).toContain('Expected the name of a file but folder.png is a folder')
  })
})

describe('songs that are damaged', () => {
  const whole = midi(4)
  it.each<[string, string, Buffer, string]>([
    ['truncated', 'song.mid', whole.subarray(0, whole.length - 7), 'byte'],
    ['overwritten', 'song.mid', Buffer.concat([Buffer.from('XThd'), whole.subarray(4)]), 'byte'],
    ['empty', 'song.mid', Buffer.alloc(0), 'byte'],
    ['not JSON', 'song.json', Buffer.from('{"version": 1,'), 'JSON'],
    [
      'no session',
      'song.json',
      Buffer.from('{"version": 9}'),
      'Expected a session of version 2 or older but received version 9; update @arranger/engine at /version',
    ],
  ])('%s: exit code 1, says where, and leaves what was there', async (_, name, bytes, where) => {
    const cwd = folder()
    writeFileSync(join(cwd, name), bytes)
    writeFileSync(join(cwd, 'out.wav'), 'before')
    const { code, stderr } = await arranger(['render', name, '-o', 'out.wav', '--picture', 'out.png'], { cwd })
    expect(stderr).toContain(where)
    expect(code).toBe(1)
    expect(readdirSync(cwd).sort()).toEqual(['out.wav', name].sort())
    expect(readFileSync(join(cwd, 'out.wav'), 'utf8')).toBe('before')
  })

  it('something else altogether is a usage error', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, 'song.txt'), 'la la la')
    const { code, stderr } = await arranger(['render', 'song.txt', '-o', 'out.wav'], { cwd })
    expect(stderr).toContain('Expected a MIDI file or a session in JSON but song.txt is neither')
    expect(code).toBe(2)
  })

  it.each(['--reverb', '--gain'])('a session says what plays it, so that %s is refused', async (option) => {
    const { code, stderr } = await arranger(['render', '-', '-o', 'out.wav', option, '0.5'], {
      cwd: folder(),
      input: Buffer.from('{"version": 1}'),
    })
    expect(stderr).toContain(`${option} is for MIDI files`)
    expect(code).toBe(2)
  })
})
