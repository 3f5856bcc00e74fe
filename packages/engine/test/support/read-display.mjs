// A worker that has nothing of an engine but the memory of its display, and reads it as fast as it can until told to stop.
import { parentPort, workerData } from 'node:worker_threads'

const { Display } = await import(workerData.module)
const display = new Display(workerData.buffer)
const stop = new Int32Array(workerData.stop)
const result = { reads: 0, torn: 0, frames: 0, clicks: 0 }
const [left, right] = [new Float32Array(1000), new Float32Array(1000)]
parentPort?.postMessage('begun')
while (Atomics.load(stop, 0) === 0) {
  const { beat, songFrame, playing, peak, rms } = display.read()
  result.reads++
  // At 120 BPM and 48 kHz a beat has 24000 frames; both channels are the same.
  if (Math.abs(beat * 24_000 - songFrame) > 1e-3 || peak[0] !== peak[1] || rms[0] !== rms[1] || rms[0] > peak[0])
    result.torn++
  if (!playing || result.reads % 8 !== 0) continue
  display.scope(left, right)
  result.frames += left.length
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) result.torn++
  for (let i = 2; i < left.length; i++)
    if (left[i] !== 0 && Math.abs(left[i] - workerData.recurrence * left[i - 1] + left[i - 2]) > 1e-4) result.clicks++
}
parentPort?.postMessage(result)
