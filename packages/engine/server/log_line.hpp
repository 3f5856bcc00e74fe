// SPDX-License-Identifier: MIT
// What the server tells whoever started it.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#if !defined(_WIN32)
#include <poll.h>
#include <unistd.h>
#endif

namespace arranger::server {

// One line on stderr, of 4000 bytes at most. It is dropped when nobody reads: a starter that stands still must not stop the
// engine. Any thread.
inline void log_line(std::string_view text) {
  const std::string line = "arranger-server: " + std::string(text.substr(0, 4000)) + '\n';
#if defined(_WIN32)
  std::fwrite(line.data(), 1, line.size(), stderr);
#else
  // A pipe that is ready takes as much as this (PIPE_BUF) without waiting.
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&ready, 1, 0) > 0 && (ready.revents & POLLOUT) != 0) [[maybe_unused]]
    const auto written = ::write(STDERR_FILENO, line.data(), line.size());
#endif
}

}  // namespace arranger::server
