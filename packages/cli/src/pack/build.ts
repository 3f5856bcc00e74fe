// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join, parse } from 'node:path'
import { askForDescription, readDescription } from '../cmake-reply.ts'
import { CliError } from '../failure.ts'
import { levelNames, type Platform, placeFor } from './platforms.ts'
import type { Project } from './project.ts'

const configuration = 'Release'

/** Runs CMake; what it and the compiler say is talk. */
function cmake(args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    // Its standard output is ours to keep clean: it goes to standard error as well.
    const child = spawn('cmake', args, { stdio: ['ignore', process.stderr, process.stderr] })
    child.on('error', (error) => {
      const hint = "'arranger doctor' shows how to install it; --no-build packs what was built before"
      fail(new CliError('build_failed', `cmake could not be started: ${error.message}`, hint))
    })
    child.on('close', (code) => {
      if (code === 0) done()
      else fail(new CliError('build_failed', `cmake ${args[0]} ended with ${code ?? 'a signal'}`))
    })
  })
}

function copyTo(folder: string, path: string): void {
  const place = join(folder, basename(path))
  if (!existsSync(path)) return
  mkdirSync(folder, { recursive: true })
  if (existsSync(place) && realpathSync(place) === realpathSync(path)) return
  copyFileSync(path, place)
}

/**
 * Builds the project for release, in a tree of its own, and puts the libraries of this platform where `arranger.plugins` says
 * that they lie. @throws CliError `build_failed`
 */
export async function build(project: Project): Promise<void> {
  const tree = join(project.folder, 'build', 'pack')
  await askForDescription(tree)
  await cmake(['-S', project.folder, '-B', tree, `-DCMAKE_BUILD_TYPE=${configuration}`])
  await cmake(['--build', tree, '--config', configuration, '--parallel'])
  const here = { platform: process.platform, arch: process.arch } as Platform
  const { modules } = await readDescription(project.folder, tree)
  for (const { file: path } of modules) {
    if (!['.so', '.dylib', '.dll'].includes(parse(path).ext)) continue
    const level = levelNames.find((name) => basename(dirname(path)) === name)
    const pattern = project.patterns.find((one) => basename(one) === parse(path).name)
    if (pattern === undefined) continue
    const folder = join(project.folder, dirname(placeFor(pattern, here)))
    copyTo(level ? join(folder, level) : folder, path)
    if (!level) copyTo(folder, join(dirname(path), `${parse(path).name}.plugin.json`))
  }
}
