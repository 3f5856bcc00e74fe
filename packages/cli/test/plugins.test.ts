import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixture } from '../../engine/test/support/native.ts'
import { describedLibrary, describeLibrary, descriptor, writeLibrary } from '../../engine/test/support/sidecars.ts'
import { arranger, folder, session } from './support.ts'

/** Runs a command in an empty folder, with these libraries to be found and none of the machine's own. */
async function look(args: string[], libraries: string[] = []) {
  const cwd = folder()
  const environment = { ARRANGER_PLUGIN_PATH: libraries.join(delimiter) }
  const own = { XDG_DATA_HOME: cwd, LOCALAPPDATA: cwd }
  const { code, stdout, stderr } = await arranger(args, { cwd, environment: { ...environment, ...own } })
  return { code, stdout: stdout.toString(), stderr }
}

async function lookJson(args: string[], libraries: string[] = []) {
  const { code, stdout, stderr } = await look([...args, '--json'], libraries)
  return { code, stderr, ...JSON.parse(stdout) }
}

/** A copy of a library that the engine's tests build, in a folder of its own. */
function copied(name: string): string {
  const path = join(folder(), basename(fixture(name)))
  copyFileSync(fixture(name), path)
  return path
}

describe('plugins list', () => {
  it('lists what is found without opening it', async () => {
    // Bytes that are no library could not be opened.
    const library = describedLibrary(join(folder(), 'noise'), 'com.acme.noise')
    const { code, stdout, stderr } = await look(['plugins', 'list'], [library])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(new RegExp(`^com\\.acme\\.noise .* environment +${library}$`, 'm'))
    const { plugins, unlisted } = await lookJson(['plugins', 'list'], [library])
    expect(plugins.find(({ id }: { id: string }) => id === 'com.acme.noise')).toMatchObject({
      library,
      origin: 'environment',
    })
    expect(unlisted).toEqual([])
  })

  it('says whose plugins it cannot know, on standard error', async () => {
    const library = writeLibrary(join(folder(), 'mute'))
    const { code, stdout, stderr } = await look(['plugins'], [library])
    expect(code).toBe(0)
    expect(stdout).not.toContain(library)
    expect(stderr).toContain('1 library must be opened to be listed')
    expect(stderr).toContain(library)
    const { unlisted } = await lookJson(['plugins'], [library])
    expect(unlisted).toEqual([{ path: library, origin: 'environment', sidecar: 'none' }])
  })

  it('names the package that a plugin comes from', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, 'package.json'), JSON.stringify({ dependencies: { '@acme/fx': '1' } }))
    const library = describedLibrary(join(cwd, 'node_modules/@acme/fx/fx'), 'com.acme.fx')
    writeFileSync(join(dirname(library), 'package.json'), JSON.stringify({ arranger: { plugins: ['fx'] } }))
    const { stdout } = await arranger(['plugins', 'list'], { cwd })
    expect(stdout.toString()).toMatch(/^com\.acme\.fx .* @acme\/fx /m)
  })
})

describe('plugins info', () => {
  it('shows ports, parameters with their ranges, and configuration', async () => {
    const { code, stdout } = await look(['plugins', 'info', 'builtin.mixer'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^builtin\.mixer {2}Mixer\n/)
    expect(stdout).toMatch(/^Inputs\n {2}audio_in_0 +audio, stereo/m)
    expect(stdout).toMatch(/^ {2}gain_0 +1 +0\.\.2 +Linear gain/m)
    expect(stdout).toMatch(/^ {2}soft_clip +on +off \| on/m)
    expect(stdout).toMatch(/^Configuration\n {2}channel_count +2 +integer 0\.\.256/m)
    expect((await look(['plugins', 'info', 'builtin.arpeggiator'])).stdout).toMatch(/^ {2}pattern +Up +Up \| Down/m)
  })

  it('shows one that is only found', async () => {
    const library = describedLibrary(join(folder(), 'noise'), 'com.acme.noise')
    const found = await lookJson(['plugins', 'info', 'com.acme.noise'], [library])
    expect(found).toMatchObject({ code: 0, id: 'com.acme.noise', library, version: 1 })
  })

  it('names the nearest plugin, and libraries that may have it', async () => {
    const near = await look(['plugins', 'info', 'builtin.revreb'])
    expect(near.code).toBe(3)
    expect(near.stderr).toContain("There is no plugin 'builtin.revreb'; nearest is 'builtin.reverb'")
    const library = writeLibrary(join(folder(), 'mute'))
    expect((await look(['plugins', 'info', 'com.acme.mute'], [library])).stderr).toContain(`it may be in ${library}`)
  })
})

describe('plugins doctor', () => {
  it('is content with a library whose descriptor file is fresh', async () => {
    const library = copied('two_plugins.so')
    describeLibrary(library, [descriptor('test.two_a'), descriptor('test.two_b')])
    const { code, status, libraries } = await lookJson(['plugins', 'doctor'], [library])
    expect([code, status]).toEqual([0, 'ok'])
    expect(libraries.filter(({ origin }: { origin: string }) => origin !== 'builtin')).toEqual([
      { path: library, origin: 'environment', state: 'ok', plugin_ids: ['test.two_a', 'test.two_b'] },
    ])
    expect(libraries.filter(({ origin }: { origin: string }) => origin === 'builtin').length).toBeGreaterThan(20)
  })

  it('opens what has none, and says what that means', async () => {
    const library = copied('impulse.so')
    const { code, stdout } = await look(['plugins', 'doctor'], [library])
    expect(code).toBe(0)
    expect(stdout).toContain(`! ${library}  test.impulse`)
    expect(stdout).toMatch(/There is no .*impulse\.plugin\.json; the library has to be opened to be listed/)
    describeLibrary(library, [])
    writeFileSync(library, 'another')
    expect((await look(['plugins', 'doctor'], [library])).stdout).toContain('not a shared library')
  })

  it('says why each library that is broken cannot be used, with exit code 4', async () => {
    const crash = copied('crash_register.so')
    const other = describedLibrary(join(folder(), 'other'), 'test.other')
    describeLibrary(other, [descriptor('test.other')], { abi: { major: 2, minor: 0 } })
    const { code, stdout } = await look(['plugins', 'doctor'], [crash, other])
    expect(code).toBe(4)
    expect(stdout).toMatch(new RegExp(`^✖ ${crash}.*\n.*SIGSEGV.*\\(plugin_crashed\\)$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^✖ ${other}.*\n.*ABI 2\\.0.*\\(plugin_abi_mismatch\\)$`, 'm'))
    expect(stdout).toMatch(/Broken: 2\.\n$/)
  })

  it('names every place that it looked at', async () => {
    const empty = folder()
    const there = join(empty, 'there')
    mkdirSync(there)
    const gone = join(empty, 'gone')
    const { code, stdout } = await look(['plugins', 'doctor'], [there, gone])
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^✔ environment +${there} +0 libraries$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^– environment +${gone} +not there$`, 'm'))
    // What is named in the call is meant to be there.
    rmSync(there, { recursive: true })
    expect(await lookJson(['plugins', 'doctor', '--plugin', there])).toMatchObject({ code: 4, status: 'error' })
  })

  it('shows which library is used where two bring the same', async () => {
    const [first, second] = ['one', 'two'].map((name) => {
      const library = join(folder(), `${name}.so`)
      copyFileSync(fixture('impulse.so'), library)
      describeLibrary(library, [descriptor('test.impulse')])
      return library
    }) as [string, string]
    const { code, stdout } = await look(['plugins', 'doctor'], [first, second])
    expect(code).toBe(0)
    expect(stdout).toContain(`✔ ${first}  test.impulse`)
    expect(stdout).toMatch(new RegExp(`^! ${second}.*\n +Not used: ${first} was found before`, 'm'))
  })
})

describe('render', () => {
  it('loads the library of a plugin that the song names, and no other', async () => {
    const cwd = folder()
    const song = session() as { graph: { nodes: object[]; connections: object[] } }
    const connect = (from_node: string, from_port: string, to_node: string, to_port: string) => {
      return { from_node, from_port, to_node, to_port }
    }
    song.graph.nodes.push({ id: 'quiet', type: 'test.gain', params: { gain: 0.5 } })
    song.graph.connections.splice(1, 1, connect('tone', 'audio_out', 'quiet', 'in'))
    song.graph.connections.push(connect('quiet', 'out', 'mixer', 'audio_in_0'))
    writeFileSync(join(cwd, 'song.json'), JSON.stringify(song))
    const render = ['render', 'song.json', '-o', 'out.wav', '--json']
    expect(await arranger(render, { cwd })).toMatchObject({ code: 3 })
    const library = copied('test_gain.so')
    describeLibrary(library, [descriptor('test.gain')])
    // It would be refused if it were loaded.
    const broken = copied('crash_register.so')
    describeLibrary(broken, [descriptor('test.other')])
    const environment = { ARRANGER_PLUGIN_PATH: [library, broken].join(delimiter) }
    const { code, stdout } = await arranger(render, { cwd, environment })
    expect(code).toBe(0)
    expect(JSON.parse(stdout.toString()).chain).toEqual(['builtin.sine', 'test.gain', 'mixer'])
    describeLibrary(broken, [descriptor('test.gain')])
    const shadowing = { ARRANGER_PLUGIN_PATH: [broken, library].join(delimiter) }
    expect(await arranger(render, { cwd, environment: shadowing })).toMatchObject({ code: 4 })
  })
})
