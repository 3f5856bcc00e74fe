// What an engine shows in shared memory, against what it plays and says.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AudioServer, type Display, type Engine } from '../src/index.ts'
import { createEngine, needs } from './support/engine.ts'
import { chain } from './support/live.ts'
import { fixture } from './support/native.ts'

const displayModule = new URL('../dist/display.js', import.meta.url).href
const sampleRate = 48_000
// MIDI key 69 sounds at 440 Hz: x[n] = 2 cos ω · x[n-1] - x[n-2].
const recurrence = 2 * Math.cos((2 * Math.PI * 440) / sampleRate)

let engine: Engine
beforeEach(async () => {
  engine = await createEngine({ sampleRate, blockSize: 64, outputDevice: 'none' })
})
afterEach(() => engine.close())

const playSine = async () => {
  await engine.send(chain() as { cmd: 'set_graph' })
  await engine.send({ cmd: 'note_on', pitch: 69, velocity: 127 })
}
/** Looks until it fits; real time passes. */
const until = async <T>(look: () => T, fits: (value: T) => boolean): Promise<T> => {
  for (let tries = 0; tries < 5000; tries++) {
    const value = look()
    if (fits(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  throw new Error(`It never came: ${JSON.stringify(look())}`)
}

describe('a display', needs('display'), () => {
  it('shows where the playhead rests before anything plays, then where it is, then where it stopped', async () => {
    await engine.seek(6)
    const display = await engine.display()
    expect(display.read()).toEqual({
      playing: false,
      beat: 6,
      songFrame: 6 * 24_000,
      frame: 0,
      bpm: 120,
      sampleRate,
      peak: [0, 0],
      rms: [0, 0],
    })
    await engine.play()
    const playing = await until(
      () => display.read(),
      ({ beat }) => beat > 6.1,
    )
    expect(playing).toMatchObject({ playing: true, bpm: 120 })
    expect(playing.songFrame).toBeCloseTo(playing.beat * 24_000, 3)
    await engine.stop()
    const rested = await until(
      () => display.read(),
      (now) => !now.playing,
    )
    expect(rested.beat).toBeCloseTo((await engine.position()).beat, 9)
    await engine.send({ cmd: 'close_device' })
    expect(display.read()).toMatchObject({ playing: false, beat: rested.beat })
  })

  it('shows the true levels, linear', needs('plugin_libraries'), async () => {
    await engine.loadPluginLibrary(fixture('nodes.so'))
    const constant = { id: 'mixer', type: 'test.failing', params: { kind: 2, at: 1e6 } }
    await engine.send({ cmd: 'set_graph', nodes: [constant] })
    const display = await engine.display({ scopeFrames: 100 })
    await engine.play()
    const { peak, rms } = await until(
      () => display.read(),
      ({ rms: [left] }) => left > 0.2499,
    )
    expect(peak).toEqual([0.25, 0.25])
    expect(rms).toEqual([expect.closeTo(0.25, 6), expect.closeTo(0.25, 6)])
  })

  it('shows every frame of the sound once, in order', async () => {
    const display = await engine.display({ scopeFrames: 16_384 })
    await playSine()
    await until(
      () => display.read(),
      ({ peak: [left] }) => left > 0.4,
    )
    const [left, right] = [new Float32Array(16_384), new Float32Array(16_384)]
    const recording: number[] = []
    let before = display.scope(left, right)
    await until(
      () => {
        const now = display.scope(left, right)
        expect(right).toEqual(left)
        const fresh = (now - before) >>> 0
        if (fresh > left.length) recording.length = 0 // this test was asleep for a third of a second: again
        before = now
        for (const sample of left.subarray(Math.max(0, left.length - fresh))) recording.push(sample)
        return recording.length
      },
      (length) => length > sampleRate / 2,
    )
    const clicks = recording.filter((sample, i) => {
      if (i < 2) return false
      return Math.abs(sample - recurrence * Number(recording[i - 1]) + Number(recording[i - 2])) > 1e-4
    })
    expect(clicks).toEqual([])
    expect(Math.max(...recording.slice(0, 1000))).toBeGreaterThan(0.4)
  })

  it('is never torn, however often a worker that has only its memory looks', async () => {
    const display = await engine.display({ scopeFrames: 1000 })
    await playSine()
    await engine.play()
    await until(
      () => display.read(),
      ({ playing, peak: [left] }) => playing && left > 0.4,
    )
    const stop = new SharedArrayBuffer(4)
    const worker = new Worker(new URL('./support/read-display.mjs', import.meta.url), {
      workerData: { module: displayModule, buffer: display.buffer, stop, recurrence },
    })
    await once(worker, 'message')
    const { frame } = display.read()
    await until(
      () => display.read(),
      (now) => now.frame > frame + sampleRate,
    )
    Atomics.store(new Int32Array(stop), 0, 1)
    const [result] = await once(worker, 'message')
    expect(result).toMatchObject({ torn: 0, clicks: 0 })
    expect(result.reads).toBeGreaterThan(100)
    expect(result.frames).toBeGreaterThan(1000)
  })

  it('goes on when another device is opened', async () => {
    const display = await engine.display()
    await playSine()
    await engine.play()
    await until(
      () => display.read(),
      ({ frame }) => frame > 1000,
    )
    await engine.send({ cmd: 'open_device', name: 'none', sample_rate: 44_100, block_size: 256 })
    const after = await until(
      () => display.read(),
      (now) => now.sampleRate === 44_100 && now.frame > 1000,
    )
    expect(after.playing).toBe(false)
    expect(display.attached).toBe(true)
  })

  it('is one for an engine, unless more is wanted of it; who looks at the old one can tell', async () => {
    const display = await engine.display({ scopeFrames: 100 })
    expect(await engine.display({ scopeFrames: 50 })).toBe(display)
    expect(display.scopeFrames).toBeGreaterThanOrEqual(100)
    expect(() => display.scope(new Float32Array(display.scopeFrames + 1))).toThrow(RangeError)
    expect(() => display.scope(new Float32Array(3), new Float32Array(4))).toThrow(RangeError)
    const larger = await engine.display({ scopeFrames: 100_000 })
    expect([display.attached, larger.attached]).toEqual([false, true])
    await engine.close()
    expect(larger.attached).toBe(false)
    await expect(engine.display()).rejects.toMatchObject({ code: 'engine_closed' })
  })

  it('may have no scope, and wants a whole number of frames', async () => {
    const display: Display = await engine.display({ scopeFrames: 0 })
    expect(display.scopeFrames).toBe(0)
    for (const scopeFrames of [-1, 0.5, Number.NaN, 2 ** 20 + 1])
      await expect(engine.display({ scopeFrames })).rejects.toMatchObject({ code: 'out_of_range' })
  })

  it('is written in the memory that is in use only, while engines come and go', async () => {
    for (let round = 0; round < 20; round++) {
      const other = await createEngine({ sampleRate, blockSize: 16, outputDevice: 'none' })
      await other.play()
      const displays = [await other.display({ scopeFrames: 1 }), await other.display({ scopeFrames: 20_000 })]
      const frozen = Buffer.from(new Uint8Array(displays[0]?.buffer as SharedArrayBuffer))
      await other.close()
      expect(Buffer.from(new Uint8Array(displays[0]?.buffer as SharedArrayBuffer)).equals(frozen)).toBe(true)
    }
  })
})

describe('shared memory', needs('in_process'), () => {
  it('must be shared, large enough, and bytes', () => {
    const engine = new AudioServer()
    const share = (memory: unknown) => () => engine.shareMemory(memory as Uint8Array)
    for (const memory of [undefined, 3, new Uint8Array(4096), new Float32Array(new SharedArrayBuffer(4096))])
      expect(share(memory)).toThrow(TypeError)
    expect(share(new Uint8Array(new SharedArrayBuffer(64)))).toThrow(RangeError)
    expect(share(new Uint8Array(new SharedArrayBuffer(4096), 1))).toThrow(RangeError)
    expect(share(new Uint8Array(new SharedArrayBuffer(4096)))).not.toThrow()
    expect(share(null)).not.toThrow()
    engine.close()
    expect(share(null)).toThrow('This AudioServer is closed')
  })
})
