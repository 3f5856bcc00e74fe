// SPDX-License-Identifier: MIT
// A WebAssembly module with the exports of the engine's that does nothing well, and ends itself at the first request.

const types = { i32: 0x7f }
const section = (id: number, bytes: number[]) => [id, ...length(bytes.length), ...bytes]
const list = (items: number[][]) => [...length(items.length), ...items.flat()]
const text = (word: string) => [...length(word.length), ...Buffer.from(word)]

/** Unsigned LEB128. */
function length(number: number): number[] {
  return number < 128 ? [number] : [(number & 127) | 128, ...length(number >> 7)]
}

const returnZero = [0x41, 0, 0x0b]
const returnEight = [0x41, 8, 0x0b]
const returnNothing = [0x0b]
const trap = [0x00, 0x0b]

/** Each export: its parameters, its results, its code. */
const functions: [string, number, number, number[]][] = [
  ['_initialize', 0, 0, returnNothing],
  ['arranger_allocate', 1, 1, returnEight],
  ['arranger_free', 1, 0, returnNothing],
  ['arranger_create', 5, 1, returnZero],
  ['arranger_handle', 3, 0, trap],
  ['arranger_run_job', 0, 1, returnZero],
  ['arranger_take_reply', 0, 1, returnZero],
  ['arranger_take_event', 0, 1, returnZero],
  ['arranger_look', 0, 0, returnNothing],
  ['arranger_process', 2, 1, returnZero],
  ['arranger_sample_rate', 0, 1, returnZero],
  ['arranger_block_size', 0, 1, returnZero],
  ['arranger_share', 1, 1, returnZero],
]

export function faultyModule(): Buffer {
  const signature = ([, parameters, results]: (typeof functions)[0]) => [
    0x60,
    ...list(Array.from({ length: parameters }, () => [types.i32])),
    ...list(Array.from({ length: results }, () => [types.i32])),
  ]
  const exported = functions.map(([name], i) => [...text(name), 0, i])
  const code = functions.map(([, , , body]) => [...length(body.length + 1), 0, ...body])
  return Buffer.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(functions.map(signature))),
    ...section(3, list(functions.map((_, i) => [i]))),
    ...section(5, list([[0, 1]])),
    ...section(7, list([...exported, [...text('memory'), 2, 0]])),
    ...section(10, list(code)),
  ])
}
