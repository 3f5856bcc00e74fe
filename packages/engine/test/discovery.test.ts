import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { contentHash } from '../src/discovery/content-hash.ts'
import { environmentPlaces, installedPlaces } from '../src/discovery/places.ts'
import { loadablePaths } from '../src/discovery.ts'
import { type DiscoveryOptions, discoverPlugins } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { describedLibrary, describeLibrary, descriptor, writeLibrary } from './support/sidecars.ts'

const root = temporaryFolder()
let count = 0
/** A folder of its own for each test, in which a project, a home and other folders may lie. */
let folder = ''
beforeEach(() => {
  folder = join(root, String(count++))
  mkdirSync(folder)
})

/** Looks with nothing but what a test has made: the machine's own folders do not count. */
function discover({ environment, ...options }: DiscoveryOptions = {}) {
  const home = { XDG_DATA_HOME: join(folder, 'data'), LOCALAPPDATA: join(folder, 'data') }
  return discoverPlugins({ cwd: folder, environment: { ...home, ...environment }, ...options })
}

function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(value))
}

/** A project with an installed package. */
function install(name: string, manifest: object, into = folder): string {
  const path = join(into, 'node_modules', name)
  writeJson(join(path, 'package.json'), { name, ...manifest })
  return path
}

const found = async (options?: DiscoveryOptions) =>
  (await discover(options)).candidates.map(({ origin, path }) => [origin, path])

describe('the hash of a file', () => {
  it('is the one that the engine makes', () => {
    const text = (value: string) => contentHash(Buffer.from(value)).toString(16)
    expect(['', 'a', '12345678', '123456789'].map(text)).toEqual([
      'a96b242a17befc61',
      '1f169c732f645d72',
      '63ecb235bdc54853',
      '279b546238c12290',
    ])
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * i * 31 + 7 * i)
    expect(contentHash(bytes).toString(16)).toBe('ff178a67f4690e8')
    // Also of a part of a larger buffer, which begins anywhere.
    expect(contentHash(Uint8Array.of(9, ...bytes).subarray(1))).toBe(contentHash(bytes))
  })
})

describe('where is looked', () => {
  const home = '/u'
  const installed = (platform: NodeJS.Platform, environment = {}) =>
    installedPlaces({ platform, environment, home }).map(({ origin, path }) => `${origin} ${path}`)

  it('is the custom of each system', () => {
    expect(installed('linux')).toEqual([
      'user /u/.local/share/arranger/plugins',
      'system /usr/local/lib/arranger/plugins',
      'system /usr/lib/arranger/plugins',
    ])
    expect(installed('linux', { XDG_DATA_HOME: '/x' })[0]).toBe('user /x/arranger/plugins')
    expect(installed('linux', { XDG_DATA_HOME: 'x' })[0]).toBe('user /u/.local/share/arranger/plugins')
    expect(installed('darwin')).toEqual([
      'user /u/Library/Audio/Plug-Ins/Arranger',
      'system /Library/Audio/Plug-Ins/Arranger',
    ])
    expect(installed('win32', { LOCALAPPDATA: 'C:\\L', COMMONPROGRAMFILES: 'D:\\C' })).toEqual([
      'user C:\\L\\Programs\\Common\\Arranger',
      'system D:\\C\\Arranger',
    ])
  })

  it('is a list in ARRANGER_PLUGIN_PATH, as in PATH', () => {
    const list = (platform: NodeJS.Platform, ARRANGER_PLUGIN_PATH: string) =>
      environmentPlaces({ platform, environment: { ARRANGER_PLUGIN_PATH } }).map(({ path }) => path)
    expect(list('linux', '/a::/b:')).toEqual(['/a', '/b'])
    expect(list('win32', 'C:\\a;D:\\b')).toEqual(['C:\\a', 'D:\\b'])
    expect(environmentPlaces({ environment: {} })).toEqual([])
  })
})

describe('discoverPlugins', () => {
  it('goes through all places in order, and says where it looked', async () => {
    const option = describedLibrary(join(folder, 'own/a'), 'test.a')
    const environment = describedLibrary(join(folder, 'env/b'), 'test.b')
    writeJson(join(folder, 'package.json'), { dependencies: { '@acme/c': '1' } })
    const packaged = describedLibrary(join(install('@acme/c', { arranger: { plugins: ['lib/c'] } }), 'lib/c'), 'test.c')
    const user = process.platform === 'win32' ? 'data/Programs/Common/Arranger/d' : 'data/arranger/plugins/d'
    const ofUser = describedLibrary(join(folder, user), 'test.d')
    const options = {
      pluginPaths: [join(folder, 'own')],
      environment: { ARRANGER_PLUGIN_PATH: [dirname(environment), join(folder, 'nothing')].join(delimiter) },
    }
    const { candidates, searched } = await discover(options)
    expect(candidates.map(({ origin, path, plugins }) => [origin, path, plugins?.map(({ id }) => id)])).toEqual([
      ['option', option, ['test.a']],
      ['environment', environment, ['test.b']],
      ['package', packaged, ['test.c']],
      // macOS has no variable for it.
      ...(process.platform === 'darwin' ? [] : [['user', ofUser, ['test.d']]]),
    ])
    expect(candidates.find(({ origin }) => origin === 'package')?.package).toBe('@acme/c')
    expect(searched.slice(0, 4)).toEqual([
      { origin: 'option', path: join(folder, 'own'), exists: true, libraries: 1 },
      { origin: 'environment', path: join(folder, 'env'), exists: true, libraries: 1 },
      { origin: 'environment', path: join(folder, 'nothing'), exists: false, libraries: 0 },
      { origin: 'package', path: join(folder, 'node_modules/@acme/c/package.json'), exists: true, libraries: 1 },
    ])
    expect(searched.slice(4).map(({ origin }) => origin)).toEqual(
      ['user', 'system', 'system'].slice(0, process.platform === 'linux' ? 3 : 2),
    )
  })

  it('opens nothing, so that bytes which are no library are only listed', async () => {
    const path = writeLibrary(join(folder, 'noise'))
    const [candidate] = (await discover({ pluginPaths: [path] })).candidates
    expect(candidate).toEqual({
      path,
      origin: 'option',
      sidecar: { path: join(folder, 'noise.plugin.json'), state: 'none' },
    })
  })

  it('lets the first library have an id, and names it with those that come later', async () => {
    const first = describedLibrary(join(folder, 'one/x'), 'test.x')
    const second = describedLibrary(join(folder, 'two/y'), 'test.y', 'test.x')
    const third = describedLibrary(join(folder, 'three/y'), 'test.y')
    const link = join(folder, 'link')
    symlinkSync(join(folder, 'one'), link, 'junction')
    const names = ['one', 'two', 'three'].map((name) => join(folder, name))
    const discovery = await discover({ pluginPaths: [...names, link] })
    expect(discovery.candidates.map(({ shadowedBy }) => shadowedBy)).toEqual([undefined, first, undefined, first])
    // What is not loaded takes no id from others.
    expect(loadablePaths(discovery)).toEqual([first, third])
    expect(discovery.candidates[1]?.path).toBe(second)
  })

  it('knows one file by two paths, also when nothing is known of its plugins', async () => {
    const library = writeLibrary(join(folder, 'one/x'))
    const link = join(folder, 'link')
    symlinkSync(join(folder, 'one'), link, 'junction')
    const discovery = await discover({ pluginPaths: [link, library] })
    expect(loadablePaths(discovery)).toEqual([join(link, basename(library))])
  })

  it('does not believe a descriptor file that was made for another content', async () => {
    const library = describedLibrary(join(folder, 'x'), 'test.x')
    writeFileSync(library, 'rebuilt')
    const [candidate] = (await discover({ pluginPaths: [library] })).candidates
    expect(candidate).toMatchObject({ sidecar: { state: 'stale', message: expect.stringMatching(/content/) } })
    expect(candidate).not.toHaveProperty('plugins')
    expect(candidate).not.toHaveProperty('problem')
  })

  it.each<[string, object, RegExp]>([
    ['another format', { format: 2 }, /2.*\/format/],
    ['no plugins', { plugins: undefined }, /list.*\/plugins/],
    ['a plugin without ports', { plugins: [{ ...descriptor('test.x'), ports: 3 }] }, /\/plugins\/0\/ports/],
    ['a hash that is none', { content_hash: 'xyz' }, /hexadecimal/],
  ])('says what is wrong with a descriptor file that has %s', async (_, more, message) => {
    const library = writeLibrary(join(folder, 'x'))
    describeLibrary(library, [descriptor('test.x')], more)
    const [candidate] = (await discover({ pluginPaths: [library] })).candidates
    expect(candidate?.sidecar).toMatchObject({ state: 'invalid', message: expect.stringMatching(message) })
    expect(candidate).not.toHaveProperty('plugins')
  })

  it('tells beforehand what the engine will refuse', async () => {
    const other = writeLibrary(join(folder, 'other'))
    describeLibrary(other, [descriptor('test.x')], { abi: { major: 2, minor: 3 } })
    const impostor = describedLibrary(join(folder, 'impostor'), 'builtin.impostor')
    const { candidates } = await discover({ pluginPaths: [other, impostor] })
    expect(candidates.map(({ problem }) => problem)).toEqual([
      { code: 'plugin_abi_mismatch', message: expect.stringMatching(/ABI 2\.3/) },
      { code: 'plugin_load_failed', message: expect.stringMatching(/builtin\.impostor/) },
    ])
    expect(loadablePaths({ candidates, searched: [] })).toEqual([])
  })

  it('reports a place that was named and is not there', async () => {
    const { searched, candidates } = await discover({ pluginPaths: ['nowhere'] })
    const path = join(folder, 'nowhere')
    expect(searched[0]).toEqual({ origin: 'option', path, exists: false, libraries: 1 })
    expect(candidates).toMatchObject([
      { path, problem: { code: 'plugin_load_failed', message: expect.stringContaining(path) } },
    ])
  })
})

describe('npm packages', () => {
  const platform = `${process.platform}-${process.arch}`
  const own = async () => (await found()).filter(([origin]) => origin === 'package').map(([, path]) => path)

  it('name their libraries by platform, as files or as folders', async () => {
    writeJson(join(folder, 'package.json'), { dependencies: { acme: '1', other: '1' } })
    install('other', {})
    const path = install('acme', { arranger: { plugins: ['lib/{platform}-{arch}/x', 'all'] } })
    const x = writeLibrary(join(path, 'lib', platform, 'x'))
    const [a, b] = ['a', 'b'].map((name) => writeLibrary(join(path, 'all', name)))
    expect(await own()).toEqual([x, a, b])
    const { searched } = await discover()
    expect(searched.filter(({ origin }) => origin === 'package')).toEqual([
      { origin: 'package', path: join(path, 'package.json'), exists: true, libraries: 3 },
    ])
  })

  it('may bring a package for each platform as optional dependencies', async () => {
    writeJson(join(folder, 'package.json'), { devDependencies: { acme: '1' } })
    const names = [`@acme/x-${platform}`, '@acme/x-beos-ppc', 'unrelated']
    const optionalDependencies = Object.fromEntries(names.map((name) => [name, '1']))
    const path = install('acme', { arranger: { plugins: [] }, optionalDependencies })
    install('unrelated', {}, path)
    // Hoisted, as npm does, or nested in the package.
    const build = install(`@acme/x-${platform}`, { arranger: { plugins: ['x'] } })
    const library = writeLibrary(join(build, 'x'))
    expect(await own()).toEqual([library])
  })

  it('may name what only the package of a platform has, which is then all that is found', async () => {
    writeJson(join(folder, 'package.json'), { dependencies: { '@acme/x': '1', [`@acme/x-${platform}`]: '1' } })
    const plugins = ['lib/{platform}-{arch}/x']
    const optionalDependencies = { '@acme/x-beos-ppc': '1', [`@acme/x-${platform}`]: '1' }
    install('@acme/x', { arranger: { plugins }, optionalDependencies })
    // Also a dependency of the project: it counts once.
    const build = install(`@acme/x-${platform}`, { arranger: { plugins: [`lib/${platform}/x`] } })
    const library = describedLibrary(join(build, 'lib', platform, 'x'), 'acme.x')
    const { candidates, searched } = await discover()
    expect(candidates).toMatchObject([{ path: library, package: `@acme/x-${platform}`, plugins: [{ id: 'acme.x' }] }])
    expect(candidates[0]).not.toHaveProperty('shadowedBy')
    expect(searched.filter(({ origin }) => origin === 'package').map(({ libraries }) => libraries)).toEqual([0, 1])
  })

  it('find the package of a platform beside their real folder, where pnpm has it', async () => {
    writeJson(join(folder, 'package.json'), { dependencies: { acme: '1' } })
    const store = join(folder, 'node_modules/.pnpm/acme@1')
    const optionalDependencies = { [`acme-${platform}`]: '1' }
    const path = install('acme', { arranger: { plugins: ['x'] }, optionalDependencies }, store)
    const build = install(`acme-${platform}`, { arranger: { plugins: ['x'] } }, store)
    const library = describedLibrary(join(build, 'x'), 'acme.x')
    symlinkSync(path, join(folder, 'node_modules/acme'), 'junction')
    expect(await own()).toEqual([library])
  })

  it('say which package of a platform is not installed', async () => {
    writeJson(join(folder, 'package.json'), { dependencies: { acme: '1' } })
    const optionalDependencies = { 'acme-beos-ppc': '1', [`acme-${platform}`]: '1' }
    install('acme', { arranger: { plugins: ['x'] }, optionalDependencies })
    const { candidates } = await discover()
    expect(candidates.map(({ problem }) => problem?.message)).toEqual([
      expect.stringMatching(new RegExp(`acme names it but acme-${platform} is not installed`)),
    ])
  })

  it('are found from a folder inside the project, and only where the project itself depends on them', async () => {
    writeJson(join(folder, 'package.json'), { dependencies: { acme: '1' } })
    const path = install('acme', { arranger: { plugins: ['x'] }, dependencies: { deep: '1' } })
    const library = writeLibrary(join(path, 'x'))
    writeLibrary(join(install('deep', { arranger: { plugins: ['y'] } }), 'y'))
    mkdirSync(join(folder, 'src/parts'), { recursive: true })
    const { candidates } = await discover({ cwd: join(folder, 'src/parts') })
    expect(candidates.map((candidate) => candidate.path)).toEqual([library])
  })

  it('say which package has no build for this platform', async () => {
    writeJson(join(folder, 'package.json'), { dependencies: { acme: '1' } })
    install('acme', { arranger: { plugins: ['lib/{platform}/x'] } })
    const { candidates } = await discover()
    expect(candidates[0]?.problem).toEqual({
      code: 'plugin_load_failed',
      message: expect.stringMatching(new RegExp(`acme.*${platform}`)),
    })
  })

  it.each<[string, unknown, RegExp]>([
    ['a list', ['x'], /"plugins"/],
    ['a number among its paths', { plugins: ['x', 3] }, /"plugins"/],
    ['a path that leaves the package', { plugins: ['../../evil'] }, /\.\.\/\.\.\/evil/],
  ])('are refused when their field is or has %s', async (_, arranger, message) => {
    writeJson(join(folder, 'package.json'), { dependencies: { acme: '1' } })
    install('acme', { arranger })
    const { candidates, searched } = await discover()
    expect(candidates).toEqual([])
    const place = searched.find(({ origin }) => origin === 'package')
    expect(place?.problem).toEqual({ code: 'invalid_request', message: expect.stringMatching(message) })
  })

  it('are not known when the manifest of the project cannot be read', async () => {
    writeFileSync(join(folder, 'package.json'), '{')
    const { searched } = await discover()
    expect(searched[0]).toMatchObject({ origin: 'package', problem: { code: 'io_error' } })
  })
})
