// SPDX-License-Identifier: MIT
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { cmakeDir, includeDir } from '@arranger/plugin-sdk'

/** Where the headers and CMake files of the SDK are. */
export interface Sdk {
  cmakeDir: string
  includeDir: string
}

/** The SDK that the project of a folder has installed, else the one that came with this command. */
export function sdkFor(folder: string): Sdk {
  try {
    const found = createRequire(join(folder, 'package.json')).resolve('@arranger/plugin-sdk/package.json')
    return { cmakeDir: join(dirname(found), 'cmake'), includeDir: join(dirname(found), 'include') }
  } catch {
    return { cmakeDir, includeDir }
  }
}
