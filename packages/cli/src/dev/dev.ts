// SPDX-License-Identifier: MIT
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createEngine, type Engine } from '@arranger/engine'
import type { DevFlags } from '../commands/dev.ts'
import { CliError, exitCodes } from '../failure.ts'
import { CMakeBuilder } from './build-cmake.ts'
import { FileBuilder, isSource } from './build-file.ts'
import type { Builder } from './builder.ts'
import type { DevEvent } from './events.ts'
import { Generations } from './generations.ts'
import { listenToKeys } from './keys.ts'
import { Observer } from './observer.ts'
import { Player } from './player.ts'
import { Screen } from './screen.ts'
import { DevSession } from './session.ts'
import { Watcher } from './watcher.ts'

/** Twice the usual: an isolated node has half a block's time, also while the compiler works. */
const blockSize = 1024

/** Who builds what is at a place. @throws CliError `not_found`, `usage` */
function builderFor(place: string, scratch: string, target: string | undefined): Builder {
  const path = resolve(place)
  if (!existsSync(path)) throw new CliError('not_found', `There is no ${place}`)
  if (statSync(path).isDirectory()) {
    if (existsSync(join(path, 'CMakeLists.txt'))) return new CMakeBuilder(path, target)
    throw new CliError(
      'usage',
      `Expected a CMakeLists.txt in ${place}, or a source file`,
      "'arranger create' makes a plugin to begin with",
    )
  }
  if (!isSource(path)) throw new CliError('usage', `Expected a folder, a .c or a .cpp file but received ${place}`)
  return new FileBuilder(path, scratch)
}

/** Where events go: a screen on a terminal, else a line each. */
function teller(json: boolean, name: string, player: () => Player | undefined) {
  if (json) {
    const print = (event: DevEvent) => process.stdout.write(`${JSON.stringify(event)}\n`)
    return { tell: print as (event: DevEvent) => void, close: () => undefined }
  }
  const screen = new Screen(name, () => player()?.parameters ?? [])
  return { tell: (event: DevEvent) => screen.take(event), close: () => screen.close() }
}

/** Builds a plugin, plays it, and goes over to what is built of it after every change, until it is told to quit. */
export async function dev(place: string, flags: DevFlags): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'arranger-dev-'))
  try {
    const builder = builderFor(place, scratch, flags.target)
    const outputDevice =
      flags.device === undefined ? {} : { outputDevice: flags.device === 'none' ? null : flags.device }
    const engine = await createEngine({ backend: 'binding', blockSize: flags.blockSize ?? blockSize, ...outputDevice })
    try {
      await run(engine, builder, scratch, flags)
    } finally {
      await engine.close()
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function run(engine: Engine, builder: Builder, scratch: string, flags: DevFlags): Promise<void> {
  const isolated = flags.inProcess !== true
  const quit = new AbortController()
  const { signal } = quit
  let player: Player | undefined
  const { tell, close } = teller(flags.json === true || !process.stdout.isTTY, builder.name, () => player)
  const generations = new Generations(scratch, builder.name)
  player = new Player(engine, await engine.display({ scopeFrames: 0 }), { isolated, plugin: flags.plugin }, tell)
  const observer = new Observer(engine, player, generations, tell)
  const ended = new Promise<void>((done, failed) => {
    signal.addEventListener('abort', () =>
      signal.reason instanceof Error && signal.reason !== over ? failed(signal.reason) : done(),
    )
  })
  const fail = (error: unknown) => quit.abort(error)
  await using watcher = new Watcher((file, seenAt) => void session.changed(file, seenAt).catch(fail))
  const session = new DevSession({ engine, builder, generations, player, observer, watcher, isolated, tell, signal })
  using _keys = listenToKeys(session, () => quit.abort(over), fail)
  const interrupt = () => {
    process.exitCode = exitCodes.interrupted
    quit.abort(over)
  }
  for (const name of signals) process.once(name, interrupt)
  // Whoever read the events has gone.
  process.stdout.once('error', () => quit.abort(over))
  try {
    void session.start().catch(fail)
    await ended
    if (!session.hasPlayed) process.exitCode ??= exitCodes.buildFailed
    tell({ event: 'quit' })
  } finally {
    for (const name of signals) process.off(name, interrupt)
    close()
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** The reason of an end that was asked for. */
const over = new Error('quit')
