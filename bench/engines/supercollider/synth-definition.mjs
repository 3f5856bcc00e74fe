// @ts-check
// Synth definitions in scsynth's binary form (SCgf, version 2), as SuperCollider's "Synth Definition File Format" lays it out.

export const rate = { scalar: 0, control: 1, audio: 2 }

/** @typedef {{ unit: number, output: number }} Wire an output of a unit */
/** @typedef {Wire | number} Input */

export class SynthDefinition {
  /** @type {number[]} */
  #constants = []
  /** @type {{ name: string, rate: number, inputs: Input[], outputs: number, special: number }[]} */
  #units = []
  #controls

  /** @param {string} name @param {Record<string, number>} controls with their defaults */
  constructor(name, controls) {
    this.name = name
    this.#controls = Object.entries(controls)
    if (this.#controls.length > 0) this.add('Control', rate.control, [], this.#controls.length)
  }

  /** @param {string} name @returns {Wire} */
  control(name) {
    const output = this.#controls.findIndex(([one]) => one === name)
    if (output < 0) throw new Error(`${this.name} has no control ${name}`)
    return { unit: 0, output }
  }

  /** @param {string} name @param {number} atRate @param {Input[]} inputs @param {number} [outputs] @param {number} [special] @returns {Wire} its first output */
  add(name, atRate, inputs, outputs = 1, special = 0) {
    for (const input of inputs)
      if (typeof input === 'number' && !this.#constants.includes(input)) this.#constants.push(input)
    this.#units.push({ name, rate: atRate, inputs, outputs, special })
    return { unit: this.#units.length - 1, output: 0 }
  }

  /** @param {Input} a @param {Input} b */
  multiply(a, b, atRate = rate.audio) {
    return this.add('BinaryOpUGen', atRate, [a, b], 1, 2)
  }
  /** @param {Input} a @param {Input} b */
  sum(a, b, atRate = rate.audio) {
    return this.add('BinaryOpUGen', atRate, [a, b], 1, 0)
  }

  /** @returns {Buffer} */
  bytes() {
    const text = (/** @type {string} */ name) =>
      Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'latin1')])
    const int = (/** @type {number} */ value, size = 4) => {
      const out = Buffer.alloc(size)
      out.writeIntBE(value, 0, size)
      return out
    }
    const float = (/** @type {number} */ value) => {
      const out = Buffer.alloc(4)
      out.writeFloatBE(value)
      return out
    }
    const wire = (/** @type {Input} */ input) =>
      typeof input === 'number' ? [int(-1), int(this.#constants.indexOf(input))] : [int(input.unit), int(input.output)]
    const units = this.#units.flatMap(({ name, rate, inputs, outputs, special }) => [
      ...[text(name), int(rate, 1), int(inputs.length), int(outputs), int(special, 2)],
      ...inputs.flatMap(wire),
      Buffer.alloc(outputs, rate),
    ])
    const names = this.#controls.flatMap(([name], index) => [text(name), int(index)])
    return Buffer.concat([
      ...[Buffer.from('SCgf'), int(2), int(1, 2), text(this.name)],
      ...[int(this.#constants.length), ...this.#constants.map(float)],
      ...[int(this.#controls.length), ...this.#controls.map(([, value]) => float(value))],
      ...[int(this.#controls.length), ...names],
      ...[int(this.#units.length), ...units],
      int(0, 2),
    ])
  }
}
