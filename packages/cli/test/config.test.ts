// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { createEngine } from '@arranger/engine'
import { describe, expect, it, vi } from 'vitest'
import { arranger, folder, midi, program, session } from './support.ts'

/** `arranger config …` with a settings file of its own. */
function configured(content?: string) {
  const path = join(folder(), 'settings.json')
  if (content !== undefined) writeFileSync(path, content)
  const environment = { ARRANGER_SETTINGS: path, ARRANGER_SERVER: join(path, 'nothing') }
  const config = async (...args: string[]) => {
    const { code, stdout, stderr } = await arranger(['config', ...args], { environment })
    return { code, stdout: stdout.toString(), stderr }
  }
  return { config, path }
}

describe('config', () => {
  it('sets what it then gets, and lists all', async () => {
    const { config, path } = configured()
    const values = {
      audio_backend: 'server',
      sample_rate: '48000',
      plugin_paths: ['/a', '/b'].join(delimiter),
      output_device: '1',
    }
    for (const [key, value] of Object.entries(values))
      expect(await config('set', key, value)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      audio_backend: 'server',
      sample_rate: 48_000,
      plugin_paths: ['/a', '/b'],
      output_device: '1',
    })
    for (const [key, value] of Object.entries(values)) expect((await config('get', key)).stdout).toBe(`${value}\n`)
    expect(JSON.parse((await config('get', 'sample_rate', '--json')).stdout)).toEqual({
      status: 'ok',
      key: 'sample_rate',
      value: 48_000,
    })
    expect(JSON.parse((await config('list', '--json')).stdout)).toMatchObject({
      path,
      settings: { audio_backend: 'server' },
    })
    expect((await config('list')).stdout).toMatch(/^sample_rate +48000$/m)
    await config('set', 'sample_rate', 'default')
    expect(JSON.parse(readFileSync(path, 'utf8'))).not.toHaveProperty('sample_rate')
    expect(await config('get', 'sample_rate')).toMatchObject({ code: 0, stdout: '\n' })
  })

  it('keeps paths as they are meant here', async () => {
    const { config, path } = configured()
    await config('set', 'sf2_path', 'gm.sf2')
    await config('set', 'server_address', './socket')
    await config('set', 'plugin_paths', ['a.so', resolve('/b')].join(delimiter))
    await config('set', 'output_device', 'Speakers')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      sf2_path: resolve('gm.sf2'),
      server_address: resolve('socket'),
      plugin_paths: [resolve('a.so'), resolve('/b')],
      output_device: 'Speakers',
    })
  })

  it('refuses what is none, and says what is', async () => {
    const { config, path } = configured()
    expect(await config('get', 'sample_rat')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("There is no setting 'sample_rat'; nearest is 'sample_rate'"),
    })
    expect(await config('set', 'audio_backend', 'native')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"binding", "server", "wasm"'),
    })
    expect(await config('set', 'sample_rate', '')).toMatchObject({ code: 2 })
    expect(existsSync(path)).toBe(false)
  })

  it('tells of a file that cannot be used, and leaves it', async () => {
    const { config, path } = configured('{"sample_rate": ')
    expect(await config('list')).toMatchObject({ code: 0, stderr: expect.stringMatching(/is not JSON/) })
    expect(await config('set', 'sample_rate', '48000')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is not JSON/),
    })
    expect(readFileSync(path, 'utf8')).toBe('{"sample_rate": ')
  })

  it('shows which back ends there are, and why not the others', async () => {
    const { config } = configured('{"audio_backend":"server"}')
    const { code, stdout } = await config()
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ {2}1 {2}Built-in \(recommended\) +available$/m)
    expect(stdout).toMatch(/^▸ 2 {2}Server +not available {2}The program arranger-server.* is not there/m)
    expect(stdout).toMatch(/^ {2}3 {2}WebAssembly +/m)
    const { chosen, backends } = JSON.parse((await config('--json')).stdout)
    expect(chosen).toBe('server')
    expect(
      backends.map(({ name, label, available }: Record<string, unknown>) => [name, label, available]).slice(0, 2),
    ).toEqual([
      ['binding', 'Built-in (recommended)', true],
      ['server', 'Server', false],
    ])
  })
})

describe.skipIf(process.platform !== 'linux')('config on a terminal', () => {
  /** Runs it on a terminal of its own, as `script` of util-linux makes one, and answers with a line. */
  async function answering(line: string) {
    const { path } = configured()
    const environment = { ...process.env, ARRANGER_SETTINGS: path, ARRANGER_SERVER: join(path, 'nothing') }
    const command = `"${process.execPath}" "${program}" config`
    const child = spawn('script', ['-qec', command, '/dev/null'], { env: environment })
    let shown = ''
    child.stdout.on('data', (chunk: Buffer) => {
      if (!shown.includes('Use which?') && (shown + chunk).includes('Use which?')) child.stdin.write(`${line}\r`)
      shown += chunk
    })
    const [code] = await once(child, 'close')
    return { code, shown, path }
  }

  it('asks which one is wanted, and keeps it', async () => {
    const { code, shown, path } = await answering('2')
    expect(shown).toContain('Server it is')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ audio_backend: 'server' })
    expect(code).toBe(0)
  })

  it('leaves all as it is without an answer, and refuses one that is none', async () => {
    const { code, path } = await answering('')
    expect([code, existsSync(path)]).toEqual([0, false])
    const wrong = await answering('4')
    expect([wrong.code, existsSync(wrong.path)]).toEqual([2, false])
  })
})

describe.skipIf(process.platform === 'win32')('serve', () => {
  /** A program in the server's place, as a shell script. */
  function serving(script: string) {
    const program = join(folder(), 'server')
    writeFileSync(program, `#!/bin/sh\n${script}\n`)
    chmodSync(program, 0o755)
    return { ARRANGER_SERVER: program }
  }

  it('hands all flags over, and the exit code back', async () => {
    const environment = serving('echo "$@"; exit 2')
    const { code, stdout } = await arranger(['serve', '--block-size', '64', '--help', '--version', '-x'], {
      environment,
    })
    expect([stdout.toString(), code]).toEqual(['--block-size 64 --help --version -x\n', 2])
  })

  it('passes signals on, and waits for the end', async () => {
    const environment = serving('trap "echo ended >&2; exit 5" INT; echo ready >&2; while :; do sleep 0.01; done')
    let asked = false
    const onTalk = (talk: string, interrupt: () => void) => {
      if (!asked && talk.includes('ready')) interrupt()
      asked ||= talk.includes('ready')
    }
    expect(await arranger(['serve'], { environment, onTalk })).toMatchObject({ code: 5, stderr: 'ready\nended\n' })
  })

  it('runs the server', async () => {
    const { code, stdout } = await arranger(['serve', '--version'])
    expect([code, stdout.toString()]).toEqual([0, expect.stringMatching(/^arranger \d+\.\d+/i)])
    expect(await arranger(['serve', '--blok-size', '64'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--block-size'),
    })
  })

  it('says where it looked when there is no server', async () => {
    const nowhere = join(folder(), 'nothing')
    const { code, stderr } = await arranger(['serve'], { environment: { ARRANGER_SERVER: nowhere } })
    expect(code).toBe(1)
    expect(stderr).toContain(nowhere)
  })
})

describe('render', () => {
  it.skipIf(process.platform === 'win32')(
    'on a server gives the same bits, with libraries and places of this process',
    async () => {
      const place = folder()
      writeFileSync(join(place, 'song.json'), JSON.stringify(session()))
      const hashOn = async (backend: string) => {
        const environment = { ARRANGER_BACKEND: backend, ARRANGER_SERVER_ADDRESS: join(place, 'socket') }
        const options = { environment, cwd: place }
        const { code, stdout, stderr } = await arranger(
          ['render', 'song.json', '-o', `${backend}.wav`, '--json'],
          options,
        )
        expect([code, stderr]).toEqual([0, ''])
        return JSON.parse(stdout.toString()).hash
      }
      expect(await hashOn('server')).toBe(await hashOn('binding'))
    },
  )

  it.skipIf(process.platform === 'win32')('leaves a server that others use what they have loaded', async () => {
    const place = folder()
    const serverAddress = join(place, 'socket')
    await using others = await createEngine({ backend: 'server', serverAddress, settings: false })
    await others.send({ cmd: 'set_graph', nodes: [{ id: 'mixer', type: 'mixer' }], bpm: 33 })
    writeFileSync(join(place, 'song.json'), JSON.stringify(session()))
    const environment = { ARRANGER_BACKEND: 'server', ARRANGER_SERVER_ADDRESS: serverAddress, TMPDIR: place }
    const { code } = await arranger(['render', 'song.json', '-o', 'song.wav'], { environment, cwd: place })
    expect(code).toBe(0)
    expect(await others.send({ cmd: 'get_graph' })).toMatchObject({ bpm: 33, nodes: [{ id: 'mixer' }] })
    const sockets = () => readdirSync(place).filter((name) => /^arranger-.*sock/.test(name))
    await vi.waitFor(() => expect(sockets()).toEqual([]), { timeout: 20_000 })
  })

  it('says what renders where that is not what was preferred', async () => {
    const { path } = configured('{"audio_backend":"server"}')
    const song = join(folder(), 'song.json')
    writeFileSync(song, JSON.stringify(session()))
    const environment = { ARRANGER_SETTINGS: path, ARRANGER_SERVER: join(path, 'nothing') }
    const { code, stderr } = await arranger(['render', song, '-o', join(folder(), 'song.wav')], { environment })
    expect(code).toBe(0)
    expect(stderr).toMatch(/! binding renders, for server cannot be had/)
  })

  it('plays MIDI files with the SoundFont of the settings, where no other is named and it is there', async () => {
    const soundfont = '/usr/share/sounds/sf2/TimGM6mb.sf2'
    const place = folder()
    writeFileSync(join(place, 'song.mid'), midi(4))
    const { path, config } = configured()
    const chainWith = async (sf2: string, ...flags: string[]) => {
      await config('set', 'sf2_path', sf2)
      const options = { environment: { ARRANGER_SETTINGS: path }, cwd: place }
      const { code, stdout, stderr } = await arranger(
        ['render', 'song.mid', '-o', 'a.wav', '--json', ...flags],
        options,
      )
      expect(code).toBe(0)
      return { chain: JSON.parse(stdout.toString()).chain, stderr }
    }
    expect(await chainWith(join(place, 'none.sf2'))).toEqual({
      chain: ['builtin.synth', 'mixer'],
      stderr: expect.stringMatching(/none\.sf2, which the settings name/),
    })
    if (process.platform === 'linux') expect((await chainWith(soundfont)).chain[0]).toBe('builtin.fluidsynth')
    expect((await chainWith(soundfont, '--instrument', 'builtin.sine')).chain[0]).toBe('builtin.sine')
  })
})
