// SPDX-License-Identifier: MIT
import type { Bridge } from './preload.cts'

const { arranger } = window as unknown as { arranger: Bridge }
const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E

const key = find<HTMLButtonElement>('key')
key.addEventListener('pointerdown', () => arranger.note(60, true))
for (const end of ['pointerup', 'pointerleave'] as const) key.addEventListener(end, () => arranger.note(60, false))
find<HTMLInputElement>('gain').addEventListener('input', ({ target }) =>
  arranger.gain((target as HTMLInputElement).valueAsNumber),
)
arranger.onLevel((db) => {
  find<HTMLMeterElement>('level').value = db
})
