// SPDX-License-Identifier: MIT
// Waits for clients at an address, which is this server's alone.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "stream.hpp"

namespace arranger::server {

class Listener {
 public:
  // Errors: busy when a server is running there; io_error when the address cannot be had, or is another user's.
  static Result<std::unique_ptr<Listener>> open(const std::string &address);
  virtual ~Listener() = default;

  // Returns when a client has come, at `until` (none: never), and when `wake` was called since the last time.
  // Without `wants_client` it waits for those alone.
  virtual void wait(bool wants_client, std::optional<Stream::Clock::time_point> until) = 0;
  // Any thread, and safe in a signal's handler.
  virtual void wake() = 0;
  // The next client; null when none has come. Error: busy when the system has no more of what a client needs.
  virtual Result<std::shared_ptr<Stream>> accept() = 0;
  // The address is free for others; those who came before can still be let in.
  virtual void withdraw() {}
  // Nobody can come any more, and the address is free for others.
  virtual void close() = 0;
};

}  // namespace arranger::server
