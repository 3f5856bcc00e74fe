// SPDX-License-Identifier: MIT
import { InvalidArgumentError } from 'commander'

/** A parser of numbers in a range, both ends included. */
export function number(min = -Infinity, max = Infinity, whole = false): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value))) return value
    if (!Number.isFinite(min)) throw new InvalidArgumentError('Expected a number.')
    throw new InvalidArgumentError(`Expected ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}.`)
  }
}
