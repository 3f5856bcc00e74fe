// SPDX-License-Identifier: MIT

/** Interleaved float32 in base64, as a reply carries them, into one array a channel. */
export function deinterleaved(base64: string, channels: number): Float32Array[] {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  const samples = new Float32Array(bytes.buffer)
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: samples.length / channels }, (_, frame) => samples[frame * channels + channel] ?? 0),
  )
}
