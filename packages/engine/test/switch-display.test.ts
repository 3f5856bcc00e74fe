// SPDX-License-Identifier: MIT
// A display goes along when an engine leaves a module, however late the module hears of it.
import { expect, it, onTestFinished, vi } from 'vitest'
import { createEngine } from '../src/index.ts'
import { WasmConnection } from '../src/wasm/connection.ts'
import { PortConnection } from '../src/wasm/port-connection.ts'
import { notes } from './support/sessions.ts'
import { hasModule } from './support/wasm.ts'

const patience = { timeout: 20_000 }
const aLot = JSON.stringify({
  cmd: 'set_graph',
  nodes: Array.from({ length: 1000 }, (_, i) => ({ id: `${i}`, type: 'builtin.sine' })),
  connections: [],
})

it.skipIf(!hasModule)('is written by the next back end alone', async () => {
  const engine = await createEngine({ backend: 'wasm', outputDevice: 'none', settings: false })
  onTestFinished(() => engine.close())
  await engine.load({ graph: { nodes: [{ id: 'mixer', type: 'mixer' }], connections: [] }, events: notes([]) })
  const display = await engine.display()
  await engine.seek(100)
  await engine.play()
  await vi.waitFor(() => expect(display.read().beat).toBeGreaterThan(100), patience)
  // What the module is to let go of waits behind other work.
  let heard: Promise<unknown> | undefined
  const share = PortConnection.prototype.share
  const slow = vi.spyOn(WasmConnection.prototype, 'share').mockImplementation(function (this: PortConnection, memory) {
    void this.request(aLot)
    share.call(this, memory)
    heard = this.request('{"cmd":"ping"}')
  })
  onTestFinished(() => slow.mockRestore())
  await engine.switchBackend('binding')
  expect(slow).toHaveBeenCalledWith(null)
  await heard
  expect(display.attached).toBe(true)
  await engine.stop()
  await engine.seek(7)
  await vi.waitFor(() => expect(display.read()).toMatchObject({ beat: 7, playing: false }), patience)
})
