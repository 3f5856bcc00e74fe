// @ts-check
// Open Sound Control 1.0, as much of it as a score for scsynth needs. Big endian, everything in units of four bytes.

/** @typedef {string | number | { int: number } | Uint8Array} Argument a number is a float */

/** @param {string} text @returns {Buffer} with a zero and up to a whole unit */
const string = (text) => Buffer.alloc(4 * Math.floor(text.length / 4 + 1)).fill(text, 0, text.length, 'latin1')

/** @param {(four: Buffer) => void} write */
function word(write) {
  const four = Buffer.alloc(4)
  write(four)
  return four
}

/** @param {Argument} argument @returns {[string, Buffer]} its type and its bytes */
function encode(argument) {
  if (typeof argument === 'string') return ['s', string(argument)]
  if (typeof argument === 'number') return ['f', word((four) => four.writeFloatBE(argument))]
  if ('int' in argument) return ['i', word((four) => four.writeInt32BE(argument.int))]
  const size = word((four) => four.writeInt32BE(argument.length))
  return ['b', Buffer.concat([size, argument, Buffer.alloc((4 - (argument.length % 4)) % 4)])]
}

/** @param {string} address @param {...Argument} values @returns {Buffer} */
export function message(address, ...values) {
  const encoded = values.map(encode)
  const types = `,${encoded.map(([type]) => type).join('')}`
  return Buffer.concat([string(address), string(types), ...encoded.map(([, bytes]) => bytes)])
}

/** One entry of a score: its size, then the bundle. @param {number} seconds from the beginning @param {Uint8Array[]} messages */
export function bundle(seconds, messages) {
  const head = Buffer.alloc(20)
  head.write('#bundle\0', 4, 'latin1')
  head.writeUInt32BE(Math.floor(seconds), 12)
  head.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 16)
  const parts = messages.flatMap((one) => {
    const size = Buffer.alloc(4)
    size.writeInt32BE(one.length)
    return [size, one]
  })
  const whole = Buffer.concat([head, ...parts])
  whole.writeInt32BE(whole.length - 4)
  return whole
}
