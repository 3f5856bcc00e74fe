// SPDX-License-Identifier: MIT
// Where this user keeps what can be made again.
#pragma once

#include <filesystem>

namespace arranger {

// $ARRANGER_CACHE_DIR, else the engine's folder in the user's cache directory: $XDG_CACHE_HOME or ~/.cache,
// ~/Library/Caches, %LOCALAPPDATA%. Empty when there is none, or when the variable is set to nothing. It may not exist
// yet. Any thread.
std::filesystem::path cache_directory();

}  // namespace arranger
