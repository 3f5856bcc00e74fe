import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { CliError, exitCodes } from '../failure.ts'
import { output, paletteFor } from '../terminal.ts'
import type { Finding } from '../validate/findings.ts'

interface Flags {
  only?: string[]
  plugin?: string[]
  config?: string[]
  timeout?: string
  jobs?: string
  thorough?: boolean
  list?: boolean
  json?: boolean
  junit?: string
}

export function configure(command: Command): void {
  command
    .argument('[libraries...]', 'plugin libraries; without one, those that the package.json here names')
    .option('--only <check>', 'run only this check; may be given several times', collect)
    .option('--plugin <id>', 'check only this plugin of the library; may be given several times', collect)
    .option(
      '--config <key=value>',
      'give plugins this config value, such as a file; may be given several times',
      collect,
    )
    .option('--timeout <seconds>', 'limit of each check (default 10)')
    .option('--jobs <number>', 'checks at a time (default: as many as processors)')
    .option('--thorough', 'repeat more often')
    .option('--list', 'show all checks')
    .option('--json', 'print the findings as JSON')
    .option('--junit <file>', 'also write them as a JUnit report')
    .addHelpText('after', '\nEach check runs in a process of its own. The exit code is 4 when one fails.')
    .action((libraries: string[], flags: Flags) => (flags.list ? list(flags) : validate(libraries, flags)))
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

async function list({ json }: Flags): Promise<void> {
  const { listChecks } = await import('../validate/findings.ts')
  const checks = await listChecks()
  if (json) return output(`${JSON.stringify({ status: 'ok', checks }, null, 2)}\n`)
  const { table } = await import('../text.ts')
  await output(`${table(checks.map(({ check, what }) => [check, what]))}\n`)
}

/** The options as arranger-validate takes them. */
function toolArguments({ only = [], plugin = [], config = [], timeout, jobs, thorough }: Flags): string[] {
  const pairs = (option: string, values: readonly string[]) => values.flatMap((value) => [option, value])
  return [
    ...pairs('--only', only),
    ...pairs('--plugin', plugin),
    ...pairs('--config', config),
    ...(timeout === undefined ? [] : ['--timeout', timeout]),
    ...(jobs === undefined ? [] : ['--jobs', jobs]),
    ...(thorough ? ['--thorough'] : []),
  ]
}

/** What is to be checked: what is named, else what is built here for this machine. */
async function targets(named: string[]): Promise<string[]> {
  if (named.length > 0) return named
  if (!existsSync('package.json')) throw new CliError('usage', 'Expected a plugin library but received none')
  const { readProject } = await import('../pack/project.ts')
  const { buildsOf, isThisPlatform } = await import('../pack/platforms.ts')
  const project = readProject('.')
  const build = buildsOf(project).find(isThisPlatform)
  if (build) return build.libraries.map(({ path }) => path)
  throw new CliError('not_found', `${project.name} has not been built for this machine`, 'npm run build')
}

async function validate(named: string[], flags: Flags): Promise<void> {
  const { findingsOf } = await import('../validate/findings.ts')
  const { linesOf, sumLine } = await import('../validate/report.ts')
  const libraries = await targets(named)
  const missing = libraries.find((library) => !existsSync(library))
  if (missing) throw new CliError('not_found', `There is no plugin library ${missing}`)
  const palette = paletteFor(process.stdout)
  const findings: Finding[] = []
  for (const library of libraries) {
    for await (const finding of findingsOf([...toolArguments(flags), library])) {
      if (!flags.json) await output(`${linesOf(finding, findings.at(-1), palette).join('\n')}\n`)
      findings.push(finding)
    }
  }
  if (flags.junit !== undefined) {
    const { junit } = await import('../validate/junit.ts')
    await writeFile(flags.junit, junit(findings))
  }
  const isValid = findings.every(({ verdict }) => verdict !== 'failed')
  const status = isValid ? 'ok' : 'error'
  await output(flags.json ? `${JSON.stringify({ status, findings }, null, 2)}\n` : `\n${sumLine(findings, palette)}\n`)
  if (!isValid) process.exitCode = exitCodes.pluginInvalid
}
