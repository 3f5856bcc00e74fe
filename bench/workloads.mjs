// @ts-check
// The workloads, exactly, in no engine's terms: nodes, notes, times, and what the sound must be. Adapters translate them,
// checks.mjs compares what an engine plays with them, and the instruction counts of `npm test` are of the same graphs.

/** Hz; frames of a block; every workload is stereo, in single precision where the engine has a choice. */
export const sampleRate = 48000
export const blockFrames = 128

/** Of a MIDI key. @param {number} key */
export const keyHz = (key) => 440 * 2 ** ((key - 69) / 12)

/**
 * W1: one sine through `nodes` stereo gain nodes in a chain. The gains are no powers of two, so that no engine may drop or
 * fold them without changing bits; a pair of them is 1, so that the last node plays what the first gets.
 * @param {{ nodes: number, seconds: number }} size `nodes` is even
 */
export const chain = ({ nodes, seconds }) => ({
  seconds,
  sine: { key: 69, amplitude: 0.1 },
  gains: Array.from({ length: nodes }, (_, index) => (index % 2 === 0 ? 1.25 : 0.8)),
})

/**
 * W2: `voices` sines, all from the first frame to the last, phase 0. Together they have amplitude 0.5.
 * @param {{ voices: number, seconds: number }} size
 */
export const sines = ({ voices, seconds }) => ({
  seconds,
  amplitude: 0.5 / voices,
  keys: Array.from({ length: voices }, (_, index) => lowestSine + ((index * 5) % sineKeys)),
})
const lowestSine = 36
const sineKeys = 64

/**
 * W3: a song. On each track eight voices (saw, low-pass, ADSR) play a chord on every beat; a track has a feedback delay, a
 * gain and an equal-power pan; all go into one reverb. The last two beats are silent, so that the echoes stand alone.
 * @param {{ seconds: number, tracks?: number }} size
 */
export function song({ seconds, tracks = 16 }) {
  const beats = Math.round((seconds * songBpm) / 60)
  return {
    seconds,
    bpm: songBpm,
    voice: {
      amplitude: 0.02,
      cutoffHz: 2000,
      q: Math.SQRT1_2,
      attackSeconds: 0.005,
      decaySeconds: 0.1,
      sustain: 0.6,
      releaseSeconds: 0.08,
    },
    noteSeconds: 0.4,
    delay: { seconds: 0.375, feedback: 0.4, wet: 0.5 },
    trackGain: 0.8,
    reverb: { wet: 0.15, room: 0.7, damping: 0.5 },
    tracks: Array.from({ length: tracks }, (_, track) => ({
      pan: tracks === 1 ? 0 : (2 * track) / (tracks - 1) - 1,
      /** A chord per beat: C major in close position, an octave up and down by turns. */
      chords: Array.from({ length: beats - 2 }, (_, beat) =>
        songChord.map((tone) => 48 + tone + 12 * ((track + beat) % 2)),
      ),
    })),
  }
}
const songBpm = 120
const songChord = [0, 4, 7, 12, 16, 19, 24, 28]
/** What must stand out of the song's spectrum, and where no harmonic of it lies. */
export const songTones = { present: [48, 52, 55, 60, 64, 67], absent: [50, 57, 62] }

/**
 * W4: one sine, whose gain is set `events` times; in between it stays. The gain is a slow wave, which a gain that an engine
 * smooths over some milliseconds still follows.
 * @param {{ events: number, seconds: number }} size
 */
export const automation = ({ events, seconds }) => ({
  seconds,
  events,
  sine: { key: 69, amplitude: 0.5 },
  time: (/** @type {number} */ index) => (seconds * index) / events,
  gain: (/** @type {number} */ atSeconds) => 0.5 + 0.4 * Math.sin((2 * Math.PI * atSeconds) / 20),
})

/** W5: what is sent over and over. `nodes` gain nodes in a chain is how large a graph is. */
export const control = { node: 'node_7', gain: 0.5, graphBytes: 1_000_000 }

/** W7: a chain as W1's of two nodes, streamed to a file. @param {{ minutes: number }} size */
export const stream = ({ minutes }) => chain({ nodes: 2, seconds: 60 * minutes })
