// SPDX-License-Identifier: MIT
import type { Descriptor } from '@arranger/engine'

type Port = Descriptor['ports'][number]

/** A parameter and its value. */
export interface ParameterValue {
  port: Port
  value: number
}

/** The parameters that people set. */
export function parametersOf({ ports }: Descriptor): Port[] {
  return ports.filter(({ type, role, flags }) => type === 'control' && role === 'input' && !flags.includes('hidden'))
}

/** Key strokes from one end to the other, where nothing else says how far one goes. */
const strokes = 40

/** The value one key stroke further on, or back. */
export function nudged({ port, value }: ParameterValue, direction: 1 | -1): number {
  const { min, max, taper, step, hint } = port
  const within = (next: number) => Math.min(max, Math.max(min, next))
  if (hint === 'toggle' || port.choices.length > 0 || hint === 'integer') return within(Math.round(value) + direction)
  if (step > 0) return within(value + direction * step * Math.max(1, Math.round((max - min) / strokes / step)))
  if (taper === 'log' && min > 0) return within(value * (max / min) ** (direction / strokes))
  // Rounded, so that steps forth and back come to the same numbers.
  return within(Number((value + (direction * (max - min)) / strokes).toPrecision(9)))
}

/** `5.00 Hz`, `Square`, `on`. */
export function shown({ port, value }: ParameterValue): string {
  const { choices, min, hint, unit } = port
  const choice = choices[Math.round(value - min)]
  if (choice !== undefined) return choice
  if (hint === 'toggle') return value >= 0.5 ? 'on' : 'off'
  const size = Math.abs(value)
  const number = hint === 'integer' ? value.toFixed(0) : value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : 2)
  return unit === '' ? number : `${number} ${unit}`
}

/** How far along its way a value is, 0..1, as a knob would show it. */
export function travel({ port: { min, max, taper }, value }: ParameterValue): number {
  if (max <= min) return 0
  if (taper === 'log' && min > 0) return Math.log(value / min) / Math.log(max / min)
  return (value - min) / (max - min)
}
