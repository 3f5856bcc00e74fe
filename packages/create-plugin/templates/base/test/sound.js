// What the tests share: an engine that has the plugin, and a few measures of a sound.
import { createEngine } from '@arranger/engine'

/** An engine without a device, with the libraries that were built for this machine. */
export const openEngine = () =>
  createEngine({
    backend: 'binding',
    settings: false,
    outputDevice: null,
    pluginPaths: [`lib/${process.platform}-${process.arch}`],
  })

/** The greatest sample. */
export const peak = (samples) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)

/** The mean power, as a level. */
export const rms = (samples) => Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)

/** How far two sounds are apart, at most: 0 when they are the same bit for bit. */
export const difference = (a, b) => peak(a.map((sample, frame) => sample - b[frame]))
