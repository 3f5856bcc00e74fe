// SPDX-License-Identifier: MIT
import type { Command } from 'commander'

interface Flags {
  json?: boolean
}

export function configure(command: Command): void {
  command
    .option('--json', 'print the back ends as JSON')
    .action(async (flags: Flags) => (await import('../config/backends.ts')).backends(flags.json === true))
  command
    .command('list')
    .description('list every setting')
    .option('--json', 'print them as JSON')
    .action(async (_: Flags, list: Command) => (await import('../config/settings.ts')).list(isJson(list)))
  command
    .command('get')
    .description('print one setting')
    .argument('<key>', 'such as audio_backend')
    .option('--json', 'print it as JSON')
    .action(async (key: string, _: Flags, get: Command) =>
      (await import('../config/settings.ts')).get(key, isJson(get)),
    )
  command
    .command('set')
    .description('change one setting')
    .argument('<key>', 'such as audio_backend')
    .argument(
      '<value>',
      "such as server; 'default' takes the setting out; of several paths, as in PATH, a list is made",
    )
    .action(async (key: string, value: string) => (await import('../config/settings.ts')).set(key, value))
}

/** The command above has the option, too, and takes it wherever it stands. */
const isJson = (command: Command) => command.optsWithGlobals<Flags>().json === true
