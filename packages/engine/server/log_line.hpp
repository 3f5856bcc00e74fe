// SPDX-License-Identifier: MIT
// What the server tells whoever started it.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace arranger::server {

// One line on stderr. Any thread.
inline void log_line(std::string_view text) {
  const std::string line = "arranger-server: " + std::string(text) + '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace arranger::server
