// SPDX-License-Identifier: MIT
import { emitKeypressEvents, type Key } from 'node:readline'
import type { DevSession } from './session.ts'

/** White keys from middle C. */
const pitches = [60, 62, 64, 65, 67, 69, 71, 72, 74]

export const keyHelp = 'space play/stop  1-9 notes  ↑↓ choose  ←→ change  a/b generations  r reset  q quit'

/** What a key does; nothing of one that means nothing. */
function actionOf(session: DevSession, { name = '', sequence = '' }: Key): Promise<void> | undefined {
  if (/^[1-9]$/.test(sequence)) return session.act((player) => player.note(pitches[Number(sequence) - 1] ?? 60))
  switch (name) {
    case 'space':
      return session.act((player) => player.setPlaying(!player.playing))
    case 'a':
    case 'b':
      return session.switchTo(name)
    case 'r':
      return session.act((player) => player.reset())
    case 'up':
      return session.select(-1)
    case 'down':
      return session.select(1)
    case 'left':
      return session.nudge(-1)
    case 'right':
      return session.nudge(1)
    default:
      return undefined
  }
}

/**
 * Lets keys move a session. Where the input is no terminal its characters are keys, and its end is no end of the session.
 * @param failed Called with what no key should have done.
 * @returns Gives the terminal back.
 */
export function listenToKeys(session: DevSession, quit: () => void, failed: (error: unknown) => void): Disposable {
  const { stdin } = process
  const press = (_: string | undefined, key: Key) => {
    if (key.name === 'q' || (key.ctrl && key.name === 'c')) quit()
    else actionOf(session, key)?.catch(failed)
  }
  emitKeypressEvents(stdin)
  if (stdin.isTTY) stdin.setRawMode(true)
  stdin.on('keypress', press).resume()
  return {
    [Symbol.dispose]: () => {
      stdin.off('keypress', press).pause()
      if (stdin.isTTY) stdin.setRawMode(false)
    },
  }
}
