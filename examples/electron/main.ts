// SPDX-License-Identifier: MIT
// The engine lives in the main process; the page asks for what it may do and is sent numbers.
import { fileURLToPath } from 'node:url'
import { createEngine } from '@arranger/engine'
import { app, BrowserWindow, ipcMain } from 'electron'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

await app.whenReady()
const engine = await createEngine()
const track = await engine.add('track_source')
const synth = await engine.add('builtin.synth', { gain: 0.5 })
await track.connect('events_out', synth, 'events_in')
await synth.connect('audio_out', engine.node('mixer', 'builtin.mixer'), 'audio_in_0')
const gain = engine.parameter(synth.id, 'gain', { rampMs: 20 })

// A page is not to be trusted with `send`: a command may name files.
ipcMain.handle('note', (_event, pitch: unknown, on: unknown) =>
  engine.send({ cmd: on === true ? 'note_on' : 'note_off', node_id: track.id, pitch: Number(pitch) }),
)
ipcMain.on('gain', (_event, value: unknown) => gain.set(Number(value)))

const window = new BrowserWindow({
  width: 480,
  height: 320,
  webPreferences: { preload: at('preload.cjs'), contextIsolation: true, sandbox: true, nodeIntegration: false },
})
await window.loadFile(at('../index.html'))
engine.on(
  'meters',
  ({ peak_dbfs }) => {
    if (!window.isDestroyed()) window.webContents.send('level', Math.max(...peak_dbfs.map((db) => db ?? -120)))
  },
  { intervalMs: 50 },
)

app.on('window-all-closed', async () => {
  await engine.close()
  app.quit()
})
