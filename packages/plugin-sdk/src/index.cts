// SPDX-License-Identifier: MIT
// The CommonJS face of the package: the paths that `node -p "require('@arranger/plugin-sdk').cmakeDir"` gives a build.
import path = require('node:path')

export = {
  /** Absolute path of the folder for `find_package(ArrangerPluginSDK CONFIG PATHS …)`. */
  cmakeDir: path.join(__dirname, '../cmake'),
  /** Absolute path of the folder with `arranger/plugin.h` and `arranger/plugin.hpp`, for builds without CMake. */
  includeDir: path.join(__dirname, '../include'),
}
