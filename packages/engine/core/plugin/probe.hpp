// SPDX-License-Identifier: MIT
// Opens and registers a library in a child process first, so that a crash, a hang or an exit becomes an error.
#pragma once

#include <chrono>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace arranger {

// A caller has its answer within two seconds, spawning and reaping included.
inline constexpr std::chrono::milliseconds probe_limit{1500};

struct ProbeRequest {
  std::filesystem::path file;                       // what is opened: the private copy
  std::filesystem::path directory;                  // where the original lies
  std::vector<std::filesystem::path> dependencies;  // opened before it
  std::string_view name;                            // for people
};

// Runs the probe. Errors: plugin_crashed, plugin_timeout, plugin_load_failed, plugin_abi_mismatch and
// plugin_probe_unavailable. Blocks for up to `limit`. [control], any number at once.
Result<void> probe_library(const ProbeRequest &request, std::chrono::milliseconds limit = probe_limit);

// The probe program: $ARRANGER_PROBE, else arranger-probe beside this module. Any thread.
std::filesystem::path probe_path();

}  // namespace arranger
