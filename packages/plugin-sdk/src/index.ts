// SPDX-License-Identifier: MIT
/**
 * What a TypeScript program and a build need to know of Arranger plugins: the types of their descriptors, which follow
 * the C header `arranger/plugin.h`, and where the headers and CMake files of this package are.
 *
 * @module @arranger/plugin-sdk
 */
import { fileURLToPath } from 'node:url'

export * from './generated/abi.ts'

/** Absolute path of the folder for `find_package(ArrangerPluginSDK CONFIG PATHS …)`. */
export const cmakeDir = fileURLToPath(new URL('../cmake', import.meta.url))

/** Absolute path of the folder with `arranger/plugin.h` and `arranger/plugin.hpp`, for builds without CMake. */
export const includeDir = fileURLToPath(new URL('../include', import.meta.url))
