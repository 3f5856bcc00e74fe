import { execFile, execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { readWav } from '../src/wav.ts'
import { arranger, folder, midi, program, session } from './support.ts'

const realSong = '/usr/share/games/openttd/baseset/openmsx/busy_schedule.mid'
const soundfont = '/usr/share/sounds/sf2/TimGM6mb.sf2'

/** A test library of the native build. */
function fixture(name: string): string {
  const ending = { win32: 'dll', darwin: 'dylib' }[process.platform as string] ?? 'so'
  return fileURLToPath(new URL(`../../../build/release/bin/fixtures/${name}.${ending}`, import.meta.url))
}

const peakOf = (channels: Float32Array[]) =>
  channels.reduce((peak, signal) => signal.reduce((most, value) => Math.max(most, Math.abs(value)), peak), 0)

/** A folder with a song of two seconds. */
function withSong(): string {
  const cwd = folder()
  writeFileSync(join(cwd, 'song.mid'), midi(4))
  return cwd
}

describe('render', () => {
  it('writes a WAV file and reports its figures as JSON', async () => {
    const cwd = withSong()
    const { code, stdout, stderr } = await arranger(['render', 'song.mid', '-o', 'out.wav', '--json'], { cwd })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const result = JSON.parse(stdout.toString())
    const { sampleRate, channels } = readWav(readFileSync(join(cwd, 'out.wav')))
    expect(result).toMatchObject({
      status: 'ok',
      source: 'song.mid',
      tracks: 1,
      notes: 4,
      chain: ['builtin.synth', 'mixer'],
      path: join(cwd, 'out.wav'),
      format: 'wav',
      sample_rate: sampleRate,
      channels: channels.length,
      frames: channels[0]?.length,
      picture: null,
      warnings: [],
    })
    expect([sampleRate, channels.length, channels[0]?.length]).toEqual([44100, 2, 3 * 44100])
    expect(result.duration_seconds).toBe(3)
    expect(result.times_real_time).toBeCloseTo(3 / result.render_seconds, 6)
    expect(result.peak_dbfs).toBeCloseTo(20 * Math.log10(peakOf(channels)), 1)
    expect(result.rms_dbfs).toBeLessThan(result.peak_dbfs)
    expect(result.integrated_lufs).toBeGreaterThan(-60)
    expect(readdirSync(cwd).sort()).toEqual(['out.wav', 'song.mid'])
  })

  it('tells people what it did on standard error', async () => {
    const { code, stdout, stderr } = await arranger(['render', 'song.mid', '-o', 'out.wav'], { cwd: withSong() })
    expect([code, stdout.length]).toEqual([0, 0])
    expect(stderr).toContain('♪ song.mid  1 track, 4 notes, 0:02  builtin.synth → mixer')
    expect(stderr).toMatch(/[\u2801-\u28ff]/)
    expect(stderr).toMatch(
      /✔ out\.wav {2}0:03\.0 {2}-\d+\.\d LUFS {2}peak -?\d+\.\d dBFS {2}RMS -\d+\.\d dBFS {2}[\d.,]+× real time/,
    )
    expect(stderr).not.toContain('\u001b')
    expect(stderr).not.toContain('\r')
  })

  it('follows its options', async () => {
    const cwd = withSong()
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await arranger(['render', 'song.mid', '--json', ...args], { cwd })
      expect([code, stderr]).toEqual([0, ''])
      return JSON.parse(stdout.toString())
    }
    const file = (name: string) => readFileSync(join(cwd, name))
    const deep = await run('-o', 'a.wav', '--bit-depth', '24', '--sample-rate', '48000', '--tail', '0.5')
    expect(readWav(file('a.wav'))).toMatchObject({ bitDepth: '24', sampleRate: 48000 })
    expect(deep.frames).toBe(2.5 * 48000)
    await run('-o', 'b.wav', '--bit-depth', '32f', '--tail', '0')
    const dry = readWav(file('b.wav'))
    expect(dry.bitDepth).toBe('32f')
    const wet = await run('-o', 'c.wav', '--bit-depth', '32f', '--tail', '0', '--reverb', '0.8')
    expect(wet.chain).toEqual(['builtin.synth', 'builtin.reverb', 'mixer'])
    expect(file('c.wav').equals(file('b.wav'))).toBe(false)
    const raw = await run('-o', 'd.raw', '--tail', '0')
    const samples = new Float32Array(new Uint8Array(file('d.raw')).buffer)
    expect(samples.length).toBe(2 * raw.frames)
    expect(dry.channels[1]?.every((value, frame) => value === samples[2 * frame + 1])).toBe(true)
    await run('-o', 'e.flac')
    expect(file('e.flac').subarray(0, 4).toString()).toBe('fLaC')
    const other = await run('-o', 'f.wav', '--instrument', 'builtin.sine')
    expect(other.chain).toEqual(['builtin.sine', 'mixer'])
  })

  it('plays louder with --gain', async () => {
    const cwd = withSong()
    const peakWith = async (...args: string[]) => {
      const { code, stderr } = await arranger(
        ['render', 'song.mid', '-o', 'out.wav', '--bit-depth', '32f', '--instrument', 'builtin.sine', ...args],
        { cwd },
      )
      expect(code, stderr).toBe(0)
      return peakOf(readWav(readFileSync(join(cwd, 'out.wav'))).channels)
    }
    expect((await peakWith('--gain', '0.1')) / (await peakWith('--gain', '0.05'))).toBeCloseTo(2, 3)
  })

  it.each([
    ['100', 'Expected --gain from 0 to '],
    ['-1', 'Expected --gain from 0 to '],
    ['loud', 'Expected a number'],
  ])('refuses --gain %s with the range of the instrument', async (gain, message) => {
    const cwd = withSong()
    const { code, stderr } = await arranger(['render', 'song.mid', '-o', 'out.wav', '--gain', gain], { cwd })
    expect(stderr).toContain(message)
    expect(code).toBe(2)
    expect(readdirSync(cwd)).toEqual(['song.mid'])
  })

  it.skipIf(process.platform === 'win32')('writes into a pipe with a name', async () => {
    const cwd = withSong()
    const pipe = join(cwd, 'pipe.wav')
    execFileSync('mkfifo', [pipe])
    const reader = promisify(execFile)('cat', [pipe], { encoding: 'buffer' })
    const { code, stderr } = await arranger(['render', 'song.mid', '-o', 'pipe.wav'], { cwd })
    if (code !== 0) reader.child.kill()
    expect(code, stderr).toBe(0)
    expect(readWav((await reader).stdout).channels[0]?.length).toBe(3 * 44100)
    expect(lstatSync(pipe).isFIFO()).toBe(true)
  })

  it.skipIf(process.platform === 'win32')('does not write over its song, whatever the way to it', async () => {
    const cwd = folder()
    symlinkSync('.', join(cwd, 'self'))
    writeFileSync(join(cwd, 'song.wav'), midi(1))
    symlinkSync('song.wav', join(cwd, 'link.wav'))
    for (const output of ['self/song.wav', 'link.wav', './song.wav']) {
      const { code, stderr } = await arranger(['render', 'song.wav', '-o', output], { cwd })
      expect(stderr).toContain('Expected an output file other than the song song.wav')
      expect(code).toBe(2)
    }
    expect(readFileSync(join(cwd, 'song.wav')).equals(midi(1))).toBe(true)
  })

  it('draws the picture of each format', async () => {
    for (const name of ['a.wav', 'a.flac']) {
      const cwd = withSong()
      const { code, stderr } = await arranger(['render', 'song.mid', '-o', name, '--picture', 'a.png'], { cwd })
      expect(code, stderr).toBe(0)
      expect(stderr).toContain('picture: a.png')
      const { width, height } = PNG.sync.read(readFileSync(join(cwd, 'a.png')))
      expect([width, height]).toEqual([1200, 600])
    }
  })

  it('renders a session', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, 'session.json'), JSON.stringify(session()))
    const { code, stdout, stderr } = await arranger(['render', 'session.json', '-o', 'out.wav', '--json'], { cwd })
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout.toString())).toMatchObject({
      title: 'One note',
      notes: 1,
      chain: ['builtin.sine', 'mixer'],
      frames: 2 * 44100,
    })
  })

  it('reads standard input and writes standard output', async () => {
    const cwd = withSong()
    const input = readFileSync(join(cwd, 'song.mid'))
    const { code, stdout, stderr } = await arranger(['render', '-', '-o', '-'], { cwd, input })
    expect(code, stderr).toBe(0)
    expect(readWav(stdout).channels[0]?.length).toBe(3 * 44100)
    expect(readdirSync(cwd)).toEqual(['song.mid'])
    const flac = await arranger(['render', '-', '-o', '-', '--format', 'flac'], { cwd, input })
    expect(flac.stdout.subarray(0, 4).toString()).toBe('fLaC')
  })

  it('says so when standard input is empty', async () => {
    const { code, stderr } = await arranger(['render', '-', '-o', 'out.wav'], { cwd: folder() })
    expect(stderr).toContain('Expected a song on standard input but it is empty')
    expect(code).toBe(1)
  })

  it.skipIf(process.platform === 'win32')('works with standard input closed', async () => {
    const cwd = withSong()
    const command = `exec "${process.execPath}" "${program}" render song.mid -o out.wav <&-`
    await promisify(execFile)('/bin/sh', ['-c', command], { cwd })
    expect(readWav(readFileSync(join(cwd, 'out.wav'))).channels.length).toBe(2)
  })

  it('replaces a file only when the new one is whole', async () => {
    const cwd = withSong()
    writeFileSync(join(cwd, 'out.wav'), 'before')
    expect(await arranger(['render', 'song.mid', '-o', 'out.wav'], { cwd })).toMatchObject({ code: 0 })
    expect(readWav(readFileSync(join(cwd, 'out.wav'))).sampleRate).toBe(44100)
    expect(readdirSync(cwd).sort()).toEqual(['out.wav', 'song.mid'])
  })
})

describe('plugins of others', () => {
  it('refuses what is no library with exit code 4', async () => {
    const cwd = withSong()
    writeFileSync(join(cwd, 'fake.so'), 'this is no library')
    const { code, stdout, stderr } = await arranger(
      ['render', 'song.mid', '-o', 'out.wav', '--plugin', 'fake.so', '--json'],
      { cwd },
    )
    expect(code, stderr).toBe(4)
    expect(JSON.parse(stdout.toString())).toMatchObject({ status: 'error', code: 'plugin_load_failed' })
    expect(readdirSync(cwd).sort()).toEqual(['fake.so', 'song.mid'])
  })

  it.each([
    ['crash_register', 'plugin_crashed'],
    ['other_abi', 'plugin_abi_mismatch'],
    ['duplicate_ids', 'duplicate_id'],
  ])('refuses the library %s with exit code 4', async (name, reason) => {
    const { code, stdout } = await arranger(['plugins', 'list', '--plugin', fixture(name), '--json'])
    expect(code).toBe(4)
    expect(JSON.parse(stdout.toString())).toMatchObject({ status: 'error', code: reason })
  })

  it('lists the plugins of a library that it was given', async () => {
    const { code, stdout } = await arranger(['plugins', 'list', '--plugin', fixture('two_plugins')])
    expect(code).toBe(0)
    expect(stdout.toString().match(new RegExp(`  .*${basename(fixture('two_plugins'))}$`, 'gm'))?.length).toBe(2)
  })

  it('names the nearest plugin for one that is not there, with exit code 3', async () => {
    const cwd = withSong()
    const { code, stderr } = await arranger(['render', 'song.mid', '-o', 'out.wav', '--instrument', 'builtin.snyth'], {
      cwd,
    })
    expect(stderr).toContain('builtin.synth')
    expect(code).toBe(3)
    expect(stderr).toContain('--instrument: There is no plugin')
    expect(stderr, 'the user has not seen the graph').not.toContain('/nodes')
    expect(readdirSync(cwd)).toEqual(['song.mid'])
  })

  it('names the option for an instrument that plays no notes', async () => {
    const cwd = withSong()
    const args = ['render', 'song.mid', '-o', 'out.wav', '--instrument', 'builtin.reverb']
    const { code, stderr } = await arranger(args, { cwd })
    expect(stderr).toContain('✖ --instrument: Expected')
    expect(stderr).not.toContain('/connections')
    expect(code).toBe(1)
  })

  it('keeps the path for a session, which says where to look', async () => {
    const wrong = JSON.stringify(session()).replace('builtin.sine', 'builtin.snie')
    const { code, stderr } = await arranger(['render', '-', '-o', 'out.wav'], {
      cwd: folder(),
      input: Buffer.from(wrong),
    })
    expect(stderr).toContain('at /nodes/1/type')
    expect(code).toBe(3)
  })
})

describe.runIf(process.platform === 'linux')('a real song', () => {
  it('is played with its SoundFont', async () => {
    for (const file of [realSong, soundfont]) expect(existsSync(file), `${file} is installed`).toBe(true)
    const cwd = folder()
    const { code, stdout, stderr } = await arranger(
      ['render', realSong, '-o', 'out.wav', '--sf2', soundfont, '--picture', 'out.png', '--json'],
      { cwd },
    )
    expect(code, stderr).toBe(0)
    const result = JSON.parse(stdout.toString())
    expect(result.chain).toEqual(['builtin.fluidsynth', 'mixer'])
    expect(result.notes).toBeGreaterThan(1000)
    const { channels } = readWav(readFileSync(join(cwd, 'out.wav')))
    expect(peakOf(channels)).toBeGreaterThan(0.01)
    expect(result.integrated_lufs).toBeLessThan(0)
    expect(PNG.sync.read(readFileSync(join(cwd, 'out.png'))).width).toBe(1200)
  })
})
