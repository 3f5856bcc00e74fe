// The engine's own hash of a file (content_hash in core/base/file.cpp), so that a descriptor file can be compared with
// its library where no engine is loaded. Words of 64 bits are two of 32: BigInt would be fifty times slower.

const mixLow = 0x1ce4e5b9
const mixHigh = 0xbf58476d
const mix = 0xbf58476d1ce4e5b9n
const low32 = 0xffffffffn
const laneCount = 4
const wordSize = 8

/** The upper 32 bits of the product of two numbers of 32 bits. */
function upperProduct(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16]
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = (aLow * bHigh + (middle & 0xffff)) >>> 16
  return aHigh * bHigh + (middle >>> 16) + carry
}

/** 64 bits that take up words of 64 bits. */
class Lane {
  low: number
  high: number

  constructor(start: bigint) {
    this.low = Number(start & low32)
    this.high = Number((start >> 32n) & low32)
  }

  mix(wordLow: number, wordHigh: number): void {
    const before = (this.low ^ wordLow) >>> 0
    const beforeHigh = (this.high ^ wordHigh) >>> 0
    const low = Math.imul(before, mixLow) >>> 0
    const high = (upperProduct(before, mixLow) + Math.imul(before, mixHigh) + Math.imul(beforeHigh, mixLow)) >>> 0
    this.low = (low ^ ((high << 3) | (low >>> 29))) >>> 0
    this.high = (high ^ (high >>> 29)) >>> 0
  }
}

/** The hash of a file's bytes, 64 bits. */
export function contentHash(bytes: Uint8Array): bigint {
  const lanes = Array.from(
    { length: laneCount },
    (_, i) => new Lane(0x9e3779b97f4a7c15n ^ BigInt.asUintN(64, BigInt(bytes.length + i) * mix)),
  )
  const stride = laneCount * wordSize
  const whole = Math.floor(bytes.length / stride) * stride
  const padded = new Uint8Array(stride)
  padded.set(bytes.subarray(whole))
  const take = (view: DataView, at: number) =>
    lanes.forEach((lane, i) => {
      lane.mix(view.getUint32(at + i * wordSize, true), view.getUint32(at + i * wordSize + 4, true))
    })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < whole; at += stride) take(view, at)
  take(new DataView(padded.buffer), 0)
  const [first, ...others] = lanes as [Lane, ...Lane[]]
  for (const { low, high } of others) first.mix(low, high)
  let hash = (BigInt(first.high) << 32n) | BigInt(first.low)
  hash = BigInt.asUintN(64, (hash ^ (hash >> 30n)) * 0x94d049bb133111ebn)
  return hash ^ (hash >> 31n)
}
