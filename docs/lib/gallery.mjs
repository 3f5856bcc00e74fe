// @ts-check
// Step: a page for each built-in and example plugin, from what its library says and does: ports, parameters, latency, and a sound that
// the engine renders. One that is silent ends the build.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createEngine } from '@arranger/engine'
import { drawPicture } from '../../packages/cli/dist/picture.js'
import { galleryIndex, galleryPage, pageName } from './gallery-page.mjs'
import { beats, sceneOf } from './gallery-scenes.mjs'
import { root } from './paths.mjs'
import { playerFiles } from './player.mjs'

/** @typedef {import('@arranger/plugin-sdk').Descriptor} Descriptor */
/** @typedef {{ latency_frames: number, tail_frames: number, failure: string }} Activated */
/** @typedef {{ descriptor: Descriptor, activated: Activated | undefined, example: boolean, costUs: number | undefined, playable: boolean }} Entry */

const sampleRate = 44100
/** What is quieter than this is not heard. */
const silenceDb = -60
const bin = join(root, 'build/release/bin')

/** @param {string} folder */
const librariesIn = (folder) =>
  readdirSync(folder)
    .filter((name) => /\.(so|dylib|dll)$/.test(name))
    .map((name) => join(folder, name))

/** What instances answer when they are made. @param {string[]} libraries @returns {Map<string, Activated>} */
function activations(libraries) {
  const program = join(bin, process.platform === 'win32' ? 'arranger-describe.exe' : 'arranger-describe')
  const text = execFileSync(program, ['--activated', ...libraries], { encoding: 'utf8' })
  /** @type {(Activated & { id: string })[]} */
  const all = JSON.parse(text)
  return new Map(all.map((one) => [one.id, one]))
}

/** A SoundFont of this machine, if the package is installed, as it is on CI. @returns {string | undefined} */
function soundfont() {
  const { stdout } = spawnSync('dpkg', ['-L', 'timgm6mb-soundfont'], { encoding: 'utf8' })
  const path = stdout?.split('\n').find((line) => line.endsWith('.sf2') && existsSync(line))
  if (!path && process.env.CI) throw new Error('There is no SoundFont of timgm6mb-soundfont for builtin.fluidsynth')
  return path
}

export class Gallery {
  /** @param {import('@arranger/engine').Engine} engine @param {import('./site.mjs').Site} site @param {string} folder for files */
  constructor(engine, site, folder) {
    this.engine = engine
    this.site = site
    this.folder = folder
  }

  /** A note for the sampler to play, as `sample.wav`. */
  async sample() {
    const nodes = [
      { id: 'track', type: 'track_source' },
      { id: 'synth', type: 'builtin.synth' },
      { id: 'mixer', type: 'mixer' },
    ]
    const connections = [
      { from_node: 'track', from_port: 'events_out', to_node: 'synth', to_port: 'events_in' },
      { from_node: 'synth', from_port: 'audio_out', to_node: 'mixer', to_port: 'audio_in_0' },
    ]
    const note = { node_id: 'track', pitch: 60 }
    await this.engine.load({
      graph: { bpm: 120, nodes, connections },
      events: [
        { ...note, beat: 0, type: 'note_on' },
        { ...note, beat: 1, type: 'note_off' },
      ],
    })
    const { path } = await this.engine.render(join(this.folder, 'sample.wav'), { durationBeats: 1, tailSeconds: 0.5 })
    this.site.file('plugins/sample.wav', readFileSync(path))
    return path
  }

  /** Renders what is heard of a plugin. @param {Descriptor} descriptor @param {Record<string, string>} config */
  async render(descriptor, config) {
    const name = pageName(descriptor)
    const scene = sceneOf(descriptor, config)
    const warnings = await this.engine.load(scene)
    if (warnings.length > 0) throw new Error(`${descriptor.id} in the gallery: ${warnings[0]?.message}`)
    const options = { durationBeats: beats, tailSeconds: 1, measure: true }
    const file = await this.engine.render(join(this.folder, `${name}.flac`), { ...options, bitDepth: 16 })
    const peak = file.analysis?.peakDbfs ?? -Infinity
    if (!(peak > silenceDb)) throw new Error(`${descriptor.id} is silent in the gallery: ${peak} dBFS`)
    this.site.file(`plugins/${basename(file.path)}`, readFileSync(file.path))
    const { channelData, hash } = await this.engine.render(undefined, options)
    const picture = { title: descriptor.id, subtitle: hash, channels: channelData, sampleRate, width: 900, height: 420 }
    this.site.file(`plugins/${name}.png`, drawPicture(picture))
    return scene
  }
}

const blockFrames = 512
/** Microseconds of a processor that a plugin takes for a block: the same graph with eight more of it takes so much more. */
/** @param {import('@arranger/engine').Engine} engine @param {import('./gallery-scenes.mjs').Scene} scene @param {Descriptor} descriptor */
async function costOf(engine, scene, descriptor) {
  const output = descriptor.ports.find(({ type, role }) => type === 'audio_stereo' && role === 'output')
  if (!output) return undefined
  const copies = 8
  const time = async (/** @type {number} */ count) => {
    const names = Array.from({ length: count }, (_, i) => `copy_${i}`)
    const { nodes = [], connections = [] } = scene.graph
    const plugin = nodes.find(({ id }) => id === 'plugin')
    const inputs = connections.filter(({ to_node }) => to_node === 'plugin')
    const graph = {
      ...scene.graph,
      nodes: [
        ...nodes.map((node) => (node.id === 'mixer' ? { ...node, params: { channel_count: copies + 1 } } : node)),
        ...names.map((id) => ({ id, type: descriptor.id, params: plugin?.params ?? {} })),
      ],
      connections: [
        ...connections,
        ...names.flatMap((id) => inputs.map((one) => ({ ...one, to_node: id }))),
        ...names.map((id, i) => ({
          ...{ from_node: id, from_port: output.id },
          ...{ to_node: 'mixer', to_port: `audio_in_${i + 1}` },
        })),
      ],
    }
    await engine.load({ graph, events: scene.events })
    let best = Infinity
    for (let i = 0; i < 3; i++) {
      // Not by the clock: others may want the processor, too.
      const before = process.cpuUsage()
      const { frames } = await engine.render(undefined, { durationBeats: 2, tailSeconds: 0 })
      const { user, system } = process.cpuUsage(before)
      best = Math.min(best, ((user + system) * blockFrames) / frames)
    }
    return best
  }
  const [alone, many] = [await time(0), await time(copies)]
  return Math.max(0, (many - alone) / copies)
}

/** @param {import('./site.mjs').Site} site */
export async function galleryStep(site) {
  const examples = join(root, 'build/examples')
  execFileSync(process.execPath, [join(root, 'scripts/build-examples.mjs')], { stdio: 'pipe' })
  const libraries = [...librariesIn(join(bin, 'plugins')), ...librariesIn(examples)]
  const answers = activations(libraries)
  const folder = mkdtempSync(join(tmpdir(), 'arranger-gallery-'))
  const engine = await createEngine({
    ...{ backend: /** @type {const} */ ('binding'), settings: /** @type {const} */ (false), sampleRate, threads: 1 },
    ...{ outputDevice: null, pluginPaths: [examples] },
  })
  try {
    const gallery = new Gallery(engine, site, folder)
    const { plugins } = await engine.send({ cmd: 'list_registered_plugins' })
    const playable = await playerFiles(site)
    const sample = await gallery.sample()
    const font = soundfont()
    const known = plugins.filter(({ id }) => answers.has(id) && (font || id !== 'builtin.fluidsynth'))
    /** @type {Entry[]} */
    const entries = []
    for (const descriptor of known) {
      const { id } = descriptor
      /** @type {Record<string, string>} */
      const config =
        { 'builtin.sampler': { sample_path: sample }, 'builtin.fluidsynth': { sf2_path: font ?? '' } }[id] ?? {}
      const scene = await gallery.render(descriptor, config)
      const canPlay = playable.has(id)
      if (canPlay) site.file(`plugins/${pageName(descriptor)}.json`, forPage(descriptor, scene, sample))
      const costUs = await costOf(engine, scene, descriptor)
      const example = !id.startsWith('builtin.')
      entries.push({ descriptor, activated: answers.get(id), example, costUs, playable: canPlay })
    }
    for (const entry of entries) site.page(`plugins/${pageName(entry.descriptor)}`, galleryPage(entry))
    site.page('plugins/index', galleryIndex(entries))
    const items = (/** @type {boolean} */ example) =>
      entries
        .filter((entry) => entry.example === example)
        .map(({ descriptor }) => ({ text: descriptor.display_name, link: `/plugins/${pageName(descriptor)}` }))
    site.sidebar('/plugins/', [
      { text: 'Plugins', items: [{ text: 'All plugins', link: '/plugins/' }] },
      { text: 'Built-in', items: items(false) },
      { text: 'Examples', items: items(true) },
    ])
    const left = [
      ...(playable.size > 0 ? [] : ['not playable: there is no WebAssembly module']),
      ...(font ? [] : ['without builtin.fluidsynth: there is no SoundFont']),
    ]
    return [`${entries.length} plugins`, ...left].join(', ')
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the player of the page needs. @param {Descriptor} descriptor @param {import('./gallery-scenes.mjs').Scene} scene @param {string} sample */
function forPage(descriptor, scene, sample) {
  const text = JSON.stringify({ ...scene, beats: 2 * beats, ports: descriptor.ports }).replaceAll(
    JSON.stringify(sample),
    '"sample.wav"',
  )
  return text
}
