// @ts-check
// Chance that repeats: the same seed gives the same numbers on every machine.

/** Mulberry32 by Tommy Ettinger (2017): 32 bits of state, a period of 2^32. */
export class Random {
  #state

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** In [0, 1). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let word = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number in [0, count). @param {number} count */
  below(count) {
    return Math.floor(this.next() * count)
  }

  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  pick(list) {
    if (list.length === 0) throw new Error('There is nothing to pick from')
    return /** @type {T} */ (list[this.below(list.length)])
  }
}
