// @ts-check
// Core, server and plugins, built and tested by CMake alone: with no Node.js on the PATH and with the system's simdjson, as
// on a machine that has no node_modules. Most objects come from ccache; it runs when it is named, and on CI.
import { accessSync, constants, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { root, run, tryRun } from './run.mjs'
import { nativeSuite } from './suites.mjs'
import { installIfPossible } from './system.mjs'

const tree = 'build/without-node'

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The PATH without Node.js: a folder that has it is replaced by one with links to all else that is in it. */
function pathWithoutNode() {
  const hidden = new Set(['node', 'nodejs', 'npm', 'npx', 'pnpm', 'corepack'])
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder, index) => {
      if (![...hidden].some((name) => isProgram(join(folder, name)))) return folder
      const stand = join(root, tree, 'path', String(index))
      rmSync(stand, { recursive: true, force: true })
      mkdirSync(stand, { recursive: true })
      for (const file of readdirSync(folder))
        if (!hidden.has(basename(file))) symlinkSync(join(folder, file), join(stand, file))
      return stand
    })
    .join(delimiter)
}

/** @returns {import('./suites.mjs').Suite} */
export function withoutNodeSuite() {
  return {
    name: 'native without node',
    run: async () => {
      await installIfPossible(['libsimdjson-dev'], () => {})
      const env = { PATH: pathWithoutNode() }
      if ((await tryRun('sh', ['-c', 'command -v node'], { env })).code === 0)
        throw new Error('Node.js is still on the PATH, so nothing was tested')
      // What cmake-js passes for the addon, so that ccache finds what that build has left.
      const flags = '-DCMAKE_CXX_FLAGS=-DBUILDING_NODE_EXTENSION'
      const options = [flags, '-DARRANGER_BUILD_ADDON=OFF', '-DARRANGER_SIMDJSON=system', '-DCMAKE_BUILD_TYPE=Release']
      await run('cmake', ['-S', '.', '-B', tree, '-G', 'Ninja', ...options], { env })
      await run('cmake', ['--build', tree, '--parallel', String(availableParallelism())], { env })
      return nativeSuite(tree, env).run()
    },
  }
}
