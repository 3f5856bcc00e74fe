import { Command, CommanderError } from 'commander'
import { exitCodes, type Failure, failureOf } from './failure.ts'
import { output, paletteFor, say } from './terminal.ts'
import { version } from './version.ts'

interface Part {
  summary: string
  /** Adds arguments, options and the action. Loaded only when the command is meant: `--help` stays fast. */
  load(): Promise<{ configure(command: Command): void }>
}

const parts: Record<string, Part> = {
  render: {
    summary: 'render a MIDI file or a session to an audio file',
    load: () => import('./commands/render.ts'),
  },
  create: {
    summary: 'start a plugin of your own',
    load: () => import('@arranger/create-plugin'),
  },
  plugins: {
    summary: 'list plugins, show one, or check every library that is found',
    load: () => import('./commands/plugins.ts'),
  },
  types: {
    summary: 'write the TypeScript types of plugin libraries',
    load: () => import('./commands/types.ts'),
  },
  validate: {
    summary: 'check that a plugin library keeps what the ABI promises',
    load: () => import('./commands/validate.ts'),
  },
  pack: {
    summary: 'make the npm packages of a plugin, and check what goes into them',
    load: () => import('./commands/pack.ts'),
  },
  dev: {
    summary: 'build a plugin, play it, and hear every change of its source at once',
    load: () => import('./commands/dev.ts'),
  },
  describe: {
    summary: 'describe the commands that the engine understands',
    load: () => import('./commands/describe.ts'),
  },
  config: {
    summary: 'show and choose what the engine runs on, and other settings',
    load: () => import('./commands/config.ts'),
  },
  serve: {
    summary: 'run an engine that other programs reach over a socket',
    load: () => import('./commands/serve.ts'),
  },
  docs: {
    summary: 'show the documentation in a browser, from this machine',
    load: () => import('./commands/docs.ts'),
  },
  doctor: {
    summary: 'check what is installed and how to get what is missing',
    load: () => import('./commands/doctor.ts'),
  },
}

const exitCodeHelp = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 plugin invalid, 5 audio device, 6 build failed, 130 interrupted`

/** The program, with only the named command filled in. */
async function programFor(argv: readonly string[]): Promise<Command> {
  const program = new Command('arranger')
    .description('Render songs through plugins that load at run time.')
    .version(version, '-V, --version')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', exitCodeHelp)
  const operands = argv.filter((argument) => !argument.startsWith('-'))
  const named = operands[0] === 'help' ? operands[1] : operands[0]
  for (const [name, { summary, load }] of Object.entries(parts)) {
    const command = program.command(name).description(summary)
    if (name === named) (await load()).configure(command)
  }
  visit(program, (command) => {
    command
      .exitOverride()
      .showSuggestionAfterError()
      .configureOutput({ outputError: () => undefined })
  })
  return program
}

function visit(command: Command, act: (command: Command) => void): void {
  act(command)
  for (const child of command.commands) visit(child, act)
}

/** An error of the option parser as ours; nothing when help or version was asked for. */
function usageFailure(error: CommanderError, argv: readonly string[]): Failure | undefined {
  if (error.exitCode === 0) return undefined
  const exitCode = exitCodes.usage
  const named = argv.find((argument) => argument in parts)
  const hint = `see 'arranger ${named ? `${named} ` : ''}--help'`
  if (error.code === 'commander.help') {
    return { code: 'usage', message: 'Expected a command but received none', hint, exitCode }
  }
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (?:one of )?(.*)\?\)$/, '; nearest is $1')
  return { code: 'usage', message, hint, exitCode }
}

async function report(failure: Failure, json: boolean): Promise<void> {
  const { bad, dim } = paletteFor(process.stderr)
  const { code, message, path, offset, hint } = failure
  say(`${bad('✖')} ${message}${path ? ` at ${path}` : ''} ${dim(`(${code})`)}`)
  if (hint) say(dim(`  ${hint}`))
  if (json) await output(`${JSON.stringify({ status: 'error', code, message, path, offset, hint })}\n`)
}

/** Runs one command line and gives the exit code. Never rejects for what a user can do wrong. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    const program = await programFor(argv)
    await program.parseAsync(argv, { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : exitCodes.ok
  } catch (error) {
    const failure = error instanceof CommanderError ? usageFailure(error, argv) : failureOf(error)
    if (!failure) return exitCodes.ok
    if (failure.code === 'internal' && process.env.NODE_DEBUG?.includes('arranger')) console.error(error)
    await report(failure, argv.includes('--json'))
    return failure.exitCode
  }
}
