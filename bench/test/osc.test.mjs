// @ts-check
// The two binary forms that SuperCollider reads, byte for byte.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bundle, message } from '../engines/supercollider/osc.mjs'
import { rate, SynthDefinition } from '../engines/supercollider/synth-definition.mjs'

test('an OSC message is padded to units of four bytes', () => {
  const bytes = message('/n_set', { int: 1 }, 'amp', 0.5)
  assert.equal(bytes.toString('hex'), `${Buffer.from('/n_set\0\0,isf\0\0\0\0\0\0\0\x01amp\0').toString('hex')}3f000000`)
  assert.equal(message('/abc').toString('latin1'), '/abc\0\0\0\0,\0\0\0')
})

test('a bundle has its size and its time', () => {
  const bytes = bundle(1.5, [message('/abc')])
  assert.equal(bytes.readInt32BE(0), bytes.length - 4)
  assert.equal(bytes.toString('latin1', 4, 12), '#bundle\0')
  assert.deepEqual([bytes.readUInt32BE(12), bytes.readUInt32BE(16)], [1, 0x80000000])
  assert.equal(bytes.readInt32BE(20), 12)
})

test('a synth definition lists constants, controls and units', () => {
  const definition = new SynthDefinition('ab', { amp: 0.5 })
  const tone = definition.add('SinOsc', rate.audio, [440, 0])
  definition.add('Out', rate.audio, [0, definition.multiply(tone, definition.control('amp'))], 0)
  const bytes = definition.bytes()
  assert.equal(bytes.subarray(0, 13).toString('hex'), `${Buffer.from('SCgf').toString('hex')}000000020001026162`)
  assert.equal(bytes.readInt32BE(13), 2) // constants: 440 and 0
  assert.equal(bytes.readFloatBE(17), 440)
  assert.equal(bytes.readInt32BE(25), 1) // controls
  assert.throws(() => definition.control('gate'), /no control gate/)
})
