// The engine's own hash of a file (content_hash in core/base/file.cpp), so that a descriptor file can be compared with
// its library where no engine is loaded. Words of 64 bits are two of 32: BigInt would be fifty times slower.

const mixLow = 0x1ce4e5b9
const mixHigh = 0xbf58476d
const mix = 0xbf58476d1ce4e5b9n
const low32 = 0xffffffffn

/** The upper 32 bits of the product of two numbers of 32 bits. */
function upperProduct(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16]
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = (aLow * bHigh + (middle & 0xffff)) >>> 16
  return aHigh * bHigh + (middle >>> 16) + carry
}

/** The hash of a file's bytes, 64 bits. */
export function contentHash(bytes: Uint8Array): bigint {
  const padded = new Uint8Array(8)
  padded.set(bytes.subarray(bytes.length - (bytes.length % 8)))
  const whole = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const rest = new DataView(padded.buffer)
  const start = 0x9e3779b97f4a7c15n ^ BigInt.asUintN(64, BigInt(bytes.length) * mix)
  let low = Number(start & low32)
  let high = Number(start >> 32n)
  for (let at = 0; at <= bytes.length; at += 8) {
    const [view, offset] = at + 8 <= bytes.length ? [whole, at] : [rest, 0]
    low = (low ^ view.getUint32(offset, true)) >>> 0
    high = (high ^ view.getUint32(offset + 4, true)) >>> 0
    const product = (upperProduct(low, mixLow) + Math.imul(low, mixHigh) + Math.imul(high, mixLow)) >>> 0
    low = Math.imul(low, mixLow)
    low = (low ^ ((product << 3) | (low >>> 29))) >>> 0
    high = (product ^ (product >>> 29)) >>> 0
  }
  let hash = (BigInt(high) << 32n) | BigInt(low)
  hash = BigInt.asUintN(64, (hash ^ (hash >> 30n)) * 0x94d049bb133111ebn)
  return hash ^ (hash >> 31n)
}
