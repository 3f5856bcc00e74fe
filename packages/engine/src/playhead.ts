/** Where the engine's playhead was at some moment. */
export interface Position {
  beat: number
  playing: boolean
  /** Quarter notes a minute. */
  bpm: number
}

/** A loop in beats. */
interface Loop {
  start: number
  end: number
}

/** Milliseconds between two questions while the song plays; a change of tempo is noticed that late at most. */
const intervalMs = 50

/**
 * Knows where the playhead is without asking: asks the engine a few times a second while it plays, and counts on from the
 * last answer by the clock.
 */
export class Playhead {
  /** The loop that the engine was told of. */
  loop: Loop | null = null
  readonly #ask: () => Promise<Position>
  readonly #now: () => number
  #last: Position = { beat: 0, playing: false, bpm: 120 }
  #at = 0
  /** Counts what moves the playhead, so that an answer from before is known to be old. */
  #moves = 0
  #timer: NodeJS.Timeout | undefined

  /** @param now A clock in milliseconds that never goes back. */
  constructor(ask: () => Promise<Position>, now: () => number = () => performance.now()) {
    this.#ask = ask
    this.#now = now
  }

  get playing(): boolean {
    return this.#last.playing
  }

  /** In quarter notes from the start of the song. */
  get beat(): number {
    const { beat, playing, bpm } = this.#last
    if (!playing) return beat
    const moved = beat + ((this.#now() - this.#at) / 60_000) * bpm
    const { loop } = this
    if (!loop || beat >= loop.end || moved < loop.end) return moved
    return loop.start + ((moved - loop.start) % (loop.end - loop.start))
  }

  /** Asks where the playhead is now that something has moved it, and goes on asking while it moves. */
  async refresh(): Promise<void> {
    const move = ++this.#moves
    clearTimeout(this.#timer)
    const position = await this.#ask()
    if (move !== this.#moves) return
    this.#last = position
    this.#at = this.#now()
    if (!position.playing) return
    // An engine that cannot be asked any more says so to whoever uses it next.
    this.#timer = setTimeout(() => void this.refresh().catch(() => this.stop()), intervalMs)
    this.#timer.unref()
  }

  /** Asks no more; the playhead stays where it is. */
  stop(): void {
    this.#moves++
    clearTimeout(this.#timer)
    this.#last = { ...this.#last, beat: this.beat, playing: false }
  }
}
