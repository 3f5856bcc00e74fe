import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { importMidi } from '@arranger/engine'
import { describe, expect, it } from 'vitest'
import { progressText } from '../src/job.ts'
import { mixedNodes, splitByTrack } from '../src/stems.ts'
import { readWav } from '../src/wav.ts'
import { arranger, folder, midi, midiOf, session } from './support.ts'

const duo = midiOf([
  { name: 'Piano left', channel: 0, pitches: [48, 50], program: 5 },
  { name: 'Piano right', channel: 0, pitches: [72, 74, 76], rest: 1 },
  { name: '', channel: 3, pitches: [40] },
])

/** A folder with a song of two seconds, and one of three parts. */
function withSongs(): string {
  const cwd = folder()
  writeFileSync(join(cwd, 'song.mid'), midi(4))
  writeFileSync(join(cwd, 'duo.mid'), duo)
  return cwd
}

async function run(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await arranger(['render', ...args, '--json'], { cwd })
  expect([code, stderr]).toEqual([0, ''])
  const lines = stdout.toString().trim().split('\n')
  return lines.map((line) => JSON.parse(line))
}

async function refused(cwd: string, message: string, ...args: string[]) {
  const before = readdirSync(cwd).sort()
  const { code, stderr } = await arranger(['render', ...args], { cwd })
  expect(stderr).toContain(message)
  expect(code).toBe(2)
  expect(readdirSync(cwd).sort()).toEqual(before)
}

const samplesOf = (cwd: string, name: string) => readWav(readFileSync(join(cwd, name))).channels[0] as Float32Array

describe('render: formats and lengths', () => {
  it.each([
    ['ogg', 'OggS'],
    ['flac', 'fLaC'],
  ])('writes .%s', async (extension, magic) => {
    const cwd = withSongs()
    const [result] = await run(cwd, 'song.mid', '-o', `out.${extension}`)
    expect(result).toMatchObject({ format: extension, frames: 3 * 44_100 })
    expect(readFileSync(join(cwd, `out.${extension}`)).toString('latin1', 0, 4)).toBe(magic)
  })

  it('writes .mp3, also to standard output, and refuses rates it does not have', async () => {
    const cwd = withSongs()
    const { code, stdout } = await arranger(['render', 'song.mid', '-o', '-', '--format', 'mp3'], { cwd })
    expect(code).toBe(0)
    expect(stdout.readUInt16BE(0) & 0xffe6).toBe(0xffe2)
    const wrong = await arranger(['render', 'song.mid', '-o', 'out.mp3', '--sample-rate', '96000'], { cwd })
    expect(wrong.stderr).toContain('nearest is 48000')
    expect(wrong.code).toBe(1)
    await refused(cwd, 'formats that have one', 'song.mid', '-o', 'out.mp3', '--bit-depth', '16')
    expect(readdirSync(cwd).sort()).toEqual(['duo.mid', 'song.mid'])
  })

  it('plays as many beats as it is told, and its tail until silence', async () => {
    const cwd = withSongs()
    const [short] = await run(cwd, 'song.mid', '-o', 'a.wav', '--beats', '1', '--tail', '0')
    expect(short.frames).toBe(22_050)
    const [late] = await run(cwd, 'song.mid', '-o', 'a.wav', '--from', '3', '--tail', '0')
    expect(late.frames).toBe(22_050)
    expect(late.hash).not.toBe(short.hash)
    const [ringing] = await run(
      cwd,
      'song.mid',
      '-o',
      'b.wav',
      '--bit-depth',
      '32f',
      '--tail',
      'until-silence',
      '--reverb',
      '0.5',
    )
    const end = samplesOf(cwd, 'b.wav').subarray(-22_050)
    expect(ringing.frames).toBeGreaterThan(2.5 * 44_100)
    expect(end.every((value) => Math.abs(value) < 10 ** (-90 / 20))).toBe(true)
    await refused(cwd, "from 0 to 3600 or 'until-silence'", 'song.mid', '-o', 'c.wav', '--tail', 'long')
  })

  it('brings the loudness to what is asked for', async () => {
    const cwd = withSongs()
    const [result] = await run(cwd, 'song.mid', '-o', 'out.wav', '--normalise', '-23')
    expect(result.integrated_lufs).toBeCloseTo(-23, 1)
    expect(result.gain_db).not.toBe(0)
    const plain = await run(cwd, 'song.mid', '-o', 'out.wav')
    expect(plain[0].gain_db).toBeNull()
    expect(plain[0].integrated_lufs + result.gain_db).toBeCloseTo(-23, 1)
  })
})

describe('render: stems', () => {
  it('are one for each track of a MIDI file, and add up to the song', async () => {
    const cwd = withSongs()
    const flags = ['--bit-depth', '32f']
    await run(cwd, 'duo.mid', '-o', 'one.wav', ...flags)
    const [result] = await run(cwd, 'duo.mid', '-o', 'out.wav', '--stems', ...flags)
    const names = ['out.01 Piano left.wav', 'out.02 Piano right.wav', 'out.03.wav']
    expect(result.stems.map(({ path }: { path: string }) => path)).toEqual(names.map((name) => join(cwd, name)))
    expect(readdirSync(cwd).sort()).toEqual(['duo.mid', 'one.wav', ...names, 'out.wav', 'song.mid'].sort())
    const whole = samplesOf(cwd, 'one.wav')
    const stems = names.map((name) => samplesOf(cwd, name))
    const worst = whole.reduce((most, value, frame) => {
      const sum = stems.reduce((total, stem) => total + (stem[frame] ?? 1), 0)
      return Math.max(most, Math.abs(value - sum))
    }, 0)
    expect(worst).toBeLessThan(1e-6)
    expect(stems[1]?.findIndex((value) => value !== 0)).toBeGreaterThanOrEqual(22_050)
  })

  it('give the programs and controllers of a channel to every track that plays on it', async () => {
    const song = await importMidi(duo)
    const { stems, events, graph } = splitByTrack(song)
    const [left, right, other] = (graph.nodes ?? []).filter(({ type }) => type === 'track_source').map(({ id }) => id)
    expect(stems).toEqual(['01 Piano left', '02 Piano right', '03'])
    const programs = events.filter(({ type }) => type === 'program')
    expect(programs.map(({ node_id, pitch }) => [node_id, pitch])).toEqual([
      [left, 5],
      [right, 5],
    ])
    const notes = (id?: string) => events.filter(({ type, node_id }) => type === 'note_on' && node_id === id).length
    expect([notes(left), notes(right), notes(other)]).toEqual([2, 3, 1])
  })

  it('are the nodes that are named, or those that feed the mixer of a session', async () => {
    const cwd = withSongs()
    writeFileSync(join(cwd, 'session.json'), JSON.stringify(session()))
    const [all] = await run(cwd, 'session.json', '-o', 'a.wav', '--stems')
    expect(all.stems).toMatchObject([{ node_id: 'tone', path: join(cwd, 'a.tone.wav') }])
    const [named] = await run(cwd, 'session.json', '-o', 'b.wav', '--stems', 'mixer,tone')
    expect(named.stems.map(({ node_id }: { node_id: string }) => node_id)).toEqual(['mixer', 'tone'])
    const wrong = await arranger(['render', 'session.json', '-o', 'c.wav', '--stems', 'tune'], { cwd })
    expect(wrong.stderr).toContain("'tone'")
    expect(readdirSync(cwd).filter((name) => name.startsWith('c.') || name.startsWith('.'))).toEqual([])
    await refused(cwd, 'files beside it', 'session.json', '-o', '-', '--stems')
  })

  it('are found by what feeds the mixer', () => {
    const node = (id: string, type = 'x') => ({ id, type })
    const wire = (from_node: string, to_node: string) => ({ from_node, from_port: 'o', to_node, to_port: 'i' })
    const graph = {
      nodes: [node('t', 'track_source'), node('a'), node('b'), node('mixer')],
      connections: [wire('t', 'a'), wire('b', 'mixer'), wire('a', 'mixer'), wire('b', 'mixer'), wire('a', 'b')],
    }
    expect(mixedNodes({ graph })).toEqual(['b', 'a'])
  })
})

describe('render: several songs', () => {
  it('go into a folder, each under its own name', async () => {
    const cwd = withSongs()
    const results = await run(cwd, 'song.mid', 'duo.mid', '-o', 'new/out/', '--format', 'flac')
    expect(results.map(({ source, path }) => [source, path])).toEqual([
      ['song.mid', join(cwd, 'new/out/song.flac')],
      ['duo.mid', join(cwd, 'new/out/duo.flac')],
    ])
    expect(readdirSync(join(cwd, 'new/out')).sort()).toEqual(['duo.flac', 'song.flac'])
    const [one] = await run(cwd, 'song.mid', '-o', 'new')
    expect(one.path).toBe(join(cwd, 'new/song.wav'))
  })

  it('sound as each of them alone', async () => {
    const cwd = withSongs()
    const together = await run(cwd, 'duo.mid', 'song.mid', '-o', 'out/')
    const alone = await run(cwd, 'song.mid', '-o', 'song.wav')
    expect(together[1].hash).toBe(alone[0].hash)
  })

  it('need a folder, and names that differ', async () => {
    const cwd = withSongs()
    await refused(cwd, 'Expected -o FOLDER/ for 2 songs', 'song.mid', 'duo.mid', '-o', 'out.wav')
    await refused(cwd, 'are both song.wav', 'song.mid', './song.mid', '-o', 'out/')
    await refused(
      cwd,
      'Expected --bit-depth 16 or 24 for flac',
      'song.mid',
      '-o',
      'out/',
      '--format',
      'flac',
      '--bit-depth',
      '32f',
    )
  })

  it('leave those that are done when interrupted, and no half of the next', async () => {
    const cwd = withSongs()
    writeFileSync(join(cwd, 'long.mid'), midi(20_000))
    let told = false
    const { code, stderr } = await arranger(['render', 'song.mid', 'long.mid', '-o', 'out/', '--stems'], {
      cwd,
      onTalk: (text, interrupt) => {
        if (told || !text.includes('long.mid')) return
        told = true
        interrupt()
      },
    })
    expect(code).toBe(130)
    expect(stderr).toContain('1 of 2 songs are written')
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['song.01.wav', 'song.wav'])
  })
})

describe('progressText', () => {
  it('shows the time that is done, in both passes', () => {
    const at = (ratio: number, totalFrames: number) => ({ ratio, frames: ratio * totalFrames, totalFrames })
    expect(progressText(at(0.5, 44_100 * 120), 1, 44_100)).toBe('   50 %  1:00 of 2:00')
    expect(progressText(at(0.25, 44_100 * 240), 2, 44_100)).toBe('   25 %  1:00 of 2:00  measuring the loudness')
    expect(progressText(at(0.75, 44_100 * 240), 2, 44_100)).toBe('   75 %  1:00 of 2:00  normalising')
  })
})
