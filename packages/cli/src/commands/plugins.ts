import type { Command } from 'commander'

interface Flags {
  plugin?: string[]
  json?: boolean
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

const given: [string, string, typeof collect] = [
  '--plugin <library>',
  'look at this plugin library, too; may be given several times',
  collect,
]

export function configure(command: Command): void {
  command
    .command('list', { isDefault: true })
    .description('list every plugin with its library; opens none but those that are given')
    .option(...given)
    .option('--json', 'print all descriptors as JSON')
    .action(async (flags: Flags) => (await import('../plugins/list.ts')).list(flags))
  command
    .command('info')
    .description('show the ports and parameters of a plugin')
    .argument('<id>', 'such as builtin.reverb')
    .option(...given)
    .option('--json', 'print the descriptor as JSON')
    .action(async (id: string, flags: Flags) => (await import('../plugins/info.ts')).info(id, flags))
  command
    .command('doctor')
    .description('open every plugin library that is found: where was looked, and why one cannot be used')
    .option(...given)
    .option('--json', 'print the findings as JSON')
    .action(async (flags: Flags) => (await import('../plugins/doctor.ts')).doctor(flags))
}
