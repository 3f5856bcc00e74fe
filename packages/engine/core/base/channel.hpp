// SPDX-License-Identifier: MIT
// Messages between two processes, whole and in order.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace arranger {

class Channel {
 public:
  using Clock = std::chrono::steady_clock;
  // POSIX: one socket, twice; Windows: the ends of two pipes.
  using Handle = std::intptr_t;
  static constexpr Handle none = -1;
  static constexpr std::uint32_t greatest_message = 1u << 28;  // bytes
  enum class State { open, closed, late };

  Channel() = default;
  Channel(Handle in, Handle out) : in_(in), out_(out) {}
  Channel(Channel &&other) noexcept : in_(std::exchange(other.in_, none)), out_(std::exchange(other.out_, none)) {}
  Channel &operator=(Channel &&other) noexcept {
    std::swap(in_, other.in_);
    std::swap(out_, other.out_);
    return *this;
  }
  ~Channel() { close(); }

  // One thread at a time each. closed: the other process is gone, or writes what is no message. late: nothing more can be
  // sent or received after it, since half a message may be on its way. [control]
  State send(std::string_view message, Clock::time_point deadline);
  State receive(std::string &message, Clock::time_point deadline);
  // Returns when the other process is gone. [control]
  void wait_for_end() const;
  void close();

 private:
  State write(const char *bytes, std::size_t count, Clock::time_point deadline);
  State read(char *bytes, std::size_t count, Clock::time_point deadline);

  Handle in_ = none, out_ = none;
};

}  // namespace arranger
