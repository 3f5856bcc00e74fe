// SPDX-License-Identifier: MIT
// All that the page can reach. A preload script of a sandboxed page is CommonJS.
import { contextBridge, ipcRenderer } from 'electron'

const bridge = {
  note: (pitch: number, on: boolean): Promise<unknown> => ipcRenderer.invoke('note', pitch, on),
  gain: (value: number): void => ipcRenderer.send('gain', value),
  onLevel: (listener: (db: number) => void): void => {
    ipcRenderer.on('level', (_event, db: number) => listener(db))
  },
}
export type Bridge = typeof bridge

contextBridge.exposeInMainWorld('arranger', bridge)
