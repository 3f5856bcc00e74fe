// SPDX-License-Identifier: MIT
import { type Command, InvalidArgumentError } from 'commander'
import { keyHelp } from '../dev/keys.ts'

export interface DevFlags {
  device?: string
  blockSize?: number
  plugin?: string
  target?: string
  inProcess?: boolean
  json?: boolean
}

function frames(value: string): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= 16 && number <= 16384) return number
  throw new InvalidArgumentError(`expected a whole number of 16..16384 frames but received ${value}`)
}

export function configure(command: Command): void {
  command
    .argument('[place]', 'a folder with a CMakeLists.txt, or a source file', '.')
    .option('--device <name>', "the device to play on; 'none' is a clock without sound")
    .option('--block-size <frames>', 'frames of a block; a longer one leaves a busy machine more time', frames)
    .option('--plugin <id>', 'which plugin, of a library with several')
    .option('--target <name>', 'which library, of a CMake project with several')
    .option('--in-process', 'run the plugin in this process, where a crash takes the session down')
    .option('--json', 'print a JSON line for each event in place of the screen')
    .addHelpText('after', `\nKeys: ${keyHelp}`)
    .action(async (place: string, flags: DevFlags) => (await import('../dev/dev.ts')).dev(place, flags))
}
