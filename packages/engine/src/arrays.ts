// SPDX-License-Identifier: MIT
import { EngineError } from './error.ts'

/** Numbers in one piece of memory, which an engine of the same process reads where they are. */
export type NumberArray = Float64Array | Float32Array | Int32Array | Uint8Array

type View = ArrayBufferView & { readonly [Symbol.toStringTag]: string }
type Numbers = NumberArray | Int8Array | Uint8ClampedArray | Int16Array | Uint16Array | Uint32Array
type Holder = Record<string, unknown>

/** By name: they are also those of another realm, and Node.js 20 does not have all of them. A Buffer has that of its kind. */
const read = new Set(['Float64Array', 'Float32Array', 'Int32Array', 'Uint8Array'])
const converted = new Set([
  'Int8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Uint32Array',
  'Float16Array',
])

/** No command is deeper; one that holds itself is, and is left to JSON.stringify, which refuses it. */
const mostDepth = 32

/** Whether a command has typed arrays or other views of memory in it, or may have. */
export function holdsArrays(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (ArrayBuffer.isView(value) || depth > mostDepth) return true
  if (!Array.isArray(value)) return Object.values(value).some((inner) => holdsArrays(inner, depth + 1))
  // Arrays are of one kind: one of a million numbers is not looked through.
  if (typeof value[0] !== 'object' || value[0] === null) return false
  for (let i = 0; i < value.length; i++) if (holdsArrays(value[i], depth + 1)) return true
  return false
}

/** JSON Pointer to where a command first has this in it. */
function pathTo(wanted: object, value: unknown, path = '', seen = new Set<unknown>()): string | undefined {
  if (value === wanted) return path
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return undefined
  seen.add(value)
  for (const [key, inner] of Object.entries(value)) {
    const found = pathTo(wanted, inner, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, seen)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether the memory was transferred or cut off, which only the methods of an array tell in Node.js 20. */
function isGone(array: Numbers): boolean {
  try {
    array.at(0)
    return false
  } catch {
    return true
  }
}

/** The array in one of the types that an engine reads. @throws EngineError `type_mismatch` */
function numbersOf(view: View, command: object): NumberArray {
  const kind = view[Symbol.toStringTag]
  const refusal = (received: string) =>
    new EngineError('type_mismatch', `Expected an array of numbers but received ${received}`, {
      path: pathTo(view, command),
    })
  if (!read.has(kind) && !converted.has(kind)) throw refusal(`a ${kind}`)
  if (isGone(view as Numbers)) throw refusal(`a ${kind} whose memory is gone`)
  return read.has(kind) ? (view as NumberArray) : Float64Array.from(view as Numbers)
}

/** A command as JSON text with something else for each of its arrays. @throws EngineError `type_mismatch` */
function textWith(command: object, instead: (array: NumberArray) => unknown): string {
  return JSON.stringify(command, function (this: Holder, key, value: unknown) {
    // A Buffer comes here as what its toJSON gives.
    const own = ArrayBuffer.isView(this[key]) ? this[key] : value
    return ArrayBuffer.isView(own) ? instead(numbersOf(own as View, command)) : own
  })
}

/**
 * The command as JSON text in which each array is named by its number, and the arrays.
 * @throws EngineError `type_mismatch` for what is no array of numbers
 */
export function besideArrays(command: object): { json: string; arrays: NumberArray[] } {
  const arrays: NumberArray[] = []
  const json = textWith(command, (array) => ({ attachment: arrays.push(array) - 1 }))
  return { json, arrays }
}

/**
 * The command as JSON text with the numbers written out, for an engine that shares no memory with this process.
 * @throws EngineError as {@link besideArrays} does.
 */
export function withinText(command: object): string {
  return textWith(command, (array) => Array.from(array))
}

/**
 * A copy of the command and its arrays, for one that is sent later.
 * @throws EngineError as {@link besideArrays} does.
 */
export function copyOf(command: object): object {
  const { json, arrays } = besideArrays(command)
  // Not the slice of its own: that of a Buffer copies nothing.
  const copies = arrays.map((array) => Uint8Array.prototype.slice.call(array))
  return JSON.parse(json, (_, value: { attachment?: unknown } | null) => {
    const number = value?.attachment
    return (typeof number === 'number' ? copies[number] : undefined) ?? value
  })
}
