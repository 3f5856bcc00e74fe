// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, parse, resolve } from 'node:path'
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

interface Reply {
  configurations: { name: string; targets: { jsonFile: string }[] }[]
}

/** The loadable libraries that a build tree makes, as CMake's own file API says: absolute paths. */
function librariesIn(tree: string): string[] {
  const replies = join(tree, '.cmake/api/v1/reply')
  const read = (name: string) => JSON.parse(readFileSync(join(replies, name), 'utf8')) as unknown
  const name = readdirSync(replies).find((one) => one.startsWith('codemodel-v2'))
  const { configurations } = read(name ?? 'codemodel-v2') as Reply
  const targets = configurations.find((one) => one.name === configuration)?.targets ?? []
  return targets
    .map(({ jsonFile }) => read(jsonFile) as { type: string; artifacts?: { path: string }[] })
    .filter(({ type }) => type === 'MODULE_LIBRARY')
    .flatMap(({ artifacts = [] }) => artifacts.map(({ path }) => resolve(tree, path)))
    .filter((path) => ['.so', '.dylib', '.dll'].includes(parse(path).ext))
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
  const query = join(tree, '.cmake/api/v1/query')
  mkdirSync(query, { recursive: true })
  writeFileSync(join(query, 'codemodel-v2'), '')
  await cmake(['-S', project.folder, '-B', tree, `-DCMAKE_BUILD_TYPE=${configuration}`])
  await cmake(['--build', tree, '--config', configuration, '--parallel'])
  const here = { platform: process.platform, arch: process.arch } as Platform
  for (const path of librariesIn(tree)) {
    const level = levelNames.find((name) => basename(dirname(path)) === name)
    const pattern = project.patterns.find((one) => basename(one) === parse(path).name)
    if (pattern === undefined) continue
    const folder = join(project.folder, dirname(placeFor(pattern, here)))
    copyTo(level ? join(folder, level) : folder, path)
    if (!level) copyTo(folder, join(dirname(path), `${parse(path).name}.plugin.json`))
  }
}
