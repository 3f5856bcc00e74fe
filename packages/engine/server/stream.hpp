// SPDX-License-Identifier: MIT
// The bytes to and from one client, and waiting for them. One thread at a time uses it; only `wake` is for all.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace arranger::server {

class Stream {
 public:
  using Clock = std::chrono::steady_clock;
  struct Ready {
    bool to_read = false, to_write = false;
    bool has_hung_up = false;  // it takes nothing any more; what it has sent can still be read
  };

  virtual ~Stream() = default;

  // Returns when something that is wanted can be done, at `until` (none: never), when the client has gone, and when `wake`
  // was called since the last time.
  virtual Ready wait(bool to_read, bool to_write, std::optional<Clock::time_point> until) = 0;
  // Any thread, and whatever has become of the client.
  virtual void wake() = 0;

  // How many bytes came: 0 when there are none now; none when there will be no more.
  virtual std::optional<std::size_t> read(std::span<char> room) = 0;
  // How many bytes of both, one behind the other, were taken: fewer when there is no more room now; none when there never
  // will be.
  virtual std::optional<std::size_t> write(std::string_view first, std::string_view second) = 0;
  // Whether a thread that is not the client's own, and may end before all is gone, may call `write`.
  virtual bool may_be_written_by_any() const { return true; }
  // The client finds an end behind what was written; what it writes can still be read.
  virtual void end_writing() = 0;
  // The client is let go.
  virtual void close() = 0;
};

}  // namespace arranger::server
