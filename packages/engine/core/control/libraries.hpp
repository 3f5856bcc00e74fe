// SPDX-License-Identifier: MIT
// Plugin libraries and the session that uses them.
#pragma once

#include <filesystem>

#include "control/events.hpp"
#include "engine.hpp"
#include "plugin/registry.hpp"

namespace arranger {

struct ReloadedLibrary {
  LoadedLibrary library;
  GraphChange change;
};

// Loads the library again; nodes of its plugins begin anew with their parameters, all others play on. On an error the old
// code plays on. By the holder of the engine's turn. Errors: as of load_plugin; busy.
Result<ReloadedLibrary> reload_library(Engine &engine, EventHub &events, const std::filesystem::path &path);

// The session with the plugins that the registry has now. By the holder of the engine's turn.
Result<GraphChange> renew(Engine &engine);

// Nodes that were muted when their library was unloaded go on. Takes the engine's turn where there are any. Error: busy.
Result<void> revive(Engine &engine, const LoadedLibrary &library);

// The nodes of the session that use a plugin of the library.
std::vector<std::string> users_of(const Engine &engine, const LoadedLibrary &library);

}  // namespace arranger
