// SPDX-License-Identifier: MIT
import type { NumberArray } from './arrays.ts'
import { EngineError } from './error.ts'
import type { SetScheduleRequest } from './generated/protocol.ts'

/**
 * Events of a schedule in columns: of each field one value for all, or an array with one for each event. Arrays of numbers may
 * be typed arrays, which an engine in this process reads without a copy: a million events in a fraction of a second.
 */
export type ScheduleColumns = NonNullable<SetScheduleRequest['columns']>[number]

/** What a curve moves, and when. */
export interface CurvePlace {
  /** The node. */
  node: string
  /** One of its parameters. */
  param: string
  /** The beat of the first value. Default 0. */
  beat?: number
  /** How many beats it is from the first value to the last. */
  beats: number
}

/** Beats that are no frame long: no ramp at all would be smoothed, and the curve would begin late. */
const jump = 1e-9

/**
 * A parameter that goes through values in even steps, in a straight line from each to the next, as columns of a schedule:
 * `engine.send({ cmd: 'set_schedule', columns: [curveColumns(values, { node, param, beats: 16 })] })`.
 * @throws EngineError `out_of_range` for no values, or beats that are not above 0.
 */
export function curveColumns(values: NumberArray | readonly number[], place: CurvePlace): ScheduleColumns {
  const { node, param, beat = 0, beats } = place
  if (values.length === 0) throw new EngineError('out_of_range', 'Expected at least one value but received none')
  if (!(beats > 0)) throw new EngineError('out_of_range', `Expected beats above 0 but received ${beats}`)
  const step = values.length > 1 ? beats / (values.length - 1) : 0
  const begins = new Float64Array(values.length)
  const ramps = new Float64Array(values.length).fill(step)
  ramps[0] = jump
  for (let i = 1; i < begins.length; i++) begins[i] = beat + (i - 1) * step
  begins[0] = beat
  const value = Array.isArray(values) ? Float64Array.from(values) : (values as NumberArray)
  return { type: 'param', node_id: node, param_id: param, beat: begins, value, ramp_beats: ramps }
}
