// SPDX-License-Identifier: MIT
// Tries libraries in a child process first, so that a crash, a hang or an exit becomes an error.
#pragma once

#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace arranger {

// Of each function of a library. A caller has the answer on one that hangs within two seconds, spawning and reaping
// included.
inline constexpr std::chrono::milliseconds probe_limit{1500};

struct ProbeRequest {
  std::filesystem::path file;                       // what is opened: the private copy
  std::filesystem::path directory;                  // where the original lies
  std::vector<std::filesystem::path> dependencies;  // opened before it
  std::string name;                                 // for people
};

// Opens and registers each library, takes an instance of each of its plugins through a life without a block, and closes
// it: all in one child, and in a fresh one after each that fails. Returns a verdict for each, in their order. Errors:
// plugin_crashed, plugin_timeout, plugin_load_failed, plugin_abi_mismatch, duplicate_id, plugin_probe_unavailable.
// Blocks for up to `limit` per function. [control], any number at once.
std::vector<Result<void>> probe_libraries(std::span<const ProbeRequest> requests,
                                          std::chrono::milliseconds limit = probe_limit);

// The probe program: $ARRANGER_PROBE, else arranger-probe beside this module. Any thread.
std::filesystem::path probe_path();

}  // namespace arranger
