// SPDX-License-Identifier: MIT

/** Numbers in one piece of memory, which an engine of the same process reads where they are. */
export type NumberArray = Float64Array | Float32Array | Int32Array | Uint8Array

function isArray(value: unknown): value is NumberArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

/** Whether a command has such arrays in it, at any depth. */
export function holdsArrays(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (isArray(value)) return true
  for (const key in value) if (holdsArrays((value as Record<string, unknown>)[key])) return true
  return false
}

/** The command as JSON text in which each array is named by its number, and the arrays. */
export function besideArrays(command: object): { json: string; arrays: NumberArray[] } {
  const arrays: NumberArray[] = []
  const json = JSON.stringify(command, (_, value: unknown) =>
    isArray(value) ? { attachment: arrays.push(value) - 1 } : value,
  )
  return { json, arrays }
}

/** The command as JSON text with the numbers written out, for an engine that shares no memory with this process. */
export function withinText(command: object): string {
  return JSON.stringify(command, (_, value: unknown) => (isArray(value) ? Array.from(value) : value))
}
