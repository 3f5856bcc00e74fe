// The questions that a terminal is asked: only about what the command line left open.

import { checkFolder } from './create.ts'
import { CreateError } from './failure.ts'
import { type Kind, kinds, type Language, languages } from './templates.ts'

export interface Answers {
  folder: string
  kind: Kind
  language: Language
}

/** Why a folder cannot be taken, or nothing. */
function fault(folder: string | undefined): string | undefined {
  try {
    checkFolder(folder ?? '')
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** @throws CreateError `cancelled` by Ctrl-C. */
export async function ask(given: Partial<Answers>): Promise<Answers> {
  const { isCancel, select, text } = await import('@clack/prompts')
  const answered = <T>(value: T): Exclude<T, symbol> => {
    if (isCancel(value)) throw new CreateError('cancelled', 'Nothing was made')
    return value as Exclude<T, symbol>
  }
  const choose = async <T extends string>(message: string, from: Record<T, string>) =>
    answered(
      await select<string>({
        message,
        options: Object.entries<string>(from).map(([value, hint]) => ({ value, label: value, hint })),
      }),
    ) as T
  const folder =
    given.folder ?? answered(await text({ message: 'Name of the plugin', placeholder: 'my-gain', validate: fault }))
  const kind = given.kind ?? (await choose('What it is', kinds))
  const language = given.language ?? (await choose('Language', languages))
  return { folder, kind, language }
}
