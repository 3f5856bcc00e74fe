// SPDX-License-Identifier: MIT
// What faces show of the plugins without an engine. The registry is one per process.
#pragma once

#include <string>
#include <string_view>

#include "plugin/registry.hpp"

namespace arranger {

// Loads the libraries that came with the engine: $ARRANGER_BUILTIN_PATH, else `plugins` beside this module. Once per process.
const LoadReport &load_builtin_plugins();

// All descriptors as a JSON array. Any thread.
std::string plugins_json();

// Loads a library and answers {"ok", "libraryId", "pluginIds", "error"}. Any thread.
std::string load_plugin_json(std::string_view path);

}  // namespace arranger
