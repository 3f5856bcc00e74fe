// Push events in TypeScript: who is told what, when the engine is asked, and how it ends. The engine is a stand-in here,
// so that nothing hangs on time; what a real one sends is in live-events.test.ts.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Connection } from '../src/connection.ts'
import { Engine } from '../src/engine.ts'
import { EngineError } from '../src/index.ts'

/** Records what is asked, and sends what a test says. */
class Wire implements Connection {
  readonly backend = 'binding'
  readonly asked: Record<string, unknown>[] = []
  refusal: object | undefined
  #listener: ((json: string) => void) | null = null

  async request(json: string): Promise<string> {
    this.asked.push(JSON.parse(json))
    return JSON.stringify(this.refusal ?? { status: 'ok' })
  }
  onEvent(listener: ((json: string) => void) | null): void {
    this.#listener = listener
  }
  share(): void {}
  async close(): Promise<void> {}

  send(event: string, rest: object = {}): void {
    this.#listener?.(JSON.stringify({ event, ...rest }))
  }
  /** What the engine sends now, by event: its interval in ms. */
  get subscribed(): Record<string, unknown> {
    const all: Record<string, unknown> = {}
    for (const { cmd, events, interval_ms } of this.asked)
      for (const name of events as string[]) {
        if (cmd === 'subscribe') all[name] = interval_ms
        else delete all[name]
      }
    return all
  }
}

let wire: Wire
let engine: Engine
beforeEach(() => {
  wire = new Wire()
  engine = new Engine(wire)
})
const beat = (event: { beat?: number }) => event.beat
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('listeners', () => {
  it('are told every event of their name, in order, from on to off', async () => {
    const heard: unknown[] = []
    const listener = (event: { total: number }) => heard.push(event.total)
    expect(engine.on('xrun', listener).on('log', () => heard.push('log'))).toBe(engine)
    expect(wire.subscribed).toEqual({ xrun: 100, log: 100 }) // at once: what is sent next comes after it
    wire.send('xrun', { total: 1 })
    wire.send('log')
    wire.send('meters', { peak_dbfs: [], rms_dbfs: [], frames: 1 })
    wire.send('xrun', { total: 2 })
    engine.off('xrun', listener)
    wire.send('xrun', { total: 3 })
    expect(heard).toEqual([1, 'log', 2])
    expect(wire.subscribed).toEqual({ log: 100 })
  })

  it('are told once, where that was asked', () => {
    const heard: unknown[] = []
    engine.once('xrun', ({ total }) => heard.push(total))
    for (const total of [1, 2]) wire.send('xrun', { total })
    expect(heard).toEqual([1])
    expect(wire.subscribed).toEqual({})
  })

  it('may be added twice and are taken away one by one', () => {
    let count = 0
    const listener = () => count++
    engine.on('log', listener).on('log', listener)
    wire.send('log')
    engine.off('log', listener)
    wire.send('log')
    engine.off('log', listener).off('log', listener)
    wire.send('log')
    expect(count).toBe(3)
  })

  it('do not suffer from each other', async () => {
    const thrown: unknown[] = []
    const caught = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', (error) => thrown.push(error))
    const heard: string[] = []
    engine.on('log', () => {
      throw new Error('a bad listener')
    })
    engine.on('log', () => heard.push('log'))
    wire.send('log')
    await settled()
    for (const listener of caught) process.on('uncaughtException', listener)
    expect(heard).toEqual(['log'])
    expect(thrown).toEqual([new Error('a bad listener')])
  })

  it('have the interval they ask for, whatever others want; levels of skipped events are not lost', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const slow: number[] = []
    const quick: number[] = []
    const levels: unknown[] = []
    engine.on('position', ({ beat }) => slow.push(beat), { intervalMs: 50 })
    engine.on('meters', (event) => levels.push(event), { intervalMs: 50 })
    const fast = ({ beat }: { beat: number }) => quick.push(beat)
    engine.on('position', fast, { intervalMs: 10 })
    engine.on('meters', () => {}, { intervalMs: 10 })
    expect(wire.subscribed).toEqual({ position: 10, meters: 10 })
    for (let beat = 0; beat < 10; beat++) {
      wire.send('position', { beat })
      // -6.02 dB is half. The right channel is loud in the seventh event only, and silent before it.
      const right = beat === 6 ? 0 : null
      wire.send('meters', { peak_dbfs: [-20, right], rms_dbfs: [-20, right], frames: 100 })
      vi.advanceTimersByTime(10)
    }
    expect(quick).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(slow).toEqual([0, 5])
    expect(levels).toMatchObject([{ frames: 100, peak_dbfs: [-20, null] }, { frames: 500 }])
    vi.advanceTimersByTime(10)
    wire.send('meters', { peak_dbfs: [-20, null], rms_dbfs: [-20, null], frames: 100 })
    const { peak_dbfs, rms_dbfs, frames } = levels[2] as { peak_dbfs: number[]; rms_dbfs: number[]; frames: number }
    expect(frames).toBe(500)
    expect(peak_dbfs).toEqual([expect.closeTo(-20), expect.closeTo(0)])
    expect(rms_dbfs).toEqual([expect.closeTo(-20), expect.closeTo(10 * Math.log10(1 / 5))])
    engine.off('position', fast)
    expect(wire.subscribed).toEqual({ position: 50, meters: 10 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('are refused what the engine refuses, and a closed engine', async () => {
    expect(() => engine.on('log', () => {}, { intervalMs: 0.5 })).toThrow(
      expect.objectContaining({ code: 'out_of_range' }),
    )
    await engine.close()
    expect(() => engine.on('log', () => {})).toThrow(expect.objectContaining({ code: 'engine_closed' }))
  })
})

describe('a loop over events', () => {
  it('begins with the first turn and ends with break, return and throw', async () => {
    const ways: ((stream: AsyncIterable<{ beat: number }>) => Promise<unknown>)[] = [
      async (stream) => {
        for await (const event of stream) if (event.beat === 2) break
      },
      async (stream) => {
        for await (const event of stream) if (event.beat === 2) return
      },
      async (stream) => {
        for await (const event of stream) if (event.beat === 2) throw new Error('out')
      },
    ]
    for (const way of ways) {
      const stream = engine.events('position', { intervalMs: 20 })
      expect(wire.subscribed).toEqual({})
      const loop = way(stream).catch(() => {})
      expect(wire.subscribed).toEqual({ position: 20 })
      for (const beat of [1, 2, 3]) wire.send('position', { beat })
      await loop
      expect(wire.subscribed).toEqual({})
      expect(await stream.next()).toEqual({ done: true, value: undefined })
    }
  })

  it('runs beside others, each at its own pace, until the last has ended', async () => {
    const loops = [3, 1, 2].map(async (most) => {
      const beats: number[] = []
      for await (const { beat } of engine.events('position')) if (beats.push(beat) === most) break
      return beats
    })
    for (const beat of [1, 2, 3]) {
      wire.send('position', { beat })
      await settled()
      expect(Object.keys(wire.subscribed)).toEqual(beat < 3 ? ['position'] : [])
    }
    expect(await Promise.all(loops)).toEqual([[1, 2, 3], [1], [1, 2]])
    expect(wire.asked.map(({ cmd }) => cmd)).toEqual(['subscribe', 'unsubscribe'])
  })

  it('that is slow keeps the newest events and counts the rest', async () => {
    const stream = engine.events('position', { buffer: 3 })
    const first = stream.next()
    for (let beat = 0; beat < 10; beat++) wire.send('position', { beat })
    const rest = [stream.next(), stream.next(), stream.next()]
    expect((await Promise.all([first, ...rest])).map(({ value }) => value && beat(value))).toEqual([0, 7, 8, 9])
    expect(stream.dropped).toBe(6)
    await stream.return()
  })

  it('that asks ahead is answered in order', async () => {
    const stream = engine.events('position')
    const asked = [stream.next(), stream.next(), stream.next()]
    for (const beat of [1, 2]) wire.send('position', { beat })
    await stream.return()
    expect((await Promise.all(asked)).map(({ done, value }) => (done ? 'done' : beat(value)))).toEqual([1, 2, 'done'])
  })

  it('ends by its signal, with the reason, also before it began', async () => {
    for (const early of [true, false]) {
      const control = new AbortController()
      const stream = engine.events('position', { signal: control.signal })
      if (early) control.abort('enough')
      const next = stream.next()
      wire.send('position', { beat: 1 })
      if (!early) {
        expect((await next).value).toMatchObject({ beat: 1 })
        wire.send('position', { beat: 2 })
        control.abort('enough')
      }
      const failure = early ? next : stream.next()
      await expect(failure).rejects.toMatchObject({ name: 'EngineError', code: 'cancelled', cause: 'enough' })
      expect(await stream.next()).toEqual({ done: true, value: undefined })
      expect(wire.subscribed).toEqual({})
    }
  })

  it('ends when the engine closes, after what it has been told', async () => {
    const beats: number[] = []
    const loop = (async () => {
      for await (const { beat } of engine.events('position')) beats.push(beat)
    })()
    for (const beat of [1, 2]) wire.send('position', { beat })
    await engine.close()
    await loop
    expect(beats).toEqual([1, 2])
    await expect(engine.events('position').next()).rejects.toMatchObject({ code: 'engine_closed' })
  })

  it('throws what the engine refuses', async () => {
    wire.refusal = { status: 'error', code: 'busy', message: 'no thread' }
    await expect(engine.events('position').next()).rejects.toThrow(new EngineError('busy', 'no thread'))
    wire.refusal = undefined
    const again = engine.events('position')
    void again.next()
    expect(wire.asked.at(-1)).toMatchObject({ cmd: 'subscribe' }) // the first attempt did not count
    await again.return()
    expect(() => engine.events('position', { buffer: 0 })).toThrow(expect.objectContaining({ code: 'out_of_range' }))
  })

  it('may be a resource', async () => {
    {
      await using stream = engine.events('log')
      void stream.next()
      expect(wire.subscribed).toEqual({ log: 100 })
    }
    expect(wire.subscribed).toEqual({})
  })
})
