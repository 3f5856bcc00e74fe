// @ts-check
// node-web-audio-api, an OfflineAudioContext in this process.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { processorTime } from '../lib/measured.mjs'
import { peersFolder } from '../lib/paths.mjs'
import { writeRaw } from '../lib/raw-file.mjs'
import { automation, chain, keyHz, sampleRate, sines, song } from '../workloads.mjs'

/** @typedef {import('../lib/checks.mjs').Size} Size */

export const title = 'node-web-audio-api'
export const npm = { 'node-web-audio-api': '1.0.9' }
export const kinds = ['chain', 'nodes', 'song', 'automation', 'stream', 'set']

const requirePeer = createRequire(join(peersFolder, 'package.json'))

export async function version() {
  try {
    return JSON.parse(readFileSync(join(peersFolder, 'node_modules/node-web-audio-api/package.json'), 'utf8')).version
  } catch {
    return null
  }
}

/** @param {any} context @param {number} hz @param {number} amplitude */
function sine(context, hz, amplitude) {
  const [oscillator, gain] = [context.createOscillator(), context.createGain()]
  oscillator.frequency.value = hz
  gain.gain.value = amplitude
  oscillator.connect(gain)
  oscillator.start()
  return { oscillator, gain }
}

/** @param {any} context @param {Size} size */
function buildChain(context, size) {
  const wanted = chain(/** @type {any} */ ({ nodes: 2, seconds: 1, ...size }))
  let last = sine(context, keyHz(wanted.sine.key), wanted.sine.amplitude).gain
  for (const gain of wanted.gains) {
    const node = context.createGain()
    node.gain.value = gain
    // Both sides, as everywhere else: what comes is mono.
    node.channelCount = 2
    node.channelCountMode = 'explicit'
    last.connect(node)
    last = node
  }
  last.connect(context.destination)
}

/** The level is set once, behind the sum. @param {any} context @param {Size} size */
function buildSines(context, size) {
  const { keys, amplitude } = sines(/** @type {any} */ (size))
  const level = context.createGain()
  level.gain.value = amplitude
  level.connect(context.destination)
  for (const key of keys) {
    const oscillator = context.createOscillator()
    oscillator.frequency.value = keyHz(key)
    oscillator.connect(level)
    oscillator.start()
  }
}

/** @param {any} context @param {Size} size */
function buildSong(context, size) {
  const { tracks, bpm, voice, noteSeconds, delay, trackGain, reverb } = song(/** @type {any} */ (size))
  const [master, room, wet] = [context.createGain(), context.createConvolver(), context.createGain()]
  room.buffer = impulseResponse(context)
  wet.gain.value = reverb.wet
  master.connect(context.destination)
  master.connect(room).connect(wet).connect(context.destination)
  for (const { pan, chords } of tracks) {
    const [dry, echo, back, echoLevel, out, place] = [
      context.createGain(),
      context.createDelay(1),
      context.createGain(),
      context.createGain(),
      context.createGain(),
      context.createStereoPanner(),
    ]
    echo.delayTime.value = delay.seconds
    back.gain.value = delay.feedback
    echoLevel.gain.value = delay.wet
    out.gain.value = trackGain
    place.pan.value = pan
    dry.connect(echo).connect(back).connect(echo)
    echo.connect(echoLevel).connect(out)
    dry.connect(out).connect(place).connect(master)
    for (let at = 0; at < 8; at++) {
      const keys = chords.map((chord) => chord[at] ?? 0)
      playVoice(context, dry, voice, keys, 60 / bpm, noteSeconds)
    }
  }
}

/**
 * A voice that is there all the time and plays a key per beat: nodes for each note, made ahead, take many times as long.
 * @param {any} context @param {any} to @param {ReturnType<typeof song>['voice']} voice @param {number[]} keys @param {number} beat @param {number} length seconds both
 */
function playVoice(context, to, voice, keys, beat, length) {
  const [saw, low, level] = [context.createOscillator(), context.createBiquadFilter(), context.createGain()]
  saw.type = 'sawtooth'
  low.frequency.value = voice.cutoffHz
  level.gain.value = 0
  const { amplitude, sustain } = voice
  for (const [index, key] of keys.entries()) {
    const at = index * beat
    saw.frequency.setValueAtTime(keyHz(key), at)
    level.gain.setValueAtTime(0, at)
    level.gain.linearRampToValueAtTime(amplitude, at + voice.attackSeconds)
    level.gain.linearRampToValueAtTime(amplitude * sustain, at + voice.attackSeconds + voice.decaySeconds)
    level.gain.setValueAtTime(amplitude * sustain, at + length)
    level.gain.linearRampToValueAtTime(0, at + length + voice.releaseSeconds)
  }
  saw.connect(low).connect(level).connect(to)
  saw.start()
}

/** A second of noise that dies away: a room, for want of a reverb. @param {any} context */
function impulseResponse(context) {
  const buffer = context.createBuffer(2, sampleRate, sampleRate)
  let random = 1
  for (let channel = 0; channel < 2; channel++) {
    const samples = buffer.getChannelData(channel)
    for (let frame = 0; frame < samples.length; frame++) {
      random = (random * 48271) % 2147483647
      samples[frame] = (random / 1073741823.5 - 1) * Math.exp((-6 * frame) / sampleRate)
    }
  }
  return buffer
}

/** @param {any} context @param {Size} size */
function buildAutomation(context, size) {
  const wanted = automation(/** @type {any} */ (size))
  const { gain } = sine(context, keyHz(wanted.sine.key), wanted.sine.amplitude)
  for (let index = 0; index < wanted.events; index++) {
    const at = wanted.time(index)
    gain.gain.setValueAtTime(wanted.sine.amplitude * wanted.gain(at), at)
  }
  gain.connect(context.destination)
}

/** @type {Record<string, (context: any, size: Size) => void>} */
const builders = {
  chain: buildChain,
  stream: buildChain,
  nodes: buildSines,
  song: buildSong,
  automation: buildAutomation,
}

/** W5: a gain is set. @param {any} api @param {number} calls */
async function setParameter(api, calls) {
  const context = new api.OfflineAudioContext(2, 128, sampleRate)
  const { gain } = context.createGain()
  const { cpu } = await processorTime(() => {
    for (let call = 0; call < calls; call++) gain.value = call % 2
  })
  return { cpu: cpu / calls }
}

/** @param {string} kind @param {Size} size @param {string} path @returns {Promise<import('../worker.mjs').Sample>} */
export async function run(kind, size, path) {
  const api = requirePeer('node-web-audio-api')
  if (kind === 'set') return setParameter(api, size.calls)
  const seconds = size.seconds ?? 60 * size.minutes
  const context = new api.OfflineAudioContext(2, Math.round(seconds * sampleRate), sampleRate)
  const build = /** @type {NonNullable<typeof builders[string]>} */ (builders[kind])
  const { cpu: setup } = await processorTime(() => build(context, size))
  const { cpu, result } = await processorTime(() => context.startRendering())
  const maxRssBytes = process.resourceUsage().maxRSS * 1024
  if (kind !== 'stream') writeRaw(path, result.getChannelData(0), result.getChannelData(1))
  return { cpu, setup, maxRssBytes }
}
