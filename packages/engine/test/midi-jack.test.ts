// MIDI ports of the system: over a JACK server where there is one, and none of them where there is nothing.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { needs, ownEngine } from './support/engine.ts'
import { hasJack } from './support/jack.ts'

const index = fileURLToPath(new URL('../dist/index.js', import.meta.url))
const run = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000, env: { ...ownEngine(), ...env } })

describe('MIDI ports of the system', () => {
  it.runIf(hasJack())(
    'carry every message in order, and come back after their server was killed',
    needs('midi'),
    () => {
      const script = fileURLToPath(new URL('support/midi-over-jack.mjs', import.meta.url))
      const { status, signal, stdout, stderr } = run([script, index, 'arranger_midi'])
      expect({ status, signal }, stderr).toEqual({ status: 0, signal: null })
      const { sent, played, mapping, refused, lost } = JSON.parse(stdout)
      const expected = sent.map(([status, pitch, velocity]: [number, number, number]) => ({
        type: status >= 0x90 ? 'note_on' : 'note_off',
        node_id: 'track',
        channel: 3,
        pitch,
        velocity,
      }))
      expect(played).toMatchObject(expected)
      expect(played).toHaveLength(400)
      expect(mapping).toMatchObject({ channel: 3, controller: 75, nodeId: 'mixer', paramId: 'gain_0' })
      expect({ refused, lost }).toEqual({ refused: 'device_unavailable', lost: 0 })
    },
  )

  it.runIf(process.platform === 'linux')('are none, in silence, where no server runs', () => {
    const code = `const { createEngine } = await import(${JSON.stringify(index)})
      const engine = await createEngine({ outputDevice: 'none' })
      const { inputs } = await engine.midi.list()
      const codes = []
      for (const open of [() => engine.midi.openInput('keyboard'), () => engine.midi.openOutput('x', { virtual: true })])
        await open().catch(({ code }) => codes.push(code))
      console.log(JSON.stringify({ inputs, codes }))
      await engine.close()`
    // Also where the machine has a sound card: none of its services is found under these names.
    const nowhere = { JACK_DEFAULT_SERVER: 'arranger_no_such_server', ALSA_CONFIG_PATH: '/dev/null' }
    const { stdout, stderr } = run(['--input-type=module', '-e', code], nowhere)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({ inputs: ['loopback'], codes: ['device_unavailable', 'device_unavailable'] })
  })
})
