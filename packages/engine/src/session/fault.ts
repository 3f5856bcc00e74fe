import { EngineError } from '../error.ts'
import type { Mismatch, Shape } from './shape.ts'

/** Throws `invalid_song`. @param path JSON Pointer into the song data. */
export function refuse(path: string, message: string): never {
  throw new EngineError('invalid_song', message, { path })
}

/** Throws `invalid_song`, or the code given, unless the value has the shape. */
export function requireShape<T>(
  shape: Shape<T>,
  value: unknown,
  code: 'invalid_song' | 'invalid_session' = 'invalid_song',
): asserts value is T {
  const wrong: Mismatch | undefined = shape.check(value)
  if (wrong) throw new EngineError(code, wrong.message, { path: wrong.path })
}
