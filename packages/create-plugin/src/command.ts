import { type Command, Option } from 'commander'
import { type Answers, ask } from './ask.ts'
import { type CreatedPlugin, checkFolder, createPlugin } from './create.ts'
import { CreateError } from './failure.ts'
import { kinds, languages } from './templates.ts'
import { type MissingTool, missingTools } from './tools.ts'

interface Flags {
  kind?: Answers['kind']
  lang?: Answers['language']
  yes?: boolean
  json?: boolean
}

/**
 * Adds arguments, options and the action: the same for create-plugin and for `arranger create`. npm keeps options that do not
 * stand behind `--` to itself and passes them on as variables.
 */
export function configure(command: Command): void {
  command
    .argument('[folder]', 'the folder to make; its last part is the name of the plugin')
    .addOption(new Option('--kind <kind>', 'what the plugin is').choices(Object.keys(kinds)).env('npm_config_kind'))
    .addOption(
      new Option('--lang <language>', 'what it is written in').choices(Object.keys(languages)).env('npm_config_lang'),
    )
    .option('-y, --yes', 'ask nothing: an effect in C++, unless the options say otherwise')
    .option('--json', 'print what was made as JSON, and ask nothing')
    .action(create)
}

const say = (line: string) => process.stderr.write(`${line}\n`)

async function create(folder: string | undefined, flags: Flags): Promise<void> {
  const { kind, lang: language, json = false, yes = process.env.npm_config_yes === 'true' } = flags
  if (folder !== undefined) checkFolder(folder)
  const given = { ...(folder !== undefined && { folder }), ...(kind && { kind }), ...(language && { language }) }
  const mayAsk = !yes && !json && process.stdin.isTTY === true && process.stderr.isTTY === true
  const request = mayAsk ? await ask(given) : given
  if (request.folder === undefined)
    throw new CreateError(
      'usage',
      'Expected the name of the plugin but received none',
      'npm create @arranger/plugin my-gain',
    )
  const missing = await missingTools(request.language ?? 'cpp')
  const made = createPlugin({ ...request, folder: request.folder })
  if (json) process.stdout.write(`${JSON.stringify({ status: 'ok', ...made, missing }, null, 2)}\n`)
  else tell(made, missing)
}

function tell({ name, kind, language, files, next }: CreatedPlugin, missing: MissingTool[]): void {
  say(`✔ ${name}: ${kind} in ${languages[language]}, ${files.length} files`)
  if (missing.length > 0) {
    say(`! To build it you need ${missing.map((tool) => tool.name).join(' and ')}, and this machine has none:`)
    for (const line of new Set(missing.map(({ install }) => install))) say(`    ${line}`)
  }
  say('')
  for (const line of next) say(`  ${line}`)
}
