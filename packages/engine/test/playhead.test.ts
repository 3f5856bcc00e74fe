import { describe, expect, it } from 'vitest'
import { Playhead, type Position } from '../src/playhead.ts'

/** A playhead that is told what the engine answers, and what time it is. */
function playheadAt(answer: Position) {
  const state = { answer, now: 1000 }
  const playhead = new Playhead(
    async () => state.answer,
    () => state.now,
  )
  return { state, playhead }
}

describe('Playhead', () => {
  it('stands where the engine says while it does not play', async () => {
    const { state, playhead } = playheadAt({ beat: 7, playing: false, bpm: 120 })
    await playhead.refresh()
    state.now += 5000
    expect([playhead.beat, playhead.playing]).toEqual([7, false])
  })

  it('counts on at the tempo there', async () => {
    const { state, playhead } = playheadAt({ beat: 7, playing: true, bpm: 90 })
    await playhead.refresh()
    state.now += 20
    expect(playhead.beat).toBeCloseTo(7 + 0.02 * 1.5, 12)
    playhead.stop()
    state.now += 1000
    expect(playhead.beat, 'stopped where it was').toBeCloseTo(7.03, 12)
    expect(playhead.playing).toBe(false)
  })

  it('wraps at the end of a loop, as often as it comes there', async () => {
    const { state, playhead } = playheadAt({ beat: 3.5, playing: true, bpm: 60_000 })
    playhead.loop = { start: 2, end: 4 }
    await playhead.refresh()
    const beats = [0, 0.25, 0.5, 1, 2.5, 4.75].map((milliseconds) => {
      state.now = 1000 + milliseconds
      return playhead.beat
    })
    expect(beats).toEqual([3.5, 3.75, 2, 2.5, 2, 2.25])
    playhead.stop()
  })

  it('does not wrap after the loop', async () => {
    const { state, playhead } = playheadAt({ beat: 9, playing: true, bpm: 60 })
    playhead.loop = { start: 2, end: 4 }
    await playhead.refresh()
    state.now += 1000
    expect(playhead.beat).toBe(10)
    playhead.stop()
  })

  it('takes no answer from before it was moved', async () => {
    const answers: ((position: Position) => void)[] = []
    const playhead = new Playhead(() => new Promise((resolve) => answers.push(resolve)))
    const [first, second] = [playhead.refresh(), playhead.refresh()]
    answers[1]?.({ beat: 2, playing: false, bpm: 120 })
    await second
    answers[0]?.({ beat: 1, playing: true, bpm: 120 })
    await first
    expect([playhead.beat, playhead.playing]).toEqual([2, false])
  })
})
