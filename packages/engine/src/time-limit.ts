// SPDX-License-Identifier: MIT

/** A task's outcome, or something else after so many ms. No timer is left behind. */
export async function orAfter<T, U>(ms: number, task: Promise<T>, otherwise: U): Promise<T | U> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<U>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms)
  })
  return Promise.race([task, late]).finally(() => clearTimeout(timer))
}
