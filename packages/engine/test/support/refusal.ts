// What is said to song data that makes no song.
import { EngineError, type SongData, songSchedule } from '../../src/index.ts'

/** Throws when the song is not refused. */
export function refusal(data: unknown): { code: string; path: string | undefined; message: string } {
  let events: unknown
  try {
    events = songSchedule(data as SongData)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const { code, path, message } = error
    return { code, path, message }
  }
  throw new Error(`the song was taken: ${JSON.stringify(events)}`)
}
