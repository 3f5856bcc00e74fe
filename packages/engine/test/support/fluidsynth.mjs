// @ts-check
// The `fluidsynth` program as a reference for builtin.fluidsynth.
import { accessSync } from 'node:fs'

/** The SoundFont of the Debian package timgm6mb-soundfont. */
export const soundfont = '/usr/share/sounds/sf2/TimGM6mb.sf2'

/**
 * Frames by which the program is late: its player sets off the events of a step while that step is already under way,
 * so that they sound one step of 64 frames later.
 */
export const lateness = 64

/**
 * Its arguments for rendering a song into a 16-bit WAV file: FluidSynth's default gain, no reverb, no chorus.
 * @param {string} song
 * @param {string} output
 * @param {number} sampleRate
 */
export function fluidsynthArguments(song, output, sampleRate) {
  accessSync(soundfont)
  return ['-n', '-i', '-q', '-R', '0', '-C', '0', '-g', '0.2', '-r', String(sampleRate), '-F', output, soundfont, song]
}

/**
 * The channels of a WAV file of 16 bits in stereo that has one `data` chunk, -1..1. Quicker than a reader for every WAV.
 * @param {Buffer} file
 */
export function readChannels(file) {
  const start = file.indexOf('data', 12, 'latin1') + 8
  const samples = new Int16Array(file.buffer.slice(file.byteOffset + start, file.byteOffset + file.length))
  return [0, 1].map((channel) =>
    Float32Array.from(
      { length: samples.length >> 1 },
      (_, frame) => /** @type {number} */ (samples[2 * frame + channel]) / 32_768,
    ),
  )
}
