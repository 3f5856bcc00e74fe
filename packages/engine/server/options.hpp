// SPDX-License-Identifier: MIT
// The command line of arranger-server.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "control/server_handler.hpp"

namespace arranger::server {

struct Options {
  std::string address;  // never empty
  AudioEngineConfig engine{.takes_own_rate = true};
  std::vector<std::filesystem::path> plugin_paths;  // directories
  bool exit_when_unused = false;
  bool help = false, version = false;
};

// The words behind the program's name. Errors: invalid_request, out_of_range, device_unavailable, with what was expected.
Result<Options> read_options(const std::vector<std::string> &words);

std::string help_text();

}  // namespace arranger::server
