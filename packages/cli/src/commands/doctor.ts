import type { Command } from 'commander'
import { type Check, checkAll } from '../doctor/checks.ts'
import { exitCodes } from '../failure.ts'
import { output, type Palette, paletteFor } from '../terminal.ts'
import { version } from '../version.ts'

export function configure(command: Command): void {
  command.option('--json', 'print the findings as JSON').action(({ json }: { json?: boolean }) => doctor(json === true))
}

const marks = { ok: '✔', warning: '!', missing: '✖' } as const

function lines(checks: readonly Check[], palette: Palette): string[] {
  const paint = { ok: palette.good, warning: palette.warn, missing: palette.bad }
  const width = Math.max(...checks.map(({ name }) => name.length)) + 2
  return checks.flatMap(({ name, state, found, details = [], fix }) => {
    const rest = [
      ...details.map((line) => palette.dim(line)),
      ...(fix && state !== 'ok' ? [`fix: ${palette.bold(fix)}`] : []),
    ]
    return [
      `${paint[state](marks[state])} ${name.padEnd(width)}${found}`,
      ...rest.map((line) => `  ${' '.repeat(width)}${line}`),
    ]
  })
}

async function doctor(json: boolean): Promise<void> {
  const checks = await checkAll()
  const missing = checks.filter(({ state }) => state === 'missing')
  if (json) {
    const status = missing.length === 0 ? 'ok' : 'error'
    await output(`${JSON.stringify({ status, version, checks }, null, 2)}\n`)
  } else {
    const palette = paletteFor(process.stdout)
    const verdict =
      missing.length === 0
        ? palette.good('Everything that is needed is there.')
        : palette.bad(`Missing: ${missing.map(({ name }) => name).join(', ')}.`)
    await output(`${[...lines(checks, palette), '', verdict].join('\n')}\n`)
  }
  if (missing.length > 0) process.exitCode = exitCodes.failure
}
